#include "tests/fake_github/control_api.h"

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "tests/fake_github/control_fields.h"
#include "tests/fake_github/fake_github.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

ApiAnswer Problem(int status, absl::string_view message) {
  ApiAnswer answer;
  answer.status = status;
  answer.body =
      JsonObject()
          .Str("message", std::string_view(message.data(), message.size()))
          .Take();
  return answer;
}

ApiAnswer Refused(const absl::Status& status) {
  return Problem(status.code() == absl::StatusCode::kNotFound ? 404 : 400,
                 status.message());
}

ApiAnswer Json(int status, std::string json) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(json);
  return answer;
}

// What an add returned: an id, or 0 where there was nothing to add it to.
ApiAnswer Added(const char* key, int64_t value) {
  return value == 0 ? Problem(404,
                              "no such pull request or issue, or the "
                              "number is taken")
                    : Json(201, JsonObject().Int(key, value).Take());
}

ApiAnswer Changed(bool found) {
  return found ? Json(200, "{}") : Problem(404, "no such item");
}

ApiAnswer AddItem(FakeRepository& repo, const std::string& kind,
                  const rapidjson::Value& fields) {
  const absl::StatusOr<ControlItem> item = ParseControlItem(fields);
  if (!item.ok()) return Refused(item.status());
  if (kind == "pulls") {
    return Added("number", repo.AddPull(item->author, item->body, item->pull));
  }
  if (kind == "issues") {
    return Added("number", repo.AddIssue(item->author, item->body, item->pull));
  }
  if (kind == "comments") {
    return Added("id", repo.AddIssueComment(item->number, item->author,
                                            item->body, item->write));
  }
  if (kind == "review_comments") {
    return Added("id", repo.AddReviewComment(item->number, item->author,
                                             item->body, item->write));
  }
  if (kind == "reviews") {
    return Added("id", repo.AddReview(item->number, item->author, item->body,
                                      item->write));
  }
  return Problem(404, "no such kind of item");
}

ApiAnswer EditItem(FakeRepository& repo, const std::string& kind, int64_t id,
                   const rapidjson::Value& fields) {
  const absl::StatusOr<ControlItem> item = ParseControlItem(fields);
  if (!item.ok()) return Refused(item.status());
  if (Member(fields, "body") == nullptr) {
    return Problem(400, "an edit needs a body (or null)");
  }
  if (kind == "pulls" || kind == "issues") {
    return Changed(repo.EditPull(id, item->body, item->edit));
  }
  if (kind == "comments") {
    return Changed(repo.EditIssueComment(id, item->body, item->edit));
  }
  if (kind == "review_comments") {
    return Changed(repo.EditReviewComment(id, item->body, item->edit));
  }
  return kind == "reviews" ? Changed(repo.EditReview(id, item->body))
                           : Problem(404, "no such kind of item");
}

ApiAnswer DeleteItem(FakeRepository& repo, const std::string& kind,
                     int64_t id) {
  if (kind == "pulls" || kind == "issues") return Changed(repo.DeletePull(id));
  if (kind == "comments") return Changed(repo.DeleteIssueComment(id));
  if (kind == "review_comments") return Changed(repo.DeleteReviewComment(id));
  return kind == "reviews" ? Changed(repo.DeleteReview(id))
                           : Problem(404, "no such kind of item");
}

// /_control/repos/{o}/{r}/{kind}[/{id}]
ApiAnswer HandleItem(FakeGitHub& fake, const ApiRequest& request,
                     const std::vector<std::string>& parts,
                     const rapidjson::Value& fields) {
  if (parts[3].empty() || parts[4].empty()) {
    return Problem(404, "no such repository");
  }
  FakeRepository& repo = fake.repo(absl::StrCat(parts[3], "/", parts[4]));
  const std::string& kind = parts[5];
  if (parts.size() == 6) {
    return request.method == "POST" ? AddItem(repo, kind, fields)
                                    : Problem(404, "POST adds an item");
  }
  int64_t id;
  if (!absl::SimpleAtoi(parts[6], &id)) return Problem(400, "the id is none");
  if (request.method == "PATCH") return EditItem(repo, kind, id, fields);
  if (request.method == "DELETE") return DeleteItem(repo, kind, id);
  return Problem(404, "PATCH edits and DELETE deletes an item");
}

ApiAnswer HandleFaults(FakeGitHub& fake, const ApiRequest& request,
                       const rapidjson::Value& fields) {
  if (request.method == "DELETE") {
    fake.ClearFaults();
    return Json(200, "{}");
  }
  const absl::StatusOr<Fault> fault = ParseControlFault(fields);
  if (!fault.ok()) return Refused(fault.status());
  return Json(201, JsonObject().Int("id", fake.AddFault(*fault)).Take());
}

ApiAnswer HandleLimits(FakeGitHub& fake, const ApiRequest& request,
                       const rapidjson::Value& fields) {
  if (request.method == "DELETE") {
    fake.SetSecondaryLimits({.concurrent = 0, .points_per_minute = 0});
    return Json(200, "{}");
  }
  const absl::StatusOr<SecondaryLimitOptions> limits =
      ParseControlLimits(fields);
  if (!limits.ok()) return Refused(limits.status());
  fake.SetSecondaryLimits(*limits);
  return Json(200, "{}");
}

ApiAnswer HandleRelease(FakeGitHub& fake, const rapidjson::Value& fields) {
  const std::optional<int64_t> id = IntMember(fields, "id");
  if (id.has_value()) return Changed(fake.ReleaseFault(*id));
  fake.ReleaseFaults();
  return Json(200, "{}");
}

ApiAnswer HandleRename(FakeGitHub& fake, const rapidjson::Value& fields) {
  const absl::Status renamed =
      fake.Rename(StringMember(fields, "from").value_or(""),
                  StringMember(fields, "to").value_or(""));
  return renamed.ok() ? Json(200, "{}") : Refused(renamed);
}

ApiAnswer Stats(const FakeGitHub& fake) {
  const RequestStats stats = fake.stats();
  JsonObject by_status;
  for (const auto& [status, count] : stats.by_status) {
    by_status.Int(absl::StrCat(status), count);
  }
  JsonObject refused;
  for (const auto& [limit, count] : stats.refused) {
    refused.Int(RefusedByName(limit), count);
  }
  return Json(200, JsonObject()
                       .Int("requests", stats.requests)
                       .Int("conditional", stats.conditional)
                       .Int("points", stats.points)
                       .Raw("by_status", by_status.Take())
                       .Raw("refused", refused.Take())
                       .Take());
}

}  // namespace

ApiAnswer HandleControl(FakeGitHub& fake, const ApiRequest& request) {
  rapidjson::Document fields;
  fields.Parse(request.body.data(), request.body.size());
  const bool sends = request.method == "POST" || request.method == "PATCH";
  if (request.body.empty()) {
    fields.SetObject();
  } else if (sends && (fields.HasParseError() || !fields.IsObject())) {
    return Problem(400, "the body is no JSON object");
  }
  // The path starts with '/', so the first part is empty.
  const std::vector<std::string> parts = absl::StrSplit(request.path, '/');
  const std::string& what = parts[2];
  if (what == "repos" && (parts.size() == 6 || parts.size() == 7)) {
    return HandleItem(fake, request, parts, fields);
  }
  if (what == "faults") return HandleFaults(fake, request, fields);
  if (what == "secondary_limits" && (sends || request.method == "DELETE")) {
    return HandleLimits(fake, request, fields);
  }
  if (what == "release" && sends) return HandleRelease(fake, fields);
  if (what == "rename" && sends) return HandleRename(fake, fields);
  if (what == "stats") {
    if (request.method == "DELETE") fake.ClearLog();
    return Stats(fake);
  }
  return Problem(404, "no such control endpoint: see README.md");
}

}  // namespace mentiond::fake_github
