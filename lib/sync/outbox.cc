#include "lib/sync/outbox.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asio/post.hpp"
#include "asio/this_coro.hpp"
#include "asio/use_awaitable.hpp"

#include "lib/base/task_scope.h"
#include "lib/markdown/extractor.h"
#include "lib/markdown/mention_index.h"
#include "lib/markdown/mention_places.h"
#include "lib/subscription/events.h"
#include "lib/subscription/resume_token.h"
#include "lib/subscription/sources.h"

namespace mentiond {
namespace {

// Made by the first stream that the page is offered to. Most pages, those of
// idle repositories, have nothing to search and share one index.
const MentionIndex& IndexOf(const Page& page) {
  static const MentionIndex& nobody = *new MentionIndex({});
  if (page.index == nullptr) {
    if (std::ranges::all_of(page.items, &std::string::empty, &Item::body)) {
      return nobody;
    }
    std::vector<std::string_view> bodies;
    bodies.reserve(page.items.size());
    for (const Item& item : page.items) bodies.push_back(item.body);
    page.index = std::make_shared<const MentionIndex>(bodies);
  }
  return *page.index;
}

// Whom the body mentions, and where those whom the subscription is about. They
// are located on behalf of the first stream that delivers the item.
// True: they were located now, which may have taken long.
bool AddMentions(const Item& item, const MentionTarget& target,
                 mentions::v1::Mention& mention) {
  if (item.mentions == nullptr) return false;
  const std::vector<std::string>& names = item.mentions->names;
  *mention.mutable_mentioned() = {names.begin(), names.end()};
  std::optional<std::vector<MentionPlace>>& places = item.mentions->places;
  const bool locate = !places;
  if (locate) places = LocateMentions(item.body, names);
  for (const MentionPlace& place : *places) {
    if (target.is_anyone() || names[place.name] == target.name()) {
      mention.add_offsets(place.offset);
    }
  }
  return locate;
}

}  // namespace

Outbox::Outbox(const Subscription& subscription, Progress& progress,
               EventQueue& queue, const Clock& clock, Metrics& metrics)
    : subscription_(subscription),
      queue_(queue),
      clock_(clock),
      metrics_(metrics),
      subscription_hash_(
          SubscriptionHash(subscription.repo, subscription.target,
                           subscription.sources, subscription.filter.get())),
      progress_(progress) {}

asio::awaitable<absl::StatusOr<bool>> Outbox::IsNewMention(const Item& item) {
  if (!subscription_.sources.Contains(item.source) ||
      !progress_.delivered(item.source).IsNew(item) ||
      (subscription_.filter != nullptr && subscription_.filter->Skips(item))) {
    co_return false;
  }
  const bool was_parsed = item.mentions != nullptr;
  const bool mentioned =
      HasMention(item.body, subscription_.target, &item.mentions);
  if (!was_parsed && item.mentions != nullptr) {
    // Parsing can take long, and many bodies can follow each other: the other
    // streams run in between.
    co_await asio::post(asio::use_awaitable);
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return absl::CancelledError("the stream was cancelled");
    }
  }
  co_return mentioned;
}

bool Outbox::HasDelivered() const {
  return std::any_of(progress_.delivered_sets.begin(),
                     progress_.delivered_sets.end(), [&](const auto& set) {
                       return set.size() > 0 || set.floor() > progress_.since;
                     });
}

asio::awaitable<absl::Status> Outbox::OfferPage(Listing listing,
                                                const Page& page) {
  const std::vector<size_t> candidates =
      IndexOf(page).Candidates(subscription_.target);
  for (const size_t i : candidates) {
    const Item& item = page.items[i];
    const auto is_new = co_await IsNewMention(item);
    if (!is_new.ok()) co_return is_new.status();
    if (!*is_new) continue;
    absl::Status status = co_await SendMention(item, page.received_at);
    if (!status.ok()) co_return status;
  }
  if (page.latest) SetHighWaterMark(listing, *page.latest);
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> Outbox::OfferSorted(
    std::vector<Item> mentions, std::optional<absl::Time> settled) {
  std::stable_sort(
      mentions.begin(), mentions.end(),
      [](const Item& a, const Item& b) { return a.updated_at < b.updated_at; });
  for (const Item& item : mentions) {
    if (!progress_.delivered(item.source).IsNew(item)) continue;
    if (settled) {
      Edit()
          .delivered(item.source)
          .RaiseFloor(std::min(item.updated_at, *settled));
    }
    absl::Status status = co_await SendMention(item, std::nullopt);
    if (!status.ok()) co_return status;
  }
  co_return absl::OkStatus();
}

// Marks it delivered first: the event's resume token has to say so.
asio::awaitable<absl::Status> Outbox::SendMention(
    const Item& item, std::optional<absl::Time> received_at) {
  Edit().delivered(item.source).Insert(item);
  if (muted_) co_return absl::OkStatus();
  sending_ = true;
  EventQueue::Event event = MentionEvent(item);
  if (AddMentions(item, subscription_.target, *event.mutable_mention())) {
    co_await asio::post(asio::use_awaitable);  // as IsNewMention()
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return absl::CancelledError("the stream was cancelled");
    }
  }
  absl::Status sent = co_await Send(std::move(event));
  // Not before: a slow reader's queue may have had no space for long.
  if (sent.ok()) CountMention(item, received_at);
  co_return sent;
}

void Outbox::CountMention(const Item& item,
                          std::optional<absl::Time> received_at) {
  ++mentions_;
  // Those of a history are old.
  if (!progress_.synced) return;
  const absl::Time now = clock_.Now();
  std::optional<absl::Duration> after_response;
  if (received_at) after_response = now - *received_at;
  metrics_.MentionDelivered(now - item.updated_at, after_response);
}

asio::awaitable<absl::Status> Outbox::ShowProgress(uint32_t pages_done,
                                                   uint32_t pages_total) {
  co_return co_await Send(ProgressEvent(pages_done, pages_total));
}

asio::awaitable<absl::Status> Outbox::Send(EventQueue::Event event) {
  event.set_resume_token(ResumeToken());
  sending_ = true;
  absl::Status sent = co_await queue_.Push(std::move(event));
  sending_ = false;
  co_return sent;
}

void Outbox::SendIfIdle(EventQueue::Event event) {
  if (sending_) return;
  event.set_resume_token(ResumeToken());
  queue_.PushIfEmpty(std::move(event));
}

const std::string& Outbox::ResumeToken() {
  if (token_.empty()) token_ = EncodeResumeToken(progress_, subscription_hash_);
  return token_;
}

void Outbox::SetHighWaterMark(Listing listing, absl::Time time) {
  std::optional<absl::Time>& mark = progress_.high_water_mark(listing);
  // Whole seconds, as it is saved.
  time = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  // Most polls see nothing new: then the resume token stays as it is.
  if (mark && *mark >= time) return;
  Edit();
  mark = time;
  for (const SourceInfo& info : kSources) {
    if (info.listing != listing) continue;
    progress_.delivered(info.source).RaiseFloor(*mark - kOverlap);
  }
}

void Outbox::RaisePullFloors(absl::Time time) {
  for (const SourceInfo& info : kSources) {
    if (!info.listing) Edit().delivered(info.source).RaiseFloor(time);
  }
}

void Outbox::BeginFullRead(absl::Time now) {
  Edit().full_read = Progress::FullRead{
      .began = absl::FromUnixSeconds(absl::ToUnixSeconds(now)),
      .high_water_mark = std::nullopt};
}

void Outbox::AdvanceFullRead(absl::Time mark,
                             const absl::btree_set<PullKey>& keys) {
  if (keys.size() > kMaxPending) return;
  Edit().full_read->high_water_mark =
      absl::FromUnixSeconds(absl::ToUnixSeconds(mark));
  progress_.pending = keys;
}

void Outbox::RestartFullRead() {
  if (progress_.full_read) Edit().full_read->high_water_mark.reset();
  Edit().pending.clear();
}

void Outbox::FinishFullRead(std::optional<absl::Time> settled) {
  Edit().last_full_read = progress_.full_read->began;
  progress_.full_read.reset();
  if (settled) RaisePullFloors(*settled);
}

void Outbox::SkipFullRead(absl::Time now) {
  Edit().full_read.reset();
  progress_.last_full_read = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
}

void Outbox::SetPending(const absl::btree_set<PullKey>& keys) {
  if (keys.size() <= kMaxPending && keys != progress_.pending) {
    Edit().pending = keys;
  }
}

void Outbox::SetWithoutGraphQl(bool without_graphql) {
  Edit().without_graphql = without_graphql;
}

void Outbox::SetHistory(History history) { Edit().history = history; }

void Outbox::SetSynced() { Edit().synced = true; }

}  // namespace mentiond
