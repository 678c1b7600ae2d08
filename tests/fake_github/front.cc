#include "tests/fake_github/front.h"

#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "tests/fake_github/graphql_executor.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

std::string Fingerprint(const std::string& text) {
  return absl::StrCat(
      absl::Hex(std::hash<std::string>{}(text), absl::kZeroPad16));
}

// GitHub's ETags differ between tokens and between values of Accept.
std::string ETagOf(const ApiRequest& request, const std::string& body) {
  return absl::StrCat("W/\"", Fingerprint(body),
                      Fingerprint(request.token + "\n" + request.accept), "\"");
}

absl::string_view WithoutWeakMark(absl::string_view etag) {
  return absl::StripPrefix(absl::StripAsciiWhitespace(etag), "W/");
}

bool HasAlready(const ApiRequest& request, const std::string& etag) {
  for (const absl::string_view had :
       absl::StrSplit(request.if_none_match, ',', absl::SkipEmpty())) {
    if (WithoutWeakMark(had) == WithoutWeakMark(etag) ||
        absl::StripAsciiWhitespace(had) == "*") {
      return true;
    }
  }
  return false;
}

ApiAnswer UserAgentRequired() {
  ApiAnswer answer;
  answer.status = 403;
  answer.content_type = "text/html; charset=utf-8";
  answer.body =
      "Request forbidden by administrative rules. Please make sure your "
      "request has a User-Agent header.";
  return answer;
}

ApiAnswer LimitExceeded(const ApiRequest& request, const std::string& login) {
  const std::string whom =
      login.empty()
          ? absl::StrCat(request.remote_address,
                         ". (But here's the good news: Authenticated requests "
                         "get a higher rate limit.)")
          : absl::StrCat("user ID ", UserId(login), ".");
  return ErrorAnswer(
      403, absl::StrCat("API rate limit exceeded for ", whom),
      "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api");
}

// `seconds`: until it may come back.
ApiAnswer SecondaryLimitExceeded(const SecondaryLimitOptions& options,
                                 int64_t seconds) {
  ApiAnswer answer = ErrorAnswer(
      options.status,
      "You have exceeded a secondary rate limit. Please wait a few minutes "
      "before you try again.",
      "https://docs.github.com/rest/overview/"
      "rate-limits-for-the-rest-api#about-secondary-rate-limits");
  if (options.retry_after) {
    answer.headers.emplace_back("Retry-After", absl::StrCat(seconds));
  }
  return answer;
}

bool IsGraphQl(const ApiRequest& request) {
  return request.method == "POST" &&
         (request.path == "/graphql" || request.path == "/api/graphql");
}

RateResource ResourceOf(const ApiRequest& request) {
  if (IsGraphQl(request)) return RateResource::kGraphQl;
  return absl::StartsWith(request.path, "/search/") ? RateResource::kSearch
                                                    : RateResource::kCore;
}

std::string RateJson(const RateState& state) {
  return JsonObject()
      .Int("limit", state.limit)
      .Int("remaining", state.remaining)
      .Int("used", state.used)
      .Int("reset", state.reset)
      .Take();
}

void AddRateHeaders(ApiAnswer& answer, const RateState& state,
                    RateResource resource) {
  auto& headers = answer.headers;
  headers.emplace_back("X-RateLimit-Limit", absl::StrCat(state.limit));
  headers.emplace_back("X-RateLimit-Remaining", absl::StrCat(state.remaining));
  headers.emplace_back("X-RateLimit-Used", absl::StrCat(state.used));
  headers.emplace_back("X-RateLimit-Reset", absl::StrCat(state.reset));
  headers.emplace_back("X-RateLimit-Resource", RateResourceName(resource));
}

// An installation token that says itself when it expires:
// "ghs_<milliseconds since the epoch>_...".
std::optional<absl::Time> ExpiryOf(absl::string_view token) {
  int64_t milliseconds = 0;
  if (!absl::ConsumePrefix(&token, "ghs_") ||
      !absl::SimpleAtoi(token.substr(0, token.find('_')), &milliseconds)) {
    return std::nullopt;
  }
  return absl::FromUnixMillis(milliseconds);
}

}  // namespace

Front::Front(const Api& api, const GraphQlApi& graphql,
             std::shared_ptr<World> world)
    : api_(api), graphql_(graphql), world_(std::move(world)) {}

Delivery Front::Handle(const ApiRequest& request, int socket) {
  RequestRecord record;
  record.sequence = log_.NextSequence();
  record.method = request.method;
  record.target = request.target;
  record.base_url = request.base_url;
  record.user_agent = request.user_agent;
  record.body = request.body;
  record.authorised = !request.token.empty();
  if (record.authorised) record.token_fingerprint = Fingerprint(request.token);
  record.conditional = !request.if_none_match.empty();
  Delivery delivery;
  {
    // Left when the response is fixed, before the client can see it: a client
    // that waits for each response never has two requests in flight.
    const SecondaryLimits::Slot slot(secondary_limits_,
                                     CallerOf(request.token).account);
    Run(Hooks(/*answered=*/false), record);
    if (slot.granted()) {
      delivery = Decide(request, socket, record);
    } else {
      delivery.answer = RefuseConcurrent(request, record);
    }
  }
  const absl::Time now = world_->Now();
  auto& headers = delivery.answer.headers;
  headers.emplace_back("Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                                now, absl::UTCTimeZone()));
  const std::optional<absl::Time> expires_at = ExpiryOf(request.token);
  if (expires_at && now < *expires_at) {
    headers.emplace_back("github-authentication-token-expiration",
                         absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", *expires_at,
                                          absl::UTCTimeZone()));
  }
  headers.emplace_back("X-GitHub-Request-Id",
                       absl::StrCat("FAKE:", record.sequence));
  headers.emplace_back("Server", "github.com");
  Run(Hooks(/*answered=*/true), record);
  log_.Add(std::move(record));
  return delivery;
}

ApiAnswer Front::RefuseConcurrent(const ApiRequest& request,
                                  RequestRecord& record) {
  // GitHub documents a minute as the shortest wait that makes sense.
  ApiAnswer answer = SecondaryLimitExceeded(secondary_limits_.options(), 60);
  const RateResource resource = ResourceOf(request);
  AddRateHeaders(answer,
                 rate_limits_.Peek(CallerOf(request.token).account, resource,
                                   world_->NowSeconds()),
                 resource);
  record.status = answer.status;
  record.refused_by = RefusedBy::kConcurrent;
  return answer;
}

Delivery Front::Decide(const ApiRequest& request, int socket,
                       RequestRecord& record) {
  Delivery delivery;
  const std::optional<FaultScript::Hit> hit =
      faults_.Take(request.target, request.body);
  record.faulted = hit.has_value();
  if (hit.has_value()) {
    const Fault& fault = hit->fault;
    switch (fault.action) {
      case Fault::Action::kAnswer:
        record.status = fault.status;
        delivery.answer.status = fault.status;
        delivery.answer.body = fault.body;
        delivery.answer.content_type = fault.content_type;
        delivery.answer.headers = fault.headers;
        return delivery;
      case Fault::Action::kClose:
        delivery.manner = Delivery::Manner::kConnectionClosed;
        return delivery;
      case Fault::Action::kHang:
        if (hit->gate->Wait(socket, fault.hang) == Gate::Outcome::kPeerGone) {
          record.client_gone = true;
          delivery.manner = Delivery::Manner::kConnectionClosed;
          return delivery;
        }
        break;
      case Fault::Action::kTruncate:
        delivery.manner = Delivery::Manner::kTruncated;
        delivery.keep_bytes = fault.keep_bytes;
        break;
    }
  }
  delivery.answer = AnswerWithinLimits(request, record);
  record.status = delivery.answer.status;
  return delivery;
}

ApiAnswer Front::AnswerWithinLimits(const ApiRequest& request,
                                    RequestRecord& record) {
  if (request.user_agent.empty()) return UserAgentRequired();
  const Caller caller = CallerOf(request.token);
  const RateResource resource = ResourceOf(request);
  const int64_t now = world_->NowSeconds();
  if (caller.bad_credentials) {
    return ErrorAnswer(401, "Bad credentials", "https://docs.github.com/rest");
  }
  if (const int64_t wait =
          secondary_limits_.TakePoint(caller.account, request.path, now)) {
    ApiAnswer answer =
        SecondaryLimitExceeded(secondary_limits_.options(), wait);
    AddRateHeaders(answer, rate_limits_.Peek(caller.account, resource, now),
                   resource);
    record.refused_by = RefusedBy::kPointsPerMinute;
    return answer;
  }
  if (request.path == "/rate_limit") {
    ApiAnswer answer = RateLimitOverview(caller.account, now);
    AddRateHeaders(answer, rate_limits_.Peek(caller.account, resource, now),
                   resource);
    return answer;
  }
  if (IsGraphQl(request)) return AnswerGraphQl(request, caller, record);
  auto [granted, state] = rate_limits_.Take(caller.account, resource, now);
  if (!granted) {
    ApiAnswer answer = LimitExceeded(request, caller.login);
    AddRateHeaders(answer, state, resource);
    record.refused_by = RefusedBy::kPrimary;
    return answer;
  }

  ApiAnswer answer = api_.Handle(request, caller.login);
  record.points = 1;
  if (answer.status == 200) {
    const std::string etag = ETagOf(request, answer.body);
    if (HasAlready(request, etag)) {
      answer.status = 304;
      answer.body.clear();
      // A 304 is free for those who say who they are.
      if (record.authorised) {
        state = rate_limits_.GiveBack(caller.account, resource, now);
        record.points = 0;
      }
    }
    answer.headers.emplace_back("ETag", etag);
    answer.headers.emplace_back("Cache-Control",
                                "private, max-age=60, s-maxage=60");
  }
  answer.headers.emplace_back(
      "Vary",
      "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, "
      "X-Requested-With");
  AddRateHeaders(answer, state, resource);
  return answer;
}

ApiAnswer Front::AnswerGraphQl(const ApiRequest& request, const Caller& caller,
                               RequestRecord& record) {
  constexpr RateResource kResource = RateResource::kGraphQl;
  const int64_t now = world_->NowSeconds();
  if (!record.authorised) {
    return ErrorAnswer(
        401, "This endpoint requires you to be authenticated.",
        "https://docs.github.com/graphql/guides/forming-calls-with-graphql");
  }
  ApiAnswer answer;
  RateState state = rate_limits_.Peek(caller.account, kResource, now);
  if (state.remaining == 0) {
    // With status 200.
    answer.body = GraphQlError(
        "RATE_LIMITED", absl::StrCat("API rate limit exceeded for user ID ",
                                     UserId(caller.login), "."));
    record.refused_by = RefusedBy::kPrimary;
  } else {
    GraphQlApi::Answer result = graphql_.Handle(
        {.body = request.body, .login = caller.login, .rate = state});
    answer.status = result.status;
    answer.body = std::move(result.body);
    record.graphql_points = result.points;
    if (result.points > 0) {
      state = rate_limits_.Take(caller.account, kResource, now, result.points)
                  .second;
    }
  }
  AddRateHeaders(answer, state, kResource);
  return answer;
}

ApiAnswer Front::RateLimitOverview(const std::string& account, int64_t now) {
  const std::string core =
      RateJson(rate_limits_.Peek(account, RateResource::kCore, now));
  ApiAnswer answer;
  answer.body =
      JsonObject()
          .Raw("resources",
               JsonObject()
                   .Raw("core", core)
                   .Raw("search", RateJson(rate_limits_.Peek(
                                      account, RateResource::kSearch, now)))
                   .Raw("graphql", RateJson(rate_limits_.Peek(
                                       account, RateResource::kGraphQl, now)))
                   .Take())
          .Raw("rate", core)
          .Take();
  return answer;
}

Front::Caller Front::CallerOf(const std::string& token) const {
  if (token.empty()) return {};
  const std::optional<absl::Time> expires_at = ExpiryOf(token);
  if (expires_at && *expires_at <= world_->Now()) return {true, "", ""};
  absl::MutexLock lock(&mu_);
  const auto it = logins_.find(token);
  if (it != logins_.end()) {
    // All tokens of a user share what the user has left.
    return {false, absl::StrCat("user ", it->second), it->second};
  }
  if (tokens_restricted_) return {true, "", ""};
  return {false, absl::StrCat("token ", Fingerprint(token)), "octocat"};
}

void Front::AddToken(std::string_view token, std::string_view login) {
  absl::MutexLock lock(&mu_);
  logins_[std::string(token)] = std::string(login);
}

void Front::RevokeToken(std::string_view token) {
  absl::MutexLock lock(&mu_);
  const auto it = logins_.find(token);
  if (it != logins_.end()) logins_.erase(it);
  tokens_restricted_ = true;
}

void Front::SetTokensRestricted(bool restricted) {
  absl::MutexLock lock(&mu_);
  tokens_restricted_ = restricted;
}

void Front::SetRemaining(std::string_view token, RateResource resource,
                         int64_t remaining) {
  rate_limits_.SetRemaining(CallerOf(std::string(token)).account, resource,
                            remaining, world_->NowSeconds());
}

void Front::OnRequest(Hook hook) {
  absl::MutexLock lock(&mu_);
  before_.push_back(std::move(hook));
}

void Front::OnAnswered(Hook hook) {
  absl::MutexLock lock(&mu_);
  after_.push_back(std::move(hook));
}

std::vector<Front::Hook> Front::Hooks(bool answered) const {
  absl::MutexLock lock(&mu_);
  return answered ? after_ : before_;
}

void Front::Run(const std::vector<Hook>& hooks, const RequestRecord& record) {
  for (const Hook& hook : hooks) hook(record);
}

}  // namespace mentiond::fake_github
