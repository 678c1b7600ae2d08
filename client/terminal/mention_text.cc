#include "client/terminal/mention_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/str_cat.h"

#include "client/terminal/display_width.h"
#include "client/terminal/excerpt.h"
#include "client/terminal/printable.h"
#include "client/terminal/relative_time.h"
#include "lib/base/proto_time.h"

namespace mentiond::terminal {
namespace {

using ::mentions::v1::Mention;

// Less of a title says nothing.
constexpr int kMinTitleWidth = 12;

// What the author did; the number of the pull request or issue follows.
std::string_view ActionOf(::mentions::v1::Source source) {
  switch (source) {
    case ::mentions::v1::SOURCE_PULL_REQUEST:
      return "opened pull request";
    case ::mentions::v1::SOURCE_PULL_REQUEST_COMMENT:
      return "commented on pull request";
    case ::mentions::v1::SOURCE_REVIEW_COMMENT:
      return "commented on the diff of pull request";
    case ::mentions::v1::SOURCE_REVIEW:
      return "reviewed pull request";
    case ::mentions::v1::SOURCE_ISSUE:
      return "opened issue";
    case ::mentions::v1::SOURCE_ISSUE_COMMENT:
      return "commented on issue";
    default:
      // A source that only a newer server knows.
      return "wrote in";
  }
}

// "2 years ago", or "2 years ago, updated 3 min ago" if the two differ.
std::string When(const Mention& mention, absl::Time now) {
  std::string created = mention.has_created_at()
                            ? RelativeTime(FromProto(mention.created_at()), now)
                            : "";
  const std::string updated =
      mention.has_updated_at()
          ? RelativeTime(FromProto(mention.updated_at()), now)
          : "";
  if (updated.empty() || updated == created) return created;
  if (created.empty()) return absl::StrCat("updated ", updated);
  return absl::StrCat(created, ", updated ", updated);
}

std::string Headline(const Mention& mention, std::string_view repo,
                     absl::Time now, int width, const TextStyle& style) {
  // As GitHub writes references: "#12", or "owner/name#12" from elsewhere.
  const std::string number =
      absl::StrCat(Printable(repo), "#", mention.pull_request());
  const std::string action =
      absl::StrCat(" ", std::string(ActionOf(mention.source())), " ");
  std::string when = When(mention, now);
  if (!when.empty()) when = absl::StrCat(" · ", when);
  int rest = DisplayWidth(action) + DisplayWidth(number);
  // If the terminal is too narrow, the time is left out first, then the title,
  // then the name is cut. Logins have at most 39 characters, so most terminals
  // are wide enough.
  std::string author = mention.author().empty() ? "a deleted account"
                                                : Printable(mention.author());
  rest += DisplayWidth(author);
  if (rest + DisplayWidth(when) > width) when.clear();
  std::string title = Printable(mention.title());
  if (!title.empty()) {
    const int left = width - rest - DisplayWidth(when) - 1;
    title = left < kMinTitleWidth ? "" : absl::StrCat(" ", CutEnd(title, left));
  }
  author = CutEnd(author, std::max(width - rest + DisplayWidth(author), 8));
  return absl::StrCat(Styled(style, kAuthorStyle, author), action,
                      Styled(style, kNumberStyle, number), title,
                      Styled(style, kDimStyle, when));
}

}  // namespace

std::string MentionText(const Mention& mention, std::string_view repo,
                        absl::Time now, int width, const TextStyle& style) {
  constexpr int kIndent = 2;
  const std::optional<size_t> offset =
      mention.offsets().empty() ? std::nullopt
                                : std::optional<size_t>(mention.offsets(0));
  const Excerpt excerpt = MakeExcerpt(mention.body(), offset, width - kIndent);
  return absl::StrCat(
      Headline(mention, repo, now, width, style), "\n  ", excerpt.before,
      Styled(style, kMentionStyle, excerpt.mention), excerpt.after, "\n  ",
      Styled(style, kDimStyle, Linked(style, Printable(mention.url()))),
      "\n\n");
}

}  // namespace mentiond::terminal
