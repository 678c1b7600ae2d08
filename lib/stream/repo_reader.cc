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
#include "lib/stream/resume_token.h"

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

// Where texts of a source come in order of time; nullopt: they do not.
std::optional<Listing> ListingOf(Source source) {
  switch (source) {
    case Source::SOURCE_PULL_REQUEST_COMMENT:
    case Source::SOURCE_ISSUE_COMMENT:
      return Listing::kIssueComments;
    case Source::SOURCE_REVIEW_COMMENT:
      return Listing::kReviewComments;
    case Source::SOURCE_REVIEW:
      return Listing::kReviews;
    default:
      return std::nullopt;
  }
}

size_t VersionOf(const Item& item) {
  return absl::HashOf(item.id, item.updated_at);
}

}  // namespace

RepoReader::RepoReader(GitHubClient& github, const Clock& clock,
                       int64_t search_from_requests,
                       const Subscription& subscription, EventQueue& queue)
    : github_(github),
      clock_(clock),
      search_from_requests_(search_from_requests),
      subscription_(subscription),
      queue_(queue),
      listings_(ListingsFor(subscription.sources)),
      repo_url_(RepoUrl(github.api_url(), subscription.repo)),
      cursor_(subscription.since, kOverlap),
      changed_pulls_(kOverlap),
      scan_(clock.Now(), /*indexed=*/false) {
  if (!subscription.resume) return;
  const state::ResumeState& state = *subscription.resume;
  // Checked by its checksum: what does not load was never saved.
  if (!cursor_.Load(state)) LOG(ERROR) << "a resume token has no sense";
  synced_ = state.synced();
  if (synced_) {
    history_ = History::kRead;
  } else if (state.has_scan()) {
    scan_ = PullScan::Load(state.scan());
    scan_resumed_ = true;
  }
}

const std::string& RepoReader::ResumeToken() {
  const uint64_t revision =
      cursor_.revision() + scan_revision_ + (synced_ ? 1 : 0);
  if (token_revision_ == revision) return token_;
  token_revision_ = revision;
  state::ResumeState state;
  state.set_subscription(SubscriptionHash(
      subscription_.repo, subscription_.user, subscription_.sources));
  if (subscription_.since) {
    const int64_t seconds = absl::ToUnixSeconds(*subscription_.since);
    state.set_since_seconds(seconds);
    state.set_since_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(
        *subscription_.since - absl::FromUnixSeconds(seconds))));
  }
  state.set_synced(synced_);
  if (!synced_) scan_.Save(*state.mutable_scan());
  cursor_.Save(kMaxResumeStateBytes, state);
  token_ = EncodeResumeToken(state);
  return token_;
}

asio::awaitable<absl::Status> RepoReader::Send(EventQueue::Event event) {
  event.set_resume_token(ResumeToken());
  co_return co_await queue_.Push(std::move(event));
}

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
  // To find the pull requests whose reviews are still to be scanned.
  if (listing == Listing::kIssues && scan_resumed_ && WantsReviews() &&
      history_ != History::kRead) {
    return subscription_.since;
  }
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
    const auto mentions = co_await Mentions(item);
    if (!mentions.ok()) co_return mentions.status();
    if (!cursor_.Observe(item, *mentions)) continue;
    if (absl::Status status = co_await Send(MentionEvent(item)); !status.ok()) {
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
  const bool resumed = subscription_.resume && subscription_.resume->has_scan();
  const PlainCost cost = CostOfListings();
  if (resumed ? !scan_.indexed()
              : !IndexedHistory::IsCandidate(cost, search_from_requests_,
                                             subscription_)) {
    co_return absl::OkStatus();
  }
  // Before the question: what is newer is left to the listings.
  PullScan scan = resumed ? scan_ : PullScan(clock_.Now(), /*indexed=*/true);
  std::swap(scan, scan_);
  auto indexed = std::make_unique<IndexedHistory>(github_, subscription_,
                                                  repo_url_, scan_);
  if (co_await indexed->IsCheaperThan(cost)) {
    indexed_ = std::move(indexed);
    readings_.clear();
    history_ = History::kIndexed;
  } else {
    scan_ = PullScan(clock_.Now(), /*indexed=*/false);
  }
  ++scan_revision_;
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
    const auto progress = co_await indexed_->Step();
    if (!progress.ok()) co_return progress.status();
    ++scan_revision_;
    if (*progress != IndexedHistory::Progress::kMore) {
      if (absl::Status status = co_await DeliverFound(indexed_->TakeFound());
          !status.ok()) {
        co_return status;
      }
    }
    if (absl::Status status = co_await SendProgress(); !status.ok()) {
      co_return status;
    }
    if (*progress == IndexedHistory::Progress::kAllDone) break;
  }
  // Behind the delivering, so that what the listings show again is known.
  for (const Listing listing : listings_) {
    cursor_.Advance(listing, indexed_->ReadOnFrom(listing));
  }
  cursor_.Advance(Listing::kReviews, indexed_->ReadOnFrom(Listing::kIssues));
  indexed_.reset();
  co_return absl::OkStatus();
}

// Texts of one kind, oldest first: what is delivered moves the cursor on, so
// that a stream that breaks off here goes on here.
asio::awaitable<absl::Status> RepoReader::DeliverFound(
    std::vector<Item> found) {
  for (const Item& item : found) {
    const auto mentions = co_await Mentions(item);
    if (!mentions.ok()) co_return mentions.status();
    // One that does not mention the user is left to the listings: what it was
    // at another time is not known here.
    if (!*mentions || !cursor_.Observe(item, true)) continue;
    if (const std::optional<Listing> listing = ListingOf(item.source)) {
      const Listing bound =
          *listing == Listing::kReviews ? Listing::kIssues : *listing;
      cursor_.Advance(*listing,
                      std::min(item.updated_at, indexed_->ReadOnFrom(bound)));
    }
    if (absl::Status status = co_await Send(MentionEvent(item)); !status.ok()) {
      co_return status;
    }
  }
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
  // What the listing has shown: all reviews up to then are going to be read.
  const std::optional<absl::Time> until = cursor_.Furthest(Listing::kIssues);
  if (history_ != History::kRead) scan_.SetUntil(until);
  absl::Status failure;
  int failures = 0;
  while (const std::optional<ChangedPulls::Due> pull = changed_pulls_.Next()) {
    const absl::Time began = clock_.Now();
    const size_t found = reviews_.size();
    absl::Status status;
    if (!IsScanned(*pull)) status = co_await ReadReviewsOf(*pull, priority);
    if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status)) {
      // GitHub removes pull requests; that the repository is gone would show in
      // its listings.
      LOG(INFO) << subscription_.repo.ToString() << " has no reviews of #"
                << pull->number << " any more: " << status.message();
      status = absl::OkStatus();
    }
    if (status.ok()) {
      changed_pulls_.MarkRead(pull->number, began);
      // A gap in the scan ends it: what is behind has to be read again.
      if (failures == 0 && history_ != History::kRead) {
        // What moved just now can show more at the same time of its own.
        const bool settled = began >= pull->complete_since;
        scan_.MarkRead(pull->number, reviews_.size() > found || !settled);
        ++scan_revision_;
      }
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
  // A history is delivered in order, and so only when it is complete.
  if (!failure.ok() && history_ != History::kRead) co_return failure;
  if (absl::Status status =
          co_await DeliverReviews(failure.ok() ? until : std::nullopt);
      !status.ok()) {
    co_return status;
  }
  co_return failure;
}

// Whether it was read before a break, and nothing found in it.
bool RepoReader::IsScanned(const ChangedPulls::Due& pull) const {
  return history_ != History::kRead &&
         scan_.Skips(pull.number, pull.updated_at);
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
      if (!cursor_.IsNew(item)) continue;
      const auto mentions = co_await Mentions(item);
      if (!mentions.ok()) co_return mentions.status();
      if (*mentions) reviews_.push_back(item);
    }
    url = (*page)->next_url;
  }
  co_return absl::OkStatus();
}

// `until`: all reviews until then are among those found or were delivered
// before; nullopt: some could not be read.
asio::awaitable<absl::Status> RepoReader::DeliverReviews(
    std::optional<absl::Time> until) {
  std::stable_sort(
      reviews_.begin(), reviews_.end(),
      [](const Item& a, const Item& b) { return a.updated_at < b.updated_at; });
  const std::vector<Item> reviews = std::exchange(reviews_, {});
  for (const Item& review : reviews) {
    if (!cursor_.Observe(review, true)) continue;  // read twice in this round
    if (until) {
      cursor_.Advance(Listing::kReviews, std::min(review.updated_at, *until));
    }
    if (absl::Status status = co_await Send(MentionEvent(review));
        !status.ok()) {
      co_return status;
    }
  }
  if (until) cursor_.Advance(Listing::kReviews, *until);
  co_return absl::OkStatus();
}

// Only the first reading has an end worth waiting for.
asio::awaitable<absl::Status> RepoReader::SendProgress() {
  if (history_ == History::kRead) co_return absl::OkStatus();
  if (indexed_ != nullptr) {
    co_return co_await Send(
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
  co_return co_await Send(ProgressEvent(done, total_known ? total : 0));
}

// Whether it is of a source wanted and mentions the user. CANCELLED when it had
// to look closely and the stream was cancelled meanwhile.
asio::awaitable<absl::StatusOr<bool>> RepoReader::Mentions(const Item& item) {
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
  co_return mentions;
}

void RepoReader::ForgetReadings() {
  for (const Reading& reading : readings_) {
    pages_done_ += reading.reader.pages_done();
  }
  readings_.clear();
}

}  // namespace mentiond
