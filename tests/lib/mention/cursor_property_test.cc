// The cursor under random histories of a listing, read in pages, broken off
// anywhere, and carried on in tokens with and without enough room.
// $MENTIOND_STORIES sets how many histories are told.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"

#include "lib/mention/cursor.h"

namespace mentiond {
namespace {

enum class Deed : uint8_t {
  kComment,
  kLateComment,  // visible some time after its time
  kBurst,        // many in one second
  kEdit,
  kPull,   // a description
  kTouch,  // its pull request moves, its text stays
  kReword,
  kRead,
  kBreak,    // reads some, and goes on from what is saved then
  kJourney,  // goes on from what is saved now
};

struct Act {
  Deed deed = Deed::kRead;
  uint32_t a = 0;
  uint32_t b = 0;
};

std::ostream& operator<<(std::ostream& out, const Act& act) {
  constexpr const char* kNames[] = {"comment", "late comment", "burst",  "edit",
                                    "pull",    "touch",        "reword", "read",
                                    "break",   "journey"};
  return out << kNames[static_cast<size_t>(act.deed)] << " " << act.a << " "
             << act.b;
}

}  // namespace
}  // namespace mentiond

namespace rc {

template <>
struct Arbitrary<mentiond::Act> {
  static Gen<mentiond::Act> arbitrary() {
    using mentiond::Act;
    using mentiond::Deed;
    return gen::build<Act>(gen::set(&Act::deed, gen::weightedElement<Deed>({
                                                    {4, Deed::kComment},
                                                    {4, Deed::kLateComment},
                                                    {2, Deed::kBurst},
                                                    {3, Deed::kEdit},
                                                    {2, Deed::kPull},
                                                    {2, Deed::kTouch},
                                                    {2, Deed::kReword},
                                                    {4, Deed::kRead},
                                                    {3, Deed::kBreak},
                                                    {3, Deed::kJourney},
                                                })),
                           gen::set(&Act::a, gen::inRange<uint32_t>(0, 1000)),
                           gen::set(&Act::b, gen::inRange<uint32_t>(0, 1000)));
  }
};

}  // namespace rc

namespace mentiond {
namespace {

class World {
 public:
  // In the room that a token has, or less.
  explicit World(size_t room) : room_(room) {}

  void Run(const std::vector<Act>& acts) {
    for (const Act& act : acts) {
      Do(act);
      now_ += absl::Seconds(act.b % 50);
    }
    Settle();
  }

  // By text: each version has one of its own.
  std::map<std::string, int> expected;
  std::map<std::string, int> delivered;

 private:
  struct Text {
    Item item;
    absl::Time visible_at;
  };

  void Do(const Act& act) {
    switch (act.deed) {
      case Deed::kComment:
        Add(Source::SOURCE_PULL_REQUEST_COMMENT, now_, now_);
        break;
      case Deed::kLateComment:
        Add(Source::SOURCE_PULL_REQUEST_COMMENT, now_,
            now_ + absl::Seconds(act.a % 120));
        break;
      case Deed::kBurst:
        for (uint32_t i = 0; i < act.a % 40; ++i) {
          Add(Source::SOURCE_PULL_REQUEST_COMMENT, now_, now_);
        }
        break;
      case Deed::kPull:
        Add(Source::SOURCE_PULL_REQUEST, now_, now_);
        break;
      case Deed::kEdit:
      case Deed::kTouch:
      case Deed::kReword: {
        const Source source = act.deed == Deed::kEdit
                                  ? Source::SOURCE_PULL_REQUEST_COMMENT
                                  : Source::SOURCE_PULL_REQUEST;
        std::vector<Text*> texts;
        for (Text& text : texts_) {
          if (text.item.source == source) texts.push_back(&text);
        }
        if (texts.empty()) break;
        // What is overwritten unseen is lost for everybody.
        Settle();
        Item& item = texts[act.a % texts.size()]->item;
        item.updated_at = now_;
        if (act.deed != Deed::kTouch) Write(item);
        break;
      }
      case Deed::kRead:
        ReadAll();
        break;
      case Deed::kBreak: {
        Read(act.b % 2 == 0 ? Listing::kIssues : Listing::kIssueComments,
             act.a % 20);
        Journey();
        break;
      }
      case Deed::kJourney:
        Journey();
        break;
    }
  }

  void Add(Source source, absl::Time time, absl::Time visible_at) {
    Text text;
    text.item.source = source;
    text.item.id = text.item.number = ++ids_;
    text.item.updated_at = time;
    text.visible_at = visible_at;
    Write(text.item);
    texts_.push_back(text);
  }

  void Write(Item& item) {
    item.body = absl::StrCat("@octocat ", ++versions_);
    ++expected[item.body];
  }

  // Up to so many items, in pages of three.
  void Read(Listing listing, size_t most) {
    const absl::Time from =
        cursor_.ReadFrom(listing).value_or(absl::InfinitePast());
    std::vector<const Item*> items;
    for (const Text& text : texts_) {
      const bool is_comment =
          text.item.source == Source::SOURCE_PULL_REQUEST_COMMENT;
      if (is_comment == (listing == Listing::kIssueComments) &&
          text.visible_at <= now_ && text.item.updated_at >= from) {
        items.push_back(&text.item);
      }
    }
    std::stable_sort(items.begin(), items.end(),
                     [](const Item* a, const Item* b) {
                       return a->updated_at < b->updated_at;
                     });
    const size_t count = std::min(items.size(), most);
    for (size_t i = 0; i < count; ++i) {
      if (cursor_.Observe(*items[i], true)) ++delivered[items[i]->body];
      if (i % 3 == 2 || i + 1 == items.size()) {
        cursor_.Advance(listing, items[i]->updated_at);
      }
    }
  }

  void ReadAll() {
    Read(Listing::kIssues, texts_.size());
    Read(Listing::kIssueComments, texts_.size());
  }

  void Settle() {
    now_ += absl::Seconds(121);
    ReadAll();
  }

  void Journey() {
    state::ResumeState state;
    cursor_.Save(room_, state);
    cursor_ = Cursor(std::nullopt, absl::Minutes(2));
    RC_ASSERT(cursor_.Load(state));
  }

  const size_t room_;
  absl::Time now_ = absl::FromUnixSeconds(1'700'000'000);
  Cursor cursor_{std::nullopt, absl::Minutes(2)};
  std::vector<Text> texts_;
  int64_t ids_ = 0;
  int versions_ = 0;
};

class CursorPropertyTest : public testing::Test {
 protected:
  CursorPropertyTest() {
    const char* wish = std::getenv("MENTIOND_STORIES");
    int stories = 0;
    if (wish == nullptr || !absl::SimpleAtoi(wish, &stories)) stories = 5000;
    setenv("RC_PARAMS",
           absl::StrCat("max_success=", stories, " max_size=60").c_str(), 1);
  }
};

TEST_F(CursorPropertyTest, WithRoomEachVersionIsDeliveredOnce) {
  int stories = 0;
  EXPECT_TRUE(rc::check([&](const std::vector<Act>& acts) {
    World world(/*room=*/3000);
    world.Run(acts);
    RC_ASSERT(world.delivered == world.expected);
    ++stories;
  }));
  std::cout << stories << " histories\n";
}

TEST_F(CursorPropertyTest, WithoutRoomNoVersionIsDeliveredTwice) {
  int stories = 0;
  size_t lost = 0;
  EXPECT_TRUE(rc::check([&](const std::vector<Act>& acts, uint8_t room) {
    World world(room);
    world.Run(acts);
    for (const auto& [body, times] : world.delivered) RC_ASSERT(times == 1);
    lost += world.expected.size() - world.delivered.size();
    ++stories;
  }));
  std::cout << stories << " histories, " << lost << " versions lost\n";
}

}  // namespace
}  // namespace mentiond
