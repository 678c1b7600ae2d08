#include "lib/stream/listing_feed.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"

#include "lib/github/answer_status.h"
#include "lib/github/delay.h"
#include "lib/github/urls.h"
#include "lib/stream/events.h"

namespace mentiond {
namespace {

// GitHub says for how long its answers are fresh; what is older than an answer
// does not change without moving to a later page.
constexpr absl::Duration kFreshness = absl::Minutes(1);

constexpr int kMinItemsPerPage = 12;
// Beyond that no page gets smaller.
constexpr int kMaxHalvings = 4;

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

size_t VersionOf(const Item& item) {
  return absl::HashOf(item.id, item.updated_at);
}

}  // namespace

ListingFeed::ListingFeed(GitHubClient& github, const Clock& clock,
                         const Subscription& subscription, Delivery& delivery,
                         ReviewFeed& reviews)
    : github_(github),
      clock_(clock),
      subscription_(subscription),
      delivery_(delivery),
      reviews_(reviews),
      listings_(ListingsFor(subscription.sources)),
      repo_url_(RepoUrl(github.api_url(), subscription.repo)) {}

asio::awaitable<absl::Status> ListingFeed::BeginAll() {
  readings_.clear();
  at_ = 0;
  for (const Listing listing : listings_) {
    if (absl::Status status = co_await Begin(listing, Priority::kHistory);
        !status.ok()) {
      co_return status;
    }
    repo_url_ = readings_.back().reader.repo_url();
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::StatusOr<bool>> ListingFeed::Read(Listing listing) {
  readings_.clear();
  at_ = 0;
  if (absl::Status status = co_await Begin(listing, Priority::kLive);
      !status.ok()) {
    co_return status;
  }
  while (true) {
    const auto more = co_await Step();
    if (!more.ok()) co_return more.status();
    if (!*more) break;
  }
  co_return readings_.back().moved;
}

// Reads the first page.
asio::awaitable<absl::Status> ListingFeed::Begin(Listing listing,
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

asio::awaitable<absl::StatusOr<bool>> ListingFeed::Step() {
  while (at_ < readings_.size()) {
    Reading& reading = readings_[at_];
    if (reading.page == nullptr) {
      auto next = co_await reading.reader.Next();
      if (!next.ok()) co_return NoteFailure(reading.listing, next.status());
      reading.page = *std::move(next);
    }
    const std::shared_ptr<const Page> page =
        std::exchange(reading.page, nullptr);
    if (page != nullptr) {
      absl::Status status = co_await Deliver(reading, *page);
      if (!status.ok()) co_return status;
      co_return true;
    }
    Complete(reading);
    ++at_;
  }
  co_return false;
}

asio::awaitable<absl::Status> ListingFeed::Deliver(Reading& reading,
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
    reviews_.Note(item);
    const auto mentions = co_await delivery_.Mentions(item);
    if (!mentions.ok()) co_return mentions.status();
    if (!delivery_.cursor().Observe(item, *mentions)) continue;
    if (absl::Status status = co_await delivery_.Send(MentionEvent(item));
        !status.ok()) {
      co_return status;
    }
  }
  if (page.latest) {
    delivery_.cursor().Advance(reading.listing, *page.latest);
    if (reading.listing == Listing::kIssues) reviews_.HasRead(*page.latest);
  }
  co_return absl::OkStatus();
}

void ListingFeed::Complete(const Reading& reading) {
  repo_url_ = reading.reader.repo_url();
  State& state = states_[reading.listing];
  state.versions = reading.versions;
  state.failures = 0;
  state.is_one_page = !state.since && reading.reader.pages_done() == 1;
  if (reading.listing == Listing::kIssues) KeepSeen(reading);
}

// Remembers what the next reading is going to show again.
void ListingFeed::KeepSeen(const Reading& reading) {
  const std::optional<absl::Time> since = NextSince(reading.listing);
  seen_issues_.clear();
  for (const auto& [updated_at, version] : reading.seen) {
    if (!since || updated_at >= *since) seen_issues_.insert(version);
  }
}

std::optional<absl::Time> ListingFeed::NextSince(Listing listing) {
  if (listing == Listing::kIssues && all_issues_) return subscription_.since;
  const auto state = states_.find(listing);
  return state != states_.end() && state->second.is_one_page
             ? std::nullopt
             : delivery_.cursor().ReadFrom(listing);
}

bool ListingFeed::IsBehind(Listing listing) {
  return NextSince(listing) != states_[listing].since;
}

absl::Status ListingFeed::NoteFailure(Listing listing, absl::Status status) {
  if (IsTransient(status) && !IsLimit(status)) {
    int& failures = states_[listing].failures;
    failures = std::min(failures + 1, kMaxHalvings);
  }
  return status;
}

ListingFeed::Pages ListingFeed::pages() const {
  Pages pages;
  for (const Reading& reading : readings_) {
    pages.done += reading.reader.pages_done();
    pages.total += reading.reader.pages_total();
    if (reading.listing != Listing::kIssues) continue;
    pages.issues = reading.reader.pages_total();
    pages.all_issues_read = reading.reader.at_end();
  }
  return pages;
}

}  // namespace mentiond
