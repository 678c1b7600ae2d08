#include "server/authorization.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glog/logging.h"
#include "rapidjson/document.h"
#include "rapidjson/error/en.h"

#include "lib/base/status_reason.h"
#include "lib/base/strings.h"

namespace mentiond {
namespace {

using rapidjson::Value;

absl::Status Wrong(const std::string& where, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
}

absl::Status CheckNames(const Value& object, const std::string& where,
                        const std::set<std::string>& known) {
  if (!object.IsObject()) return Wrong(where, "must be an object");
  for (const auto& member : object.GetObject()) {
    const std::string name = member.name.GetString();
    if (!known.contains(name))
      return Wrong(where + "." + name, "not supported");
  }
  return absl::OkStatus();
}

bool Matches(const std::string& pattern, std::string_view value) {
  absl::string_view rest = pattern;
  if (rest == "*") return !value.empty();
  if (absl::ConsumePrefix(&rest, "*")) return value.ends_with(ToStd(rest));
  if (absl::ConsumeSuffix(&rest, "*")) return value.starts_with(ToStd(rest));
  return value == pattern;
}

}  // namespace

struct PolicyReader {
  using Rule = AuthorizationPolicy::Rule;
  using Patterns = AuthorizationPolicy::Patterns;

  // The list `name` of an object that is a member of the rule.
  static absl::Status ReadPatterns(const Value& rule, const char* object,
                                   const char* name, const std::string& where,
                                   Patterns& patterns) {
    if (!rule.HasMember(object)) return absl::OkStatus();
    const std::string at = absl::StrCat(where, ".", object);
    const Value& holder = rule[object];
    if (absl::Status status = CheckNames(holder, at, {name}); !status.ok()) {
      return status;
    }
    if (!holder.HasMember(name)) return absl::OkStatus();
    const Value& list = holder[name];
    const std::string list_at = absl::StrCat(at, ".", name);
    if (!list.IsArray()) return Wrong(list_at, "must be a list");
    for (const Value& pattern : list.GetArray()) {
      if (!pattern.IsString()) return Wrong(list_at, "must hold strings");
      patterns.emplace_back(pattern.GetString(), pattern.GetStringLength());
    }
    return absl::OkStatus();
  }

  static absl::Status ReadRules(const Value& document, const char* name,
                                std::vector<Rule>& rules) {
    if (!document.HasMember(name)) return absl::OkStatus();
    const Value& list = document[name];
    if (!list.IsArray()) return Wrong(name, "must be a list");
    for (rapidjson::SizeType i = 0; i < list.Size(); ++i) {
      const std::string where = absl::StrCat(name, "[", i, "]");
      absl::Status status =
          CheckNames(list[i], where, {"name", "source", "request"});
      Rule& rule = rules.emplace_back();
      if (status.ok() && !list[i].HasMember("name")) {
        status = Wrong(where, "must have a name");
      }
      if (status.ok()) {
        status = ReadPatterns(list[i], "source", "principals", where,
                              rule.principals);
      }
      if (status.ok()) {
        status = ReadPatterns(list[i], "request", "paths", where, rule.paths);
      }
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
};

absl::StatusOr<AuthorizationPolicy> AuthorizationPolicy::Parse(
    const std::string& json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not JSON: ", rapidjson::GetParseError_En(document.GetParseError()),
        " at byte ", document.GetErrorOffset()));
  }
  absl::Status status =
      CheckNames(document, "policy", {"name", "deny_rules", "allow_rules"});
  if (status.ok() && !document.HasMember("name")) {
    status = Wrong("policy", "must have a name");
  }
  if (status.ok() && !document.HasMember("allow_rules")) {
    status = Wrong("policy", "must have allow_rules");
  }
  AuthorizationPolicy policy;
  if (status.ok()) {
    status = PolicyReader::ReadRules(document, "deny_rules", policy.deny_);
  }
  if (status.ok()) {
    status = PolicyReader::ReadRules(document, "allow_rules", policy.allow_);
  }
  if (!status.ok()) return status;
  return policy;
}

bool AuthorizationPolicy::Matches(const Rule& rule,
                                  const std::vector<std::string>& principals,
                                  std::string_view path) {
  const auto any_of = [](const Patterns& patterns, std::string_view value) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) {
                         return mentiond::Matches(pattern, value);
                       });
  };
  if (!rule.paths.empty() && !any_of(rule.paths, path)) return false;
  return rule.principals.empty() ||
         std::any_of(principals.begin(), principals.end(),
                     [&](const std::string& principal) {
                       return any_of(rule.principals, principal);
                     });
}

bool AuthorizationPolicy::Allows(const std::vector<std::string>& principals,
                                 std::string_view path) const {
  const auto any = [&](const std::vector<Rule>& rules) {
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
      return Matches(rule, principals, path);
    });
  };
  return !any(deny_) && any(allow_);
}

absl::StatusOr<std::unique_ptr<AuthorizationFile>> AuthorizationFile::Load(
    std::string path, const Clock& clock) {
  std::unique_ptr<AuthorizationFile> file(
      new AuthorizationFile(std::move(path), clock));
  absl::MutexLock lock(&file->mutex_);
  absl::Status status = file->Read();
  if (!status.ok()) return status;
  return file;
}

absl::Status AuthorizationFile::Read() {
  absl::StatusOr<std::string> text = ReadWholeFile(path_);
  if (!text.ok()) return text.status();
  if (*text == text_) return absl::OkStatus();
  auto policy = AuthorizationPolicy::Parse(*text);
  if (!policy.ok()) {
    return absl::Status(policy.status().code(),
                        absl::StrCat(path_, ": ", policy.status().message()));
  }
  if (!text_.empty()) LOG(INFO) << "using the new policy in " << path_;
  text_ = *std::move(text);
  policy_ = *std::move(policy);
  return absl::OkStatus();
}

absl::Status AuthorizationFile::Check(
    const std::vector<std::string>& principals, std::string_view method) {
  absl::MutexLock lock(&mutex_);
  if (look_.IsDue(clock_.Now())) {
    const absl::Status status = Read();
    const std::string complaint(status.message());
    if (!status.ok() && complaint != complaint_) {
      LOG(ERROR) << "the new policy is not used: " << complaint;
    }
    complaint_ = complaint;
  }
  if (policy_.Allows(principals, method)) return absl::OkStatus();
  return WithReason(
      absl::PermissionDeniedError(
          "this server's authorization policy does not allow the call"),
      "NOT_AUTHORIZED");
}

}  // namespace mentiond
