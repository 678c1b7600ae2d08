#include "client/internal/token_keeper.h"

#include <utility>

#include "asio/post.hpp"
#include "asio/this_coro.hpp"

#include "lib/base/task_scope.h"

namespace mentiond::client {
namespace {

constexpr absl::Duration kQuietFor = absl::Seconds(1);

}  // namespace

TokenKeeper::TokenKeeper(const asio::any_io_executor& executor, Clock& clock,
                         TokenSource source)
    : clock_(clock), source_(std::move(source)), fetched_(executor) {
  if (has_source()) thread_.emplace(1);
}

asio::awaitable<absl::StatusOr<TokenKeeper::Issued>> TokenKeeper::Get(
    std::optional<uint64_t> rejected) {
  if (!has_source() || (!rejected && issued_.version > 0)) co_return issued_;
  co_return co_await Renew(rejected.value_or(0));
}

asio::awaitable<absl::StatusOr<TokenKeeper::Issued>> TokenKeeper::Renew(
    uint64_t old) {
  if (issued_.version != old) co_return issued_;
  if (!fetching_ && clock_.Now() >= quiet_until_) Fetch();
  while (fetching_) {
    const bool cancelled =
        IsCancelled(co_await asio::this_coro::cancellation_state);
    if (cancelled) {
      co_return absl::CancelledError("cancelled while waiting for a token");
    }
    co_await fetched_.Wait();
  }
  if (!status_.ok()) co_return status_;
  co_return issued_;
}

void TokenKeeper::Fetch() {
  fetching_ = true;
  asio::post(*thread_, [this] {
    absl::StatusOr<std::string> value = source_();
    asio::post(fetched_.executor(), [this, value = std::move(value)]() mutable {
      Keep(std::move(value));
    });
  });
}

void TokenKeeper::Keep(absl::StatusOr<std::string> value) {
  fetching_ = false;
  status_ = value.status();
  Secret token(value.ok() ? *std::move(value) : std::string());
  if (status_.ok() && (issued_.version == 0 || token != issued_.token)) {
    issued_ = {std::move(token), issued_.version + 1};
  } else {
    quiet_until_ = clock_.Now() + kQuietFor;
  }
  fetched_.Notify();
}

}  // namespace mentiond::client
