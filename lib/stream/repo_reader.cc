#include "lib/stream/repo_reader.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "asio/post.hpp"
#include "asio/use_awaitable.hpp"
#include "glog/logging.h"

#include "lib/base/task_scope.h"
#include "lib/github/answer_status.h"
#include "lib/github/delay.h"
#include "lib/github/urls.h"
#include "lib/mention/extractor.h"
#include "lib/stream/events.h"

namespace mentiond {
namespace {

// An item can become visible this long after its `updated_at`: GitHub's
// listings are read from replicas.
constexpr absl::Duration kOverlap = absl::Minutes(2);

// When the issues listing moves, the others may show why a little later.
constexpr int kBusyPolls = 3;

// A pull request has a few pages of reviews; more is a listing that links in
// circles.
constexpr int kMaxReviewPages = 1000;

// After so many it is not one pull request's fault.
constexpr int kMaxReviewFailures = 3;

// GitHub says for how long its answers are fresh; what is older than an answer
// does not change without moving to a later page.
constexpr absl::Duration kFreshness = absl::Minutes(1);

constexpr int kMinItemsPerPage = 12;

// Which listings have to be read for these sources.
std::vector<Listing> ListingsFor(const SourceSet& sources) {
  std::vector<Listing> listings;
  if (sources.Intersects({Source::SOURCE_PULL_REQUEST, Source::SOURCE_ISSUE,
                          Source::SOURCE_REVIEW})) {
    listings.push_back(Listing::kIssues);
  }
  if (sources.Intersects({Source::SOURCE_PULL_REQUEST_COMMENT,
                          Source::SOURCE_ISSUE_COMMENT})) {
    listings.push_back(Listing::kIssueComments);
  }
  if (sources.Contains(Source::SOURCE_REVIEW_COMMENT)) {
    listings.push_back(Listing::kReviewComments);
  }
  return listings;
}

// Whether it failed for a limit, which other requests would meet, too.
bool IsLimit(const absl::Status& status) {
  const std::optional<Delay> delay = DelayOf(status);
  return delay &&
         delay->reason != mentions::v1::Delayed::REASON_UPSTREAM_UNAVAILABLE;
}

size_t VersionOf(const Item& item) {
  return absl::HashOf(item.id, item.updated_at);
}

}  // namespace

RepoReader::RepoReader(GitHubClient& github, const Clock& clock,
                       const Subscription& subscription, EventQueue& queue)
    : github_(github),
      clock_(clock),
      subscription_(subscription),
      queue_(queue),
      listings_(ListingsFor(subscription.sources)),
      repo_url_(RepoUrl(github.api_url(), subscription.repo)),
      cursor_(subscription.since, kOverlap),
      changed_pulls_(kOverlap) {}

bool RepoReader::WantsReviews() const {
  return subscription_.sources.Contains(Source::SOURCE_REVIEW);
}

asio::awaitable<absl::Status> RepoReader::ReadNews(bool full) {
  const bool has_detector =
      listings_.size() > 1 && listings_.front() == Listing::kIssues;
  for (const Listing listing : listings_) {
    const bool is_detector = has_detector && listing == Listing::kIssues;
    if (has_detector && !is_detector && !full && busy_polls_ == 0) break;
    const auto moved = co_await Read(listing);
    if (!moved.ok()) co_return moved.status();
    if (is_detector && *moved) busy_polls_ = kBusyPolls;
  }
  if (absl::Status status = co_await ReadReviews(Priority::kLive);
      !status.ok()) {
    co_return status;
  }
  // Only now: a poll that failed is made again.
  busy_polls_ = std::max(0, busy_polls_ - 1);
  co_return absl::OkStatus();
}

// One whole reading; whether it had an item that the last one had not.
asio::awaitable<absl::StatusOr<bool>> RepoReader::Read(Listing listing) {
  readings_.clear();
  if (absl::Status status = co_await Begin(listing, Priority::kLive);
      !status.ok()) {
    co_return status;
  }
  if (absl::Status status = co_await Finish(readings_.back()); !status.ok()) {
    co_return status;
  }
  co_return readings_.back().moved;
}

// Reads the first page.
asio::awaitable<absl::Status> RepoReader::Begin(Listing listing,
                                                Priority priority) {
  State& state = states_[listing];
  state.since = NextSince(listing);
  ListingQuery query = {
      .listing = listing,
      .repo_url = repo_url_,
      .token = subscription_.token,
      .since = state.since,
      .priority = priority,
      .per_page =
          std::max(kMinItemsPerPage, kMaxItemsPerPage >> state.failures),
  };
  if (priority == Priority::kHistory) {
    query.good_since = clock_.Now() - kFreshness;
  }
  ListingReader reader(github_, std::move(query));
  auto page = co_await reader.Next();
  if (!page.ok()) co_return NoteFailure(listing, page.status());
  readings_.push_back({.listing = listing,
                       .reader = std::move(reader),
                       .page = *std::move(page)});
  co_return absl::OkStatus();
}

// Delivers the page at hand and all others.
asio::awaitable<absl::Status> RepoReader::Finish(Reading& reading) {
  while (reading.page != nullptr) {
    const auto page = std::exchange(reading.page, nullptr);
    if (absl::Status status = co_await Deliver(reading, *page); !status.ok()) {
      co_return status;
    }
    auto next = co_await reading.reader.Next();
    if (!next.ok()) co_return NoteFailure(reading.listing, next.status());
    reading.page = *std::move(next);
  }
  repo_url_ = reading.reader.repo_url();
  State& state = states_[reading.listing];
  state.versions = reading.versions;
  state.failures = 0;
  state.is_one_page = !state.since && reading.reader.pages_done() == 1;
  if (reading.listing == Listing::kIssues) KeepSeen(reading);
  co_return absl::OkStatus();
}

// Remembers what the next reading is going to show again.
void RepoReader::KeepSeen(const Reading& reading) {
  const std::optional<absl::Time> since = NextSince(reading.listing);
  seen_issues_.clear();
  for (const auto& [updated_at, version] : reading.seen) {
    if (!since || updated_at >= *since) seen_issues_.insert(version);
  }
}

std::optional<absl::Time> RepoReader::NextSince(Listing listing) const {
  const auto state = states_.find(listing);
  return state != states_.end() && state->second.is_one_page
             ? std::nullopt
             : cursor_.ReadFrom(listing);
}

asio::awaitable<absl::Status> RepoReader::Deliver(Reading& reading,
                                                  const Page& page) {
  reading.versions.push_back(page.version);
  const std::vector<uint64_t>& seen = states_[reading.listing].versions;
  const bool has_news =
      std::find(seen.begin(), seen.end(), page.version) == seen.end();
  for (const Item& item : page.items) {
    if (reading.listing == Listing::kIssues) {
      reading.seen.emplace_back(item.updated_at, VersionOf(item));
      if (!seen_issues_.contains(VersionOf(item))) reading.moved = true;
    }
    if (!has_news) continue;
    if (WantsReviews() && item.source == Source::SOURCE_PULL_REQUEST) {
      changed_pulls_.Note(item.number, item.updated_at, clock_.Now());
    }
    const auto is_new_mention = co_await IsNew(item);
    if (!is_new_mention.ok()) co_return is_new_mention.status();
    if (!*is_new_mention) continue;
    if (absl::Status status = co_await queue_.Push(MentionEvent(item));
        !status.ok()) {
      co_return status;
    }
  }
  if (page.latest) {
    cursor_.Advance(reading.listing, *page.latest);
    if (reading.listing == Listing::kIssues) {
      changed_pulls_.ForgetBefore(*page.latest - kOverlap);
    }
  }
  co_return co_await SendProgress();
}

absl::Status RepoReader::NoteFailure(Listing listing, absl::Status status) {
  if (IsTransient(status) && !IsLimit(status)) {
    // Beyond that no page gets smaller.
    constexpr int kMaxHalvings = 4;
    int& failures = states_[listing].failures;
    failures = std::min(failures + 1, kMaxHalvings);
  }
  return status;
}

asio::awaitable<absl::Status> RepoReader::ReadHistory() {
  if (history_ == History::kNotBegun) {
    if (absl::Status status = co_await BeginHistory(); !status.ok()) {
      co_return status;
    }
  }
  absl::Status status;
  if (history_ == History::kListings) {
    status = co_await ReadListedHistory();
  } else if (history_ == History::kIndexed) {
    status = co_await ReadIndexedHistory();
  }
  if (!status.ok()) co_return status;
  history_ = History::kRead;
  co_return co_await CatchUp();
}

// Reads all first pages first: they tell how many pages there are, and so
// which way is cheaper.
asio::awaitable<absl::Status> RepoReader::BeginHistory() {
  readings_.clear();
  for (const Listing listing : listings_) {
    if (absl::Status status = co_await Begin(listing, Priority::kHistory);
        !status.ok()) {
      co_return status;
    }
    repo_url_ = readings_.back().reader.repo_url();
  }
  history_ = History::kListings;
  const PlainCost cost = CostOfListings();
  if (!IndexedHistory::IsCandidate(cost, subscription_)) {
    co_return absl::OkStatus();
  }
  auto indexed = std::make_unique<IndexedHistory>(github_, clock_,
                                                  subscription_, repo_url_);
  if (co_await indexed->IsCheaperThan(cost)) {
    indexed_ = std::move(indexed);
    readings_.clear();
    history_ = History::kIndexed;
  }
  co_return absl::OkStatus();
}

PlainCost RepoReader::CostOfListings() const {
  PlainCost cost;
  for (const Reading& reading : readings_) {
    cost.listing_pages += reading.reader.pages_total();
    if (reading.listing == Listing::kIssues && WantsReviews()) {
      // How many of them are pull requests shows only when they are read.
      cost.reviews = int64_t{reading.reader.pages_total()} * kMaxItemsPerPage;
    }
  }
  return cost;
}

asio::awaitable<absl::Status> RepoReader::ReadListedHistory() {
  absl::Status status;
  if (readings_.empty()) {  // after a failure
    for (const Listing listing : listings_) {
      status = co_await Begin(listing, Priority::kHistory);
      if (!status.ok()) break;
    }
  }
  for (Reading& reading : readings_) {
    if (!status.ok()) break;
    status = co_await Finish(reading);
  }
  if (status.ok()) status = co_await ReadReviews(Priority::kHistory);
  // What has come meanwhile is not to wait until the fault has passed.
  if (!status.ok()) ForgetReadings();
  co_return status;
}

asio::awaitable<absl::Status> RepoReader::ReadIndexedHistory() {
  while (true) {
    const auto more = co_await indexed_->Step();
    if (!more.ok()) co_return more.status();
    if (absl::Status status = co_await SendProgress(); !status.ok()) {
      co_return status;
    }
    if (!*more) break;
  }
  const std::vector<Item> found = indexed_->TakeFound();
  for (const Item& item : found) {
    const auto is_new = co_await IsNew(item);
    if (!is_new.ok()) co_return is_new.status();
    if (!*is_new) continue;
    if (absl::Status status = co_await queue_.Push(MentionEvent(item));
        !status.ok()) {
      co_return status;
    }
  }
  // Behind the delivering, so that what the listings show again is known.
  for (const Listing listing : listings_) {
    cursor_.Advance(listing, indexed_->ReadOnFrom(listing));
  }
  indexed_.reset();
  co_return absl::OkStatus();
}

// A long history takes its time, in which its beginning can have changed; and
// what the polls are going to ask is not what was asked for the history. One
// reading more answers both.
asio::awaitable<absl::Status> RepoReader::CatchUp() {
  readings_.clear();
  for (const Listing listing : listings_) {
    if (NextSince(listing) == states_[listing].since) continue;
    const auto moved = co_await Read(listing);
    if (!moved.ok()) co_return moved.status();
  }
  busy_polls_ = kBusyPolls;
  co_return co_await ReadReviews(Priority::kHistory);
}

// One pull request that can't be read must not keep the others from being read:
// it is tried again in the next round.
asio::awaitable<absl::Status> RepoReader::ReadReviews(Priority priority) {
  changed_pulls_.BeginRound();
  absl::Status failure;
  int failures = 0;
  while (const std::optional<ChangedPulls::Due> pull = changed_pulls_.Next()) {
    const absl::Time began = clock_.Now();
    absl::Status status = co_await ReadReviewsOf(*pull, priority);
    if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status)) {
      // GitHub removes pull requests; that the repository is gone would show in
      // its listings.
      LOG(INFO) << subscription_.repo.ToString() << " has no reviews of #"
                << pull->number << " any more: " << status.message();
      status = absl::OkStatus();
    }
    if (status.ok()) {
      changed_pulls_.MarkRead(pull->number, began);
      ++pages_done_;
      if (absl::Status sent = co_await SendProgress(); !sent.ok()) {
        co_return sent;
      }
      continue;
    }
    if (!IsTransient(status)) co_return status;
    failure = status;
    if (IsLimit(status) || ++failures == kMaxReviewFailures) break;
    changed_pulls_.Postpone(pull->number);
  }
  if (absl::Status status = co_await DeliverReviews(); !status.ok()) {
    co_return status;
  }
  co_return failure;
}

asio::awaitable<absl::Status> RepoReader::ReadReviewsOf(ChangedPulls::Due pull,
                                                        Priority priority) {
  std::string url = PullUrl(Listing::kReviews, repo_url_, pull.number);
  for (int pages = 0; !url.empty(); ++pages) {
    if (pages == kMaxReviewPages) {
      co_return absl::UnavailableError("GitHub's list of reviews has no end");
    }
    PageQuery query = {.listing = Listing::kReviews,
                       .url = url,
                       .token = subscription_.token,
                       .priority = priority,
                       .good_since = pull.complete_since};
    const auto page = co_await github_.FetchPage(std::move(query));
    if (!page.ok()) co_return page.status();
    for (const Item& item : (*page)->items) {
      const auto is_new = co_await IsNew(item);
      if (!is_new.ok()) co_return is_new.status();
      if (*is_new) reviews_.push_back(item);
    }
    url = (*page)->next_url;
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> RepoReader::DeliverReviews() {
  std::stable_sort(
      reviews_.begin(), reviews_.end(),
      [](const Item& a, const Item& b) { return a.updated_at < b.updated_at; });
  const std::vector<Item> reviews = std::exchange(reviews_, {});
  for (const Item& review : reviews) {
    if (absl::Status status = co_await queue_.Push(MentionEvent(review));
        !status.ok()) {
      co_return status;
    }
  }
  co_return absl::OkStatus();
}

// Only the first reading has an end worth waiting for.
asio::awaitable<absl::Status> RepoReader::SendProgress() {
  if (history_ == History::kRead) co_return absl::OkStatus();
  if (indexed_ != nullptr) {
    co_return co_await queue_.Push(
        ProgressEvent(indexed_->pages_done(), indexed_->pages_total()));
  }
  uint32_t done = pages_done_;
  uint32_t total = done + static_cast<uint32_t>(changed_pulls_.due());
  bool total_known = true;
  for (const Reading& reading : readings_) {
    done += reading.reader.pages_done();
    total += reading.reader.pages_total();
    // How many pull requests have reviews to read shows at its end.
    if (reading.listing == Listing::kIssues && !reading.reader.at_end()) {
      total_known = false;
    }
  }
  co_return co_await queue_.Push(ProgressEvent(done, total_known ? total : 0));
}

// CANCELLED when it had to look closely and the stream was cancelled meanwhile.
asio::awaitable<absl::StatusOr<bool>> RepoReader::IsNew(const Item& item) {
  if (!subscription_.sources.Contains(item.source)) co_return false;
  bool mentions = MayMention(item.body, subscription_.user);
  if (mentions) {
    if (item.mentions == nullptr) {
      item.mentions = std::make_shared<const std::vector<std::string>>(
          ExtractMentions(item.body));
      // Parsing can take long, and many bodies can come in a row: the other
      // streams have their turn in between.
      co_await asio::post(asio::use_awaitable);
      if (co_await IsCancelled()) {
        co_return absl::CancelledError("the stream was cancelled");
      }
    }
    mentions = std::find(item.mentions->begin(), item.mentions->end(),
                         subscription_.user.lower()) != item.mentions->end();
  }
  co_return cursor_.Observe(item, mentions);
}

void RepoReader::ForgetReadings() {
  for (const Reading& reading : readings_) {
    pages_done_ += reading.reader.pages_done();
  }
  readings_.clear();
}

}  // namespace mentiond
