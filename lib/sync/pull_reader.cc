#include "lib/sync/pull_reader.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

#include "lib/github/delay.h"
#include "lib/github/pull_query.h"
#include "lib/github/response_status.h"

namespace mentiond {
namespace {

// GitHub declares its responses fresh for that long.
constexpr absl::Duration kFreshness = absl::Minutes(1);
// After so many single pull requests that could not be read, it is not their
// fault.
constexpr size_t kMaxFailures = 3;

PullKey KeyOf(const Item& item) {
  return {.number = item.number,
          .is_issue = item.source == Source::SOURCE_ISSUE};
}

PullKey KeyOf(const PullRequestPart& part) {
  return {.number = part.number, .is_issue = part.part == PullPart::kIssue};
}

PullRequestPart PartOf(const PullKey& key) {
  return {.part = key.is_issue ? PullPart::kIssue : PullPart::kPull,
          .number = key.number};
}

// Whether GraphQL refuses what REST allows, or is not there at all.
bool IsRefusal(const absl::Status& status) {
  return !IsTransient(status) && !absl::IsCancelled(status);
}

}  // namespace

PullReader::PullReader(Repository& repository, const Clock& clock,
                       const Subscription& subscription, Outbox& outbox)
    : repository_(repository),
      clock_(clock),
      subscription_(subscription),
      outbox_(outbox),
      use_graphql_(!repository.is_anonymous()) {
  const absl::btree_set<PullKey>& pending = outbox_.progress().pending;
  if (!use_graphql_) {
    // Single ones cannot be read by REST.
    if (!pending.empty()) outbox_.RestartFullRead();
    if (!outbox_.progress().without_graphql) outbox_.SetWithoutGraphQl(true);
    return;
  }
  for (const PullKey& key : pending) due_[key] = clock_.Now() - kFreshness;
}

bool PullReader::IsWanted(const PullKey& key) const {
  return key.is_issue ? subscription_.sources.NeedsIssues()
                      : subscription_.sources.NeedsPulls();
}

asio::awaitable<absl::Status> PullReader::ReadUpdated(const StreamId& stream,
                                                      ListingReader& issues,
                                                      bool retry) {
  priority_ = Priority::kLive;
  std::optional<absl::Time> latest;
  while (true) {
    const auto page = co_await issues.Next();
    if (!page.ok()) co_return page.status();
    if (*page == nullptr) break;
    if ((*page)->latest) latest = std::max(latest, (*page)->latest);
    if (std::exchange(last_page_version_, (*page)->version) ==
        (*page)->version) {
      continue;
    }
    for (const Item& item : (*page)->items) {
      const PullKey key = KeyOf(item);
      recent_.Note(key, item.updated_at, clock_.Now(),
                   use_graphql_ && IsWanted(key));
      if (use_graphql_) continue;
      absl::Status status = co_await Collect(item);
      if (!status.ok()) co_return status;
    }
  }
  absl::Status status;
  if (use_graphql_) {
    for (const RecentPulls::Due& due : recent_.due()) {
      due_[due.key] = due.complete_since;
    }
    if (retry) {
      for (const PullKey& key : std::exchange(unreadable_, {})) {
        due_.try_emplace(key, clock_.Now());
      }
    }
    if (!due_.empty()) status = co_await ReadDue(stream);
  }
  // Nothing that was found waits until the others can be read.
  if (!found_.empty() || !found_in_.empty()) {
    absl::Status delivered = co_await DeliverFound(std::nullopt);
    if (!delivered.ok()) co_return delivered;
  }
  if (!status.ok()) co_return status;
  outbox_.SetPending(Unfinished());
  if (latest) {
    outbox_.SetHighWaterMark(Listing::kIssues, *latest);
    recent_.ForgetBefore(*latest - kOverlap);
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> PullReader::ContinueFullRead(
    const StreamId& stream, ListingReader& issues, int max_pages,
    AfterPage after_page) {
  priority_ = Priority::kHistory;
  const Progress& progress = outbox_.progress();
  const bool is_history = !progress.synced;
  const absl::Time began = progress.full_read->began;
  if (is_history) {
    for (const PullKey& key : std::exchange(unreadable_, {})) {
      due_.try_emplace(key, began - kFreshness);
    }
  }
  std::optional<absl::Time> mark = progress.full_read->high_water_mark;
  bool complete = false;
  for (int pages = 0; pages < max_pages && !complete; ++pages) {
    const auto page = co_await issues.Next();
    if (!page.ok()) co_return page.status();
    complete = *page == nullptr || issues.at_end();
    if (*page != nullptr) {
      mark = std::max(mark, (*page)->latest);
      for (const Item& item : (*page)->items) {
        if (!use_graphql_) {
          absl::Status status = co_await Collect(item);
          if (!status.ok()) co_return status;
        } else if (IsWanted(KeyOf(item))) {
          due_[KeyOf(item)] =
              std::max(CompleteSince(item.updated_at), began - kFreshness);
        }
      }
    }
    const bool is_last = complete || pages + 1 == max_pages;
    if (use_graphql_ &&
        (is_last || due_.size() >= static_cast<size_t>(kMaxPartsPerQuery))) {
      absl::Status status = co_await ReadDue(stream);
      if (!status.ok()) co_return status;
      if (!is_history) {
        status = co_await DeliverFound(std::nullopt);
        if (!status.ok()) co_return status;
      }
      if (mark) outbox_.AdvanceFullRead(*mark, Unfinished());
    }
    absl::Status status = co_await after_page();
    if (!status.ok()) co_return status;
  }
  if (!complete) co_return absl::OkStatus();

  // Pull requests that could not be read may have mentions of any time.
  std::optional<absl::Time> settled;
  if (unreadable_.empty()) settled = began - kClockSkew - kOverlap;
  absl::Status status = co_await DeliverFound(settled);
  if (!status.ok()) co_return status;
  outbox_.SetPending(Unfinished());
  if (is_history && !unreadable_.empty()) co_return failure_;
  if (is_history && mark) outbox_.SetHighWaterMark(Listing::kIssues, *mark);
  outbox_.FinishFullRead(settled);
  co_return absl::OkStatus();
}

// Without GraphQL: nothing tells when a description was edited.
asio::awaitable<absl::Status> PullReader::Collect(Item description) {
  description.updated_at = description.created_at;
  const auto is_new = co_await outbox_.IsNewMention(description);
  if (!is_new.ok()) co_return is_new.status();
  if (*is_new) found_.push_back(std::move(description));
  co_return absl::OkStatus();
}

// Reads all that is due, a batch at a time. A pull request that alone cannot be
// read does not keep the others from being read.
asio::awaitable<absl::Status> PullReader::ReadDue(const StreamId& stream) {
  bool any_read = false;
  absl::btree_map<PullKey, absl::Time> failed;
  absl::Status failure;
  while (!due_.empty() && failed.size() < kMaxFailures) {
    std::vector<PullKey> keys;
    absl::Time good_since = absl::InfinitePast();
    const auto size = static_cast<size_t>(repository_.pulls_per_query());
    for (const auto& [key, time] : due_) {
      if (keys.size() == size) break;
      keys.push_back(key);
      good_since = std::max(good_since, time);
    }
    const absl::Status status = co_await ReadBatch(keys, good_since);
    if (status.ok()) {
      any_read = true;
      continue;
    }
    if (IsRefusal(status)) co_return WithoutGraphQl(stream, status);
    if (absl::IsCancelled(status) || IsLimit(status) || keys.size() > 1) {
      failure = status;
      break;
    }
    failed[keys.front()] = good_since;
    due_.erase(keys.front());
    failure_ = status;
  }
  if (any_read && failure.ok() && due_.empty()) {
    // Others could be read, so it is these.
    for (const auto& [key, time] : failed) {
      LOG(WARNING) << "stream " << stream << ": #" << key.number << " of "
                   << subscription_.repo.ToString()
                   << " cannot be read: " << failure_;
      unreadable_.insert(key);
    }
    co_return absl::OkStatus();
  }
  if (failure.ok() && !failed.empty()) failure = failure_;
  due_.insert(failed.begin(), failed.end());
  co_return failure;
}

// Reads pull requests and issues completely, and takes them off due_.
asio::awaitable<absl::Status> PullReader::ReadBatch(std::vector<PullKey> keys,
                                                    absl::Time good_since) {
  const absl::Time began = clock_.Now();
  std::vector<PullRequestPart> parts;
  for (const PullKey& key : keys) parts.push_back(PartOf(key));
  std::vector<Item> found;
  absl::btree_set<PullKey> unread;
  while (!parts.empty()) {
    std::vector<PullRequestPart> batch(
        parts.begin(),
        parts.begin() +
            std::min<ptrdiff_t>(kMaxPartsPerQuery,
                                static_cast<ptrdiff_t>(parts.size())));
    parts.erase(parts.begin(),
                parts.begin() + static_cast<ptrdiff_t>(batch.size()));
    const auto page = co_await repository_.FetchPulls(std::move(batch),
                                                      priority_, good_since);
    if (!page.ok()) co_return page.status();
    for (const Item& item : (*page)->items) {
      const auto is_new = co_await outbox_.IsNewMention(item);
      if (!is_new.ok()) co_return is_new.status();
      if (*is_new) found.push_back(item);
    }
    for (const PullRequestPart& part : (*page)->unread) {
      unread.insert(KeyOf(part));
      failure_ = absl::UnavailableError((*page)->failure);
    }
    parts.insert(parts.end(), (*page)->more.begin(), (*page)->more.end());
  }
  if (outbox_.progress().without_graphql) outbox_.SetWithoutGraphQl(false);
  for (const PullKey& key : keys) {
    due_.erase(key);
    if (unread.contains(key)) {
      unreadable_.insert(key);
    } else {
      unreadable_.erase(key);
      recent_.MarkRead(key, began);
    }
  }
  for (Item& item : found) {
    found_in_.insert(KeyOf(item));
    found_.push_back(std::move(item));
  }
  co_return absl::OkStatus();
}

asio::awaitable<absl::Status> PullReader::DeliverFound(
    std::optional<absl::Time> settled) {
  absl::Status status =
      co_await outbox_.OfferSorted(std::exchange(found_, {}), settled);
  if (status.ok()) found_in_.clear();
  co_return status;
}

// GraphQL refuses what REST allows. Before the history is complete, the client
// can still be told that it will have gaps.
absl::Status PullReader::WithoutGraphQl(const StreamId& stream,
                                        const absl::Status& why) {
  const Progress& progress = outbox_.progress();
  if (progress.synced && !progress.without_graphql) {
    return absl::UnavailableError(why.message());
  }
  LOG(WARNING) << "stream " << stream
               << ": reviews and edits of descriptions in "
               << subscription_.repo.ToString() << " cannot be read: " << why;
  use_graphql_ = false;
  outbox_.SetWithoutGraphQl(true);
  outbox_.RestartFullRead();
  due_.clear();
  unreadable_.clear();
  found_.clear();
  found_in_.clear();
  last_page_version_ = 0;
  return absl::UnavailableError("continuing without GitHub's GraphQL API");
}

absl::btree_set<PullKey> PullReader::Unfinished() const {
  absl::btree_set<PullKey> keys = found_in_;
  keys.insert(unreadable_.begin(), unreadable_.end());
  return keys;
}

}  // namespace mentiond
