#include "client/mention_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "client/display_width.h"
#include "client/excerpt.h"
#include "client/printable.h"
#include "client/relative_time.h"
#include "lib/base/proto_time.h"

namespace mentiond {
namespace {

using ::mentions::v1::Mention;

// What the author did; the number of where follows.
std::string_view Deed(::mentions::v1::Source source) {
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
      // A newer server may know more sources than this program.
      return "wrote in";
  }
}

// "2 years ago", or "2 years ago, updated 3 min ago" where that says more.
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

std::string Headline(const Mention& mention, absl::Time now, int width,
                     const TextStyle& style) {
  const std::string number = absl::StrCat("#", mention.pull_request());
  const std::string deed =
      absl::StrCat(" ", std::string(Deed(mention.source())), " ");
  std::string when = When(mention, now);
  if (!when.empty()) when = absl::StrCat(" · ", when);
  const int rest = DisplayWidth(deed) + DisplayWidth(number);
  // On a narrow terminal the time goes first, then the end of the name; a
  // login has at most 39 characters, so that most are wide enough.
  std::string author = mention.author().empty() ? "a deleted account"
                                                : Printable(mention.author());
  if (DisplayWidth(author) + rest + DisplayWidth(when) > width) when.clear();
  author = CutEnd(author, std::max(width - rest, 8));
  return absl::StrCat(Styled(style, kWho, author), deed,
                      Styled(style, kWhere, number),
                      Styled(style, kAside, when));
}

}  // namespace

std::string MentionText(const Mention& mention, std::string_view login,
                        absl::Time now, int width, const TextStyle& style) {
  constexpr int kIndent = 2;
  const Excerpt excerpt = MakeExcerpt(mention.body(), login, width - kIndent);
  return absl::StrCat(
      Headline(mention, now, width, style), "\n  ", excerpt.before,
      Styled(style, kHit, excerpt.mention), excerpt.after, "\n  ",
      Styled(style, kAside, Linked(style, Printable(mention.url()))), "\n\n");
}

}  // namespace mentiond
