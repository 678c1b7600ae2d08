#include "lib/stream/poller.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "glog/logging.h"
#include "google/protobuf/timestamp.pb.h"

#include "lib/base/task_scope.h"
#include "lib/github/answer_status.h"
#include "lib/mention/extractor.h"

namespace mentiond {
namespace {

// An item can become visible this long after its `updated_at`: GitHub's
// listings are read from replicas.
constexpr absl::Duration kOverlap = absl::Minutes(2);

// After a fault; the cap keeps a long outage's end from going unnoticed.
constexpr BackoffPolicy kRetry = {.initial = absl::Seconds(1),
                                  .cap = absl::Minutes(1)};

// A pull request has a few pages of reviews; more is a listing that links in
// circles.
constexpr int kMaxReviewPages = 1000;

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

void SetTimestamp(absl::Time time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(absl::ToUnixSeconds(time));
  timestamp->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(
      time - absl::FromUnixSeconds(timestamp->seconds()))));
}

EventQueue::Event MentionEvent(const Item& item) {
  EventQueue::Event event;
  mentions::v1::Mention& mention = *event.mutable_mention();
  mention.set_source(item.source);
  mention.set_id(item.id);
  mention.set_pull_request(item.number);
  mention.set_author(item.author);
  mention.set_body(item.body);
  mention.set_url(item.url);
  SetTimestamp(item.created_at, mention.mutable_created_at());
  SetTimestamp(item.updated_at, mention.mutable_updated_at());
  return event;
}

}  // namespace

Poller::Poller(PollerEnvironment& environment, Subscription subscription,
               EventQueue& queue)
    : environment_(environment),
      subscription_(std::move(subscription)),
      queue_(queue),
      cursor_(subscription_.since, kOverlap),
      changed_pulls_(kOverlap) {}

asio::awaitable<absl::Status> Poller::Run() {
  Backoff backoff(kRetry, environment_.random);
  while (true) {
    const absl::Time started = environment_.clock.Now();
    absl::Time due = NextPoll(started);
    absl::Status status = co_await ReadAll();
    if (status.ok() && !synced_) {
      EventQueue::Event event;
      event.mutable_synced();
      status = co_await queue_.Push(std::move(event));
      synced_ = status.ok();
    }
    if (status.ok()) {
      backoff.Reset();
    } else if (IsTransient(status)) {
      const absl::Duration wait = backoff.Next();
      due = environment_.clock.Now() + wait;
      LOG(WARNING) << subscription_.repo.ToString()
                   << ": reading GitHub failed, next attempt in "
                   << absl::FormatDuration(
                          absl::Trunc(wait, absl::Milliseconds(1)))
                   << ": " << status;
    } else {
      co_return status;
    }
    co_await environment_.clock.SleepUntil(due);
    if (co_await IsCancelled()) {
      co_return absl::CancelledError("the stream was cancelled");
    }
  }
}

absl::Time Poller::NextPoll(absl::Time started) const {
  return started + environment_.poll_interval;
}

asio::awaitable<absl::Status> Poller::ReadAll() {
  if (absl::Status status = co_await ReadListings(); !status.ok()) {
    co_return status;
  }
  co_return co_await ReadReviews();
}

asio::awaitable<absl::Status> Poller::ReadListings() {
  readings_.clear();
  // All first pages first: they tell how many pages there are.
  for (const Listing listing : ListingsFor(subscription_.sources)) {
    ListingReader reader(environment_.github, subscription_.token,
                         subscription_.repo, listing,
                         cursor_.ReadFrom(listing));
    auto page = co_await reader.Next();
    if (!page.ok()) co_return page.status();
    readings_.push_back({listing, std::move(reader), *std::move(page)});
  }
  for (Reading& reading : readings_) {
    while (reading.page != nullptr) {
      if (absl::Status status = co_await Deliver(
              reading.listing, std::exchange(reading.page, nullptr));
          !status.ok()) {
        co_return status;
      }
      auto page = co_await reading.reader.Next();
      if (!page.ok()) co_return page.status();
      reading.page = *std::move(page);
    }
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> Poller::Deliver(
    Listing listing, std::shared_ptr<const Page> page) {
  for (const Item& item : page->items) {
    if (item.source == Source::SOURCE_PULL_REQUEST &&
        subscription_.sources.Contains(Source::SOURCE_REVIEW)) {
      changed_pulls_.Note(item.number, item.updated_at,
                          environment_.clock.Now());
    }
    if (!IsNew(item)) continue;
    if (absl::Status status = co_await queue_.Push(MentionEvent(item));
        !status.ok()) {
      co_return status;
    }
  }
  if (page->latest) {
    cursor_.Advance(listing, *page->latest);
    if (listing == Listing::kIssues) {
      changed_pulls_.ForgetBefore(*page->latest - kOverlap);
    }
  }
  co_return co_await SendProgress();
}

asio::awaitable<absl::Status> Poller::ReadReviews() {
  changed_pulls_.BeginRound();
  while (const std::optional<int64_t> number = changed_pulls_.Next()) {
    const absl::Time began = environment_.clock.Now();
    if (absl::Status status = co_await ReadReviewsOf(*number); !status.ok()) {
      co_return status;
    }
    changed_pulls_.MarkRead(*number, began);
    ++review_pages_done_;
    if (absl::Status status = co_await SendProgress(); !status.ok()) {
      co_return status;
    }
  }
  co_return co_await DeliverReviews();
}

asio::awaitable<absl::Status> Poller::ReadReviewsOf(int64_t pull_request) {
  std::string url =
      environment_.github.ReviewsUrl(subscription_.repo, pull_request);
  for (int pages = 0; !url.empty(); ++pages) {
    if (pages == kMaxReviewPages) {
      co_return absl::UnavailableError("GitHub's list of reviews has no end");
    }
    const auto page = co_await environment_.github.FetchPage(
        Listing::kReviews, subscription_.token, url);
    if (!page.ok()) co_return page.status();
    for (const Item& item : (*page)->items) {
      if (IsNew(item)) reviews_.push_back(item);
    }
    url = (*page)->next_url;
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> Poller::DeliverReviews() {
  std::stable_sort(
      reviews_.begin(), reviews_.end(),
      [](const Item& a, const Item& b) { return a.updated_at < b.updated_at; });
  for (const Item& review : reviews_) {
    if (absl::Status status = co_await queue_.Push(MentionEvent(review));
        !status.ok()) {
      co_return status;
    }
  }
  reviews_.clear();
  co_return absl::OkStatus();
}

// Only the first reading has an end worth waiting for.
asio::awaitable<absl::Status> Poller::SendProgress() {
  if (synced_) co_return absl::OkStatus();
  EventQueue::Event event;
  mentions::v1::SyncProgress& progress = *event.mutable_sync_progress();
  uint32_t done = review_pages_done_;
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
  progress.set_pages_done(done);
  progress.set_pages_total(total_known ? total : 0);
  co_return co_await queue_.Push(std::move(event));
}

bool Poller::IsNew(const Item& item) {
  return subscription_.sources.Contains(item.source) &&
         cursor_.Observe(item, MentionsUser(item.body, subscription_.user));
}

}  // namespace mentiond
