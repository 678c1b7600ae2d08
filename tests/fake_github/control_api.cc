#include "tests/fake_github/control_api.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "tests/fake_github/fake_github.h"
#include "tests/fake_github/json_text.h"

namespace mentiond::fake_github {
namespace {

ApiAnswer ControlAnswer(int status, std::string json) {
  ApiAnswer answer;
  answer.status = status;
  answer.body = std::move(json);
  return answer;
}

// POST /_control/repos/{o}/{r}/{kind}
ApiAnswer HandleAdd(FakeRepository& repo, const std::string& kind,
                    const std::string& json) {
  const rapidjson::Document fields = ParseJsonText(json);
  const auto pull = IntMember(fields, "pull");
  const auto author = StringMember(fields, "author");
  const auto body = StringMember(fields, "body");
  if (!pull || !author || !body) {
    return ErrorAnswer(400, "it needs `pull`, `author` and `body`");
  }
  int64_t id = 0;
  if (kind == "comments") id = repo.AddIssueComment(*pull, *author, *body);
  if (kind == "reviews") id = repo.AddReview(*pull, *author, *body);
  if (kind == "review_comments") {
    id = repo.AddReviewComment(*pull, *author, *body);
  }
  return id == 0 ? ErrorAnswer(404, "no such pull request, or kind of item")
                 : ControlAnswer(201, JsonObject().Int("id", id).Take());
}

ApiAnswer HandleStats(const RequestStats& stats) {
  JsonObject by_status;
  for (const auto& [status, count] : stats.by_status) {
    by_status.Int(absl::StrCat(status), count);
  }
  return ControlAnswer(200, JsonObject()
                                .Int("requests", stats.requests)
                                .Int("points", stats.points)
                                .Int("graphql_points", stats.graphql_points)
                                .Raw("by_status", by_status.Take())
                                .Take());
}

}  // namespace

ApiAnswer HandleControl(FakeGitHub& fake, const ApiRequest& request) {
  // The path starts with '/', so the first part is empty.
  const std::vector<std::string> parts = absl::StrSplit(request.path, '/');
  const bool post = request.method == "POST";
  if (post && parts.size() == 6 && parts[2] == "repos" && !parts[3].empty() &&
      !parts[4].empty()) {
    return HandleAdd(fake.repo(absl::StrCat(parts[3], "/", parts[4])), parts[5],
                     request.body);
  }
  if (!post && parts.size() == 3 && parts[2] == "stats") {
    return HandleStats(fake.stats());
  }
  return ErrorAnswer(404, "no such control endpoint: see README.md");
}

}  // namespace mentiond::fake_github
