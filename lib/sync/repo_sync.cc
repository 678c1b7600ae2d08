#include "lib/sync/repo_sync.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "absl/time/time.h"

#include "lib/github/delay.h"
#include "lib/github/response_status.h"
#include "lib/http/http.h"
#include "lib/subscription/progress.h"
#include "lib/sync/search_history.h"

namespace mentiond {
namespace {

// GitHub declares its responses fresh for that long; what is older than a
// response does not change without moving to a later page.
constexpr absl::Duration kFreshness = absl::Minutes(1);
// When the issues listing shows an update, the others may show why a little
// later.
constexpr int kBusyPolls = 3;
// Of a full read, beside a poll: it must not delay what is new.
constexpr int kFullReadPagesPerPoll = 10;

constexpr std::array<Listing, 2> kCommentListings = {Listing::kIssueComments,
                                                     Listing::kReviewComments};

}  // namespace

RepoSync::RepoSync(GitHubClient& github, const Clock& clock,
                   const Subscription& subscription, Outbox& outbox)
    : clock_(clock),
      subscription_(subscription),
      outbox_(outbox),
      repository_(github, subscription.repo, subscription.token),
      pulls_(repository_, clock, subscription, outbox) {}

asio::awaitable<absl::Status> RepoSync::Read(const StreamId& stream,
                                             ReadOptions options) {
  if (!outbox_.progress().synced) {
    absl::Status status = co_await ReadHistory(stream);
    if (!status.ok()) co_return status;
    options = {.all_listings = true};
  }
  co_return co_await ReadUpdates(stream, options);
}

absl::btree_set<mentions::v1::Gap> RepoSync::Gaps() const {
  absl::btree_set<mentions::v1::Gap> gaps;
  const SourceSet& sources = subscription_.sources;
  if (outbox_.progress().history == mentions::v1::HISTORY_SEARCH) {
    gaps.insert(mentions::v1::GAP_SEARCH_INDEX);
  }
  if (pulls_.without_graphql() &&
      (sources.NeedsPulls() || sources.NeedsIssues())) {
    gaps.insert(repository_.is_anonymous() ? mentions::v1::GAP_ANONYMOUS
                                           : mentions::v1::GAP_NO_GRAPHQL);
  }
  return gaps;
}

asio::awaitable<absl::Status> RepoSync::ReadHistory(const StreamId& stream) {
  const Progress& progress = outbox_.progress();
  const bool is_done = progress.last_full_read.has_value();
  if (progress.history == mentions::v1::HISTORY_NONE) {
    if (is_done) co_return absl::OkStatus();
    co_return co_await SkipHistory(stream);
  }
  if (progress.history == mentions::v1::HISTORY_SEARCH) {
    if (is_done) co_return absl::OkStatus();
    if (!repository_.is_anonymous() && subscription_.target.is_user()) {
      SearchHistory search(stream, repository_, clock_, subscription_, outbox_);
      const auto found = co_await search.Read();
      if (!found.ok()) co_return found.status();
      if (*found) co_return absl::OkStatus();
    }
    // What was delivered before an interruption was found by the search: then
    // the gap stays.
    if (!outbox_.HasDelivered()) {
      outbox_.SetHistory(mentions::v1::HISTORY_COMPLETE);
    }
  }
  absl::Status status = co_await ReadCompleteHistory(stream);
  for (const ListingReader& reader : history_readers_) {
    pages_before_ += reader.pages_done();
  }
  history_readers_.clear();
  co_return status;
}

asio::awaitable<absl::Status> RepoSync::ReadCompleteHistory(
    const StreamId& stream) {
  // All first pages first: they tell how many pages there are.
  ListingReader* issues = nullptr;
  if (Needs(Listing::kIssues) && !outbox_.progress().last_full_read) {
    if (!outbox_.progress().full_read) outbox_.BeginFullRead(clock_.Now());
    issues = &history_readers_.emplace_back(FullReader(Priority::kHistory));
  }
  std::vector<ListingReader*> comments;
  for (const Listing listing : kCommentListings) {
    if (!Needs(listing)) continue;
    comments.push_back(
        &history_readers_.emplace_back(ReaderOf(listing, Priority::kHistory)));
  }
  for (ListingReader& reader : history_readers_) {
    absl::Status status = co_await reader.Open();
    if (!status.ok()) co_return status;
  }

  absl::Status pulls;
  if (issues != nullptr) {
    pulls = co_await pulls_.ContinueFullRead(stream, *issues,
                                             std::numeric_limits<int>::max(),
                                             [this] { return ShowProgress(); });
    if (!pulls.ok() && !IsTransient(pulls)) co_return pulls;
  }
  // Comments do not wait until pull requests can be read again.
  for (ListingReader* reader : comments) {
    absl::Status status = co_await ReadComments(*reader);
    if (!status.ok()) co_return status;
  }
  co_return pulls;
}

// Begins at the latest updates, and counts what they show as delivered.
asio::awaitable<absl::Status> RepoSync::SkipHistory(const StreamId& stream) {
  const absl::Time now = clock_.Now();
  for (const Listing listing :
       {Listing::kIssues, Listing::kIssueComments, Listing::kReviewComments}) {
    if (!Needs(listing)) continue;
    const auto latest = co_await repository_.LatestUpdate(listing);
    if (!latest.ok()) co_return latest.status();
    if (!*latest) continue;
    outbox_.SetHighWaterMark(listing, **latest);
    if (listing == Listing::kIssues) {
      outbox_.RaisePullFloors(**latest - kOverlap);
    }
  }
  outbox_.SetMuted(true);
  absl::Status status = co_await ReadUpdates(stream, {.all_listings = true});
  outbox_.SetMuted(false);
  if (status.ok()) outbox_.SkipFullRead(now);
  co_return status;
}

asio::awaitable<absl::Status> RepoSync::ReadUpdates(const StreamId& stream,
                                                    ReadOptions options) {
  absl::Status pulls = co_await ReadPulls(stream, options);
  if (!pulls.ok() && !IsTransient(pulls)) co_return pulls;
  if (pulls_.updates_seen() != updates_handled_) {
    updates_handled_ = pulls_.updates_seen();
    busy_polls_ = kBusyPolls;
  }
  if (IsWithoutConnection(pulls)) co_return pulls;
  // Comments do not wait until pull requests can be read again.
  if (options.all_listings || busy_polls_ > 0 || !Needs(Listing::kIssues)) {
    for (const Listing listing : kCommentListings) {
      if (!Needs(listing)) continue;
      ListingReader comments = ReaderOf(listing, Priority::kLive);
      absl::Status status = co_await ReadComments(comments);
      if (!status.ok()) co_return status;
    }
  }
  // A poll that failed is repeated.
  if (pulls.ok()) busy_polls_ = std::max(0, busy_polls_ - 1);
  co_return pulls;
}

asio::awaitable<absl::Status> RepoSync::ReadPulls(const StreamId& stream,
                                                  ReadOptions options) {
  if (!Needs(Listing::kIssues)) co_return absl::OkStatus();
  ListingReader issues = ReaderOf(Listing::kIssues, Priority::kLive);
  const bool retry = options.all_listings || busy_polls_ > 0;
  absl::Status status = co_await pulls_.ReadUpdated(stream, issues, retry);
  const Progress& progress = outbox_.progress();
  if (!status.ok() || !progress.synced || pulls_.without_graphql() ||
      (!options.full_read && !progress.full_read)) {
    co_return status;
  }
  if (!progress.full_read) outbox_.BeginFullRead(clock_.Now());
  ListingReader all = FullReader(Priority::kHistory);
  co_return co_await pulls_.ContinueFullRead(
      stream, all, kFullReadPagesPerPoll,
      []() -> asio::awaitable<absl::Status> { co_return absl::OkStatus(); });
}

asio::awaitable<absl::Status> RepoSync::ReadComments(ListingReader& comments) {
  while (true) {
    const auto page = co_await comments.Next();
    if (!page.ok()) co_return page.status();
    if (*page == nullptr) co_return absl::OkStatus();
    absl::Status status =
        co_await outbox_.OfferPage(comments.listing(), **page);
    if (!status.ok()) co_return status;
    status = co_await ShowProgress();
    if (!status.ok()) co_return status;
  }
}

// Only a history has an end worth waiting for.
asio::awaitable<absl::Status> RepoSync::ShowProgress() {
  if (history_readers_.empty()) co_return absl::OkStatus();
  uint32_t done = pages_before_;
  uint32_t total = pages_before_;
  for (const ListingReader& reader : history_readers_) {
    done += reader.pages_done();
    total += reader.pages_total();
  }
  co_return co_await outbox_.ShowProgress(done, total);
}

ListingReader RepoSync::ReaderOf(Listing listing, Priority priority) {
  ListingQuery query = {.listing = listing,
                        .since = outbox_.progress().ReadFrom(listing),
                        .priority = priority};
  if (priority == Priority::kHistory) {
    query.good_since = clock_.Now() - kFreshness;
  }
  return ListingReader(repository_, query);
}

ListingReader RepoSync::FullReader(Priority priority) {
  const Progress& progress = outbox_.progress();
  ListingQuery query = {.listing = Listing::kIssues,
                        .since = progress.since,
                        .priority = priority,
                        .good_since = clock_.Now() - kFreshness};
  if (progress.full_read->high_water_mark) {
    query.since = progress.full_read->high_water_mark;
  }
  return ListingReader(repository_, query);
}

}  // namespace mentiond
