#include "tests/fake_github/front.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"

#include "tests/fake_github/rest_api.h"

namespace mentiond::fake_github {
namespace {

std::string HashOf(const std::string& text) {
  return absl::StrCat(
      absl::Hex(std::hash<std::string>{}(text), absl::kZeroPad16));
}

// GitHub's ETags differ between tokens and between values of Accept.
std::string ETagOf(const ApiRequest& request, const std::string& body) {
  return absl::StrCat("W/\"", HashOf(body),
                      HashOf(request.token + "\n" + request.accept), "\"");
}

bool SameETag(absl::string_view a, absl::string_view b) {
  return absl::StripPrefix(a, "W/") == absl::StripPrefix(b, "W/");
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

// A request that counts as under way for as long as this lives.
class Front::UnderWay {
 public:
  UnderWay(Front& front, std::string account)
      : front_(front), account_(std::move(account)) {
    absl::MutexLock lock(&front_.mu_);
    // Counted without a limit too: one may be set while requests are under way.
    count_ = ++front_.under_way_[account_];
  }
  ~UnderWay() {
    absl::MutexLock lock(&front_.mu_);
    if (--front_.under_way_[account_] == 0) front_.under_way_.erase(account_);
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

  bool TooMany() const {
    const int64_t limit = front_.concurrent_limit_;
    return limit != 0 && count_ > limit;
  }

 private:
  Front& front_;
  const std::string account_;
  int64_t count_ = 0;
};

Delivery Front::Handle(const ApiRequest& request, int socket) {
  RequestRecord record;
  record.target = request.target;
  record.body = request.body;
  record.base_url = request.base_url;
  record.graphql = request.method == "POST" && (request.path == "/graphql" ||
                                                request.path == "/api/graphql");
  record.conditional = !request.if_none_match.empty();
  Delivery delivery;
  {
    // Left when the response is fixed, before the client can see it: a client
    // that waits for each response never has two requests in flight.
    const Caller caller = CallerOf(request.token);
    const UnderWay under_way(*this, caller.account);
    for (const Hook& hook : Hooks(/*answered=*/false)) hook(record);
    if (under_way.TooMany()) {
      delivery.answer = ErrorAnswer(
          403,
          "You have exceeded a secondary rate limit. Please wait a few "
          "minutes before you try again.");
      // GitHub documents a minute as the shortest wait that makes sense.
      delivery.answer.headers.emplace_back("Retry-After", "60");
      Charge(caller, record, 0, delivery.answer);
      record.refused_by = RefusedBy::kConcurrent;
      record.status = delivery.answer.status;
    } else {
      delivery = Decide(request, socket, record);
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
                       absl::StrCat("FAKE:", ++last_request_id_));
  headers.emplace_back("Server", "github.com");
  for (const Hook& hook : Hooks(/*answered=*/true)) hook(record);
  log.Add(std::move(record));
  return delivery;
}

Delivery Front::Decide(const ApiRequest& request, int socket,
                       RequestRecord& record) {
  Delivery delivery;
  if (const auto hit = faults.Take(request.target, request.body)) {
    const Fault& fault = hit->fault;
    record.faulted = true;
    switch (fault.action) {
      case Fault::Action::kAnswer:
        record.status = fault.status;
        delivery.answer = {fault.status, fault.body, fault.content_type,
                           fault.headers};
        return delivery;
      case Fault::Action::kClose:
        delivery.manner = Delivery::Manner::kConnectionClosed;
        return delivery;
      case Fault::Action::kHang:
        if (!hit->gate->Wait(socket, fault.hang)) {
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
  if (caller.bad_credentials) return ErrorAnswer(401, "Bad credentials");
  const bool anonymous = request.token.empty();
  if (record.graphql && anonymous) {
    return ErrorAnswer(401, "This endpoint requires you to be authenticated.");
  }
  const RateState state = rate_limits.Spend(
      caller.account,
      record.graphql ? RateResource::kGraphQl : RateResource::kCore,
      world_->NowSeconds(), 0);
  ApiAnswer answer;
  int64_t points = 1;
  if (state.remaining == 0) {
    const std::string message =
        absl::StrCat("API rate limit exceeded for ",
                     anonymous ? "127.0.0.1" : "user ID 7", ".");
    if (record.graphql) {
      answer.body = GraphQlError("RATE_LIMITED", message);  // with status 200
    } else {
      answer = ErrorAnswer(403, message);
    }
    record.refused_by = RefusedBy::kPrimary;
    points = 0;
  } else if (record.graphql) {
    answer = graphql.Handle(request.body, state, points);
  } else {
    answer = AnswerRest(repositories_, request);
    if (answer.status == 200) {
      const std::string etag = ETagOf(request, answer.body);
      if (SameETag(request.if_none_match, etag)) {
        answer.status = 304;
        answer.body.clear();
        // A 304 is free for those who say who they are.
        if (!anonymous) points = 0;
      }
      answer.headers.emplace_back("ETag", etag);
      answer.headers.emplace_back("Cache-Control",
                                  "private, max-age=60, s-maxage=60");
    }
    answer.headers.emplace_back(
        "Vary",
        "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, "
        "X-Requested-With");
  }
  Charge(caller, record, points, answer);
  return answer;
}

void Front::Charge(const Caller& caller, RequestRecord& record, int64_t points,
                   ApiAnswer& answer) {
  record.points = points;
  const RateState state = rate_limits.Spend(
      caller.account,
      record.graphql ? RateResource::kGraphQl : RateResource::kCore,
      world_->NowSeconds(), points);
  auto& headers = answer.headers;
  headers.emplace_back("X-RateLimit-Limit", absl::StrCat(state.limit));
  headers.emplace_back("X-RateLimit-Remaining", absl::StrCat(state.remaining));
  headers.emplace_back("X-RateLimit-Used", absl::StrCat(state.used));
  headers.emplace_back("X-RateLimit-Reset", absl::StrCat(state.reset));
  headers.emplace_back("X-RateLimit-Resource",
                       record.graphql ? "graphql" : "core");
}

Front::Caller Front::CallerOf(const std::string& token) const {
  if (token.empty()) return {};
  const std::optional<absl::Time> expires_at = ExpiryOf(token);
  if (expires_at && *expires_at <= world_->Now()) return {true, ""};
  absl::MutexLock lock(&mu_);
  const auto it = logins_.find(token);
  if (it != logins_.end()) return {false, absl::StrCat("user ", it->second)};
  if (tokens_restricted_) return {true, ""};
  return {false, absl::StrCat("token ", token)};
}

void Front::AddToken(const std::string& token, const std::string& login) {
  absl::MutexLock lock(&mu_);
  logins_[token] = login;
}

void Front::SetTokensRestricted(bool restricted) {
  absl::MutexLock lock(&mu_);
  tokens_restricted_ = restricted;
}

void Front::SetRemaining(const std::string& token, RateResource resource,
                         int64_t remaining) {
  rate_limits.SetRemaining(CallerOf(token).account, resource, remaining,
                           world_->NowSeconds());
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

}  // namespace mentiond::fake_github
