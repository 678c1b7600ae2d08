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

std::string Headline(const Mention& mention, absl::Time now, int width,
                     const TextStyle& style) {
  const std::string number = absl::StrCat("#", mention.pull_request());
  const std::string action =
      absl::StrCat(" ", std::string(ActionOf(mention.source())), " ");
  std::string when = When(mention, now);
  if (!when.empty()) when = absl::StrCat(" · ", when);
  const int rest = DisplayWidth(action) + DisplayWidth(number);
  // If the terminal is too narrow, the time is left out first, then the name is
  // cut. Logins have at most 39 characters, so most terminals are wide enough.
  std::string author = mention.author().empty() ? "a deleted account"
                                                : Printable(mention.author());
  if (DisplayWidth(author) + rest + DisplayWidth(when) > width) when.clear();
  author = CutEnd(author, std::max(width - rest, 8));
  return absl::StrCat(Styled(style, kAuthorStyle, author), action,
                      Styled(style, kNumberStyle, number),
                      Styled(style, kDimStyle, when));
}

}  // namespace

std::string MentionText(const Mention& mention, std::string_view login,
                        absl::Time now, int width, const TextStyle& style) {
  constexpr int kIndent = 2;
  const Excerpt excerpt = MakeExcerpt(mention.body(), login, width - kIndent);
  return absl::StrCat(
      Headline(mention, now, width, style), "\n  ", excerpt.before,
      Styled(style, kMentionStyle, excerpt.mention), excerpt.after, "\n  ",
      Styled(style, kDimStyle, Linked(style, Printable(mention.url()))),
      "\n\n");
}

}  // namespace mentiond
