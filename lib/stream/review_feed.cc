#include "lib/stream/review_feed.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"

#include "lib/github/answer_status.h"
#include "lib/github/delay.h"
#include "lib/github/urls.h"
#include "lib/stream/events.h"

namespace mentiond {
namespace {

// A pull request has a few pages of reviews; more is a listing that links in
// circles.
constexpr int kMaxPages = 1000;

// After so many it is not one pull request's fault.
constexpr int kMaxFailures = 3;

// A history waits for so many rounds for a pull request that can't be read when
// all others can: about a minute.
constexpr int kPatientRounds = 6;
// And for ever when the others have so many mentions: until it can be read each
// of them takes its place in the resume token, which has to hold them all.
constexpr size_t kMaxPartial = 200;

}  // namespace

ReviewFeed::ReviewFeed(GitHubClient& github, const Clock& clock,
                       const Subscription& subscription, Delivery& delivery)
    : github_(github),
      clock_(clock),
      subscription_(subscription),
      delivery_(delivery),
      is_wanted_(subscription.sources.Contains(Source::SOURCE_REVIEW)),
      changed_pulls_(kOverlap) {}

void ReviewFeed::Note(const Item& item) {
  if (!is_wanted_ || item.source != Source::SOURCE_PULL_REQUEST) return;
  changed_pulls_.Note(item.number, item.updated_at, clock_.Now());
}

void ReviewFeed::HasRead(absl::Time latest) {
  changed_pulls_.ForgetBefore(latest - kOverlap);
}

void ReviewFeed::BeginRound(const std::string& repo_url, Priority priority) {
  changed_pulls_.BeginRound();
  repo_url_ = repo_url;
  priority_ = priority;
  until_ = delivery_.cursor().Furthest(Listing::kIssues);
  if (auto& scan = delivery_.point().scan; scan && until_) {
    // What moved later than that can still show more at the same time.
    scan->SetUntil(*until_ - kOverlap);
  }
  failure_ = absl::OkStatus();
  failures_ = 0;
}

asio::awaitable<absl::StatusOr<bool>> ReviewFeed::Step() {
  const std::optional<ChangedPulls::Due> pull = changed_pulls_.Next();
  if (!pull || IsLimit(failure_) || failures_ == kMaxFailures) co_return false;
  const absl::Time began = clock_.Now();
  const size_t found = found_.size();
  absl::Status status;
  if (!IsScanned(*pull)) status = co_await Read(*pull);
  if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status)) {
    // GitHub removes pull requests; that the repository is gone would show in
    // its listings.
    LOG(INFO) << subscription_.repo.ToString() << " has no reviews of #"
              << pull->number << " any more: " << status.message();
    status = absl::OkStatus();
  }
  if (!status.ok()) {
    if (!IsTransient(status)) co_return status;
    failure_ = status;
    ++failures_;
    changed_pulls_.Postpone(pull->number);
  } else {
    changed_pulls_.MarkRead(pull->number, began);
    ++pages_done_;
  }
  if (auto& scan = delivery_.point().scan) {
    // What could not be read is to be read again, and so is what moved just
    // now, which can show more at the same time of its own.
    const bool settled = status.ok() && began >= pull->complete_since;
    scan->MarkRead(pull->number, found_.size() > found || !settled);
  }
  co_return true;
}

// Whether it was read before a break, and nothing found in it.
bool ReviewFeed::IsScanned(const ChangedPulls::Due& pull) {
  const auto& scan = delivery_.point().scan;
  return scan && scan->Skips(pull.number, pull.updated_at);
}

asio::awaitable<absl::Status> ReviewFeed::Read(ChangedPulls::Due pull) {
  std::string url = PullUrl(Listing::kReviews, repo_url_, pull.number);
  for (int pages = 0; !url.empty(); ++pages) {
    if (pages == kMaxPages) {
      co_return absl::UnavailableError("GitHub's list of reviews has no end");
    }
    PageQuery query = {.listing = Listing::kReviews,
                       .url = url,
                       .token = subscription_.token,
                       .priority = priority_,
                       .good_since = pull.complete_since};
    const auto page = co_await github_.FetchPage(std::move(query));
    if (!page.ok()) co_return page.status();
    for (const Item& item : (*page)->items) {
      if (!delivery_.cursor().IsNew(item)) continue;
      const auto mentions = co_await delivery_.Mentions(item);
      if (!mentions.ok()) co_return mentions.status();
      if (*mentions) found_.push_back(item);
    }
    url = (*page)->next_url;
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> ReviewFeed::EndRound() {
  const bool complete = failure_.ok();
  if (!complete && delivery_.point().scan) {
    const bool is_outage = IsLimit(failure_) || failures_ == kMaxFailures;
    if (is_outage || ++partial_rounds_ < kPatientRounds ||
        found_.size() > kMaxPartial) {
      co_return failure_;
    }
  }
  if (absl::Status status = co_await Deliver(complete ? until_ : std::nullopt);
      !status.ok()) {
    co_return status;
  }
  co_return failure_;
}

// `until`: all reviews until then are among those found or were delivered
// before; nullopt: some could not be read.
asio::awaitable<absl::Status> ReviewFeed::Deliver(
    std::optional<absl::Time> until) {
  std::stable_sort(
      found_.begin(), found_.end(),
      [](const Item& a, const Item& b) { return a.updated_at < b.updated_at; });
  const std::vector<Item> reviews = std::exchange(found_, {});
  Cursor& cursor = delivery_.cursor();
  for (const Item& review : reviews) {
    if (!cursor.Observe(review, true)) continue;  // read twice in this round
    if (until) {
      cursor.Advance(Listing::kReviews, std::min(review.updated_at, *until));
    }
    if (absl::Status status = co_await delivery_.Send(MentionEvent(review));
        !status.ok()) {
      co_return status;
    }
  }
  if (until) cursor.Advance(Listing::kReviews, *until);
  co_return absl::OkStatus();
}

}  // namespace mentiond
