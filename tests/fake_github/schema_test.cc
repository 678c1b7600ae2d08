// Checks the stand-in's responses against GitHub's OpenAPI description.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"

#include "tests/fake_github/openapi_schema.h"
#include "tests/fake_github/test_client.h"
#include "tests/shared_data.h"

namespace mentiond::fake_github {
namespace {

constexpr char kRepo[] = "/repos/{owner}/{repo}";

class SchemaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = SharedPath("github-api/openapi.json");
    if (!path.has_value()) {
      GTEST_SKIP() << "../shared/github-api/openapi.json is absent: answers "
                      "are not held against it";
    }
    absl::StatusOr<OpenApiSchema> loaded = OpenApiSchema::Load(*path);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    schema_ = std::make_unique<OpenApiSchema>(*std::move(loaded));
    ASSERT_TRUE(fake_.Start().ok());
    fake_.SetLimit(1'000'000, 60);
    fake_.SetLimit(1'000'000, 60, RateResource::kSearch);
  }

  // All pages of `target` are as `operation` says; returns their number.
  int CheckPages(const std::string& operation, const std::string& target) {
    TestClient client(fake_, "secret");
    int pages = 0;
    for (std::string next = target; !next.empty();) {
      const TestAnswer answer = client.Get(next);
      EXPECT_EQ(answer.status, 200) << next;
      const absl::Status checked = schema_->Check(operation, answer.body);
      EXPECT_TRUE(checked.ok()) << next << ": " << checked;
      ++pages;
      next = answer.Link("next");
    }
    return pages;
  }

  void CheckRepository(const std::string& name, int64_t pull) {
    const std::string base = "/repos/" + name;
    const std::string one = absl::StrCat("/pulls/", pull);
    CheckPages(kRepo, base);
    for (const char* list : {"/issues/comments", "/pulls/comments"}) {
      CheckPages(absl::StrCat(kRepo, list),
                 absl::StrCat(base, list, "?per_page=100"));
    }
    for (const char* list : {"/issues", "/pulls"}) {
      CheckPages(absl::StrCat(kRepo, list),
                 absl::StrCat(base, list, "?state=all&per_page=100"));
    }
    const std::string of_pull = absl::StrCat(kRepo, "/pulls/{pull_number}");
    CheckPages(of_pull, base + one);
    CheckPages(of_pull + "/reviews", base + one + "/reviews");
    CheckPages(of_pull + "/comments", base + one + "/comments");
    CheckPages(absl::StrCat(kRepo, "/issues/{issue_number}/comments"),
               absl::StrCat(base, "/issues/", pull, "/comments"));
    CheckPages("/search/issues",
               absl::StrCat("/search/issues?q=repo:", name, "+type:pr"));
  }

  FakeGitHub fake_;
  std::unique_ptr<OpenApiSchema> schema_;
};

TEST_F(SchemaTest, WhatIsMadeHereIsAsDescribed) {
  FakeRepository& repo = fake_.repo("octo/demo");
  repo.AddPull("mona", "one");
  repo.AddPull("", std::nullopt, {.open = false});
  repo.AddIssue("dependabot[bot]", "an issue");
  for (const int64_t pull : {1, 2}) {
    repo.AddIssueComment(pull, "hubot", "a");
    const int64_t deleted = repo.AddIssueComment(pull, "", std::nullopt);
    repo.EditIssueComment(deleted, "b");
    const int64_t on_diff = repo.AddReviewComment(pull, "hubot", "c");
    repo.EditReviewComment(on_diff, "d");
    repo.AddReviewComment(pull, "", "e",
                          {.in_reply_to = on_diff, .line = std::nullopt});
    repo.AddReview(pull, "", "", {.state = "APPROVED"});
  }
  repo.EditPull(1, "two");

  CheckRepository("octo/demo", 1);
  CheckRepository("octo/demo", 2);
  CheckPages("/user", "/user");
  CheckPages("/rate_limit", "/rate_limit");

  ASSERT_TRUE(fake_.Rename("octo/demo", "tree/house").ok());
  CheckRepository("tree/house", 1);
}

TEST_F(SchemaTest, WhatIsLoadedIsAsDescribed) {
  const auto corpus = SharedPath("corpus/bitcoin-core-gui");
  if (!corpus.has_value()) {
    GTEST_SKIP() << "../shared/corpus is absent: its items are not held "
                    "against the description";
  }
  ASSERT_TRUE(fake_.LoadCorpus(*corpus).ok());
  FakeRepository& repo = fake_.repo("bitcoin-core/gui");

  CheckRepository("bitcoin-core/gui", 8);

  // And when they have been edited.
  const ItemPtr comment = repo.All(ItemKind::kIssueComment).front();
  ASSERT_TRUE(repo.EditIssueComment(comment->id, "edited"));
  const ItemPtr on_diff = repo.All(ItemKind::kReviewComment).front();
  ASSERT_TRUE(repo.EditReviewComment(on_diff->id, "edited"));
  ASSERT_TRUE(repo.EditPull(8, "edited"));
  repo.AddIssueComment(8, "mona", "new");
  CheckRepository("bitcoin-core/gui", 8);
}

// RapidJSON says nothing of rules that it does not understand, so a validator
// that accepts all of the above might only be blind.
TEST_F(SchemaTest, BrokenItemsAreSeen) {
  FakeRepository& repo = fake_.repo("octo/demo");
  repo.AddPull("mona", "one");
  repo.AddIssueComment(1, "hubot", "a");
  repo.AddReviewComment(1, "hubot", "b");
  TestClient client(fake_, "secret");

  struct Broken {
    const char* list;
    const char* from;
    const char* to;
  };
  for (const Broken& broken : std::vector<Broken>{
           {"/issues/comments", "\"id\":", "\"no_id\":"},
           {"/issues/comments", "\"login\":\"hubot\"", "\"login\":7"},
           {"/issues/comments", "\"site_admin\":false", "\"site_admin\":null"},
           {"/issues/comments", "\"created_at\":", "\"made_at\":"},
           {"/issues/comments", "\"CONTRIBUTOR\"", "\"PASSER-BY\""},
           {"/pulls/comments", "\"line\":1", "\"line\":\"one\""},
           {"/pulls/comments", "\"href\":", "\"ref\":"},
           {"/pulls/comments", "\"side\":\"RIGHT\"", "\"side\":\"UP\""},
           {"/pulls", "\"gravatar_id\":\"\"", "\"gravatar_id\":3"},
           {"/pulls", "\"forks_count\":0", "\"forks_count\":\"0\""},
           {"/pulls", "\"auto_merge\":null", "\"auto_merge\":1"},
           {"/issues", "\"pull_request\":{", "\"pull_request\":{\"url\":3,"},
           {"/issues", "\"title\":\"A change\"", "\"title\":null"}}) {
    const std::string operation = absl::StrCat(kRepo, broken.list);
    const std::string good =
        client.Get(absl::StrCat("/repos/octo/demo", broken.list)).body;
    const std::string bad =
        absl::StrReplaceAll(good, {{broken.from, broken.to}});
    ASSERT_NE(good, bad) << broken.from;
    EXPECT_TRUE(schema_->Check(operation, good).ok());
    EXPECT_FALSE(schema_->Check(operation, bad).ok())
        << broken.to << " was not seen";
  }
  EXPECT_FALSE(schema_->Check("/nowhere", "{}").ok());
}

}  // namespace
}  // namespace mentiond::fake_github
