// Checks the stand-in's responses against GitHub's OpenAPI description.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "tests/corpus.h"
#include "tests/fake_github/openapi_schema.h"
#include "tests/fake_github/test_client.h"
#include "tests/shared_data.h"

namespace mentiond::fake_github {
namespace {

constexpr const char* kLists[] = {"/issues", "/issues/comments",
                                  "/pulls/comments"};

class SchemaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto path = SharedPath("github-api/openapi.json");
    if (!path) {
      GTEST_SKIP() << "../shared/github-api/openapi.json is absent: answers "
                      "are not held against it";
    }
    schema_ = std::make_unique<OpenApiSchema>(*path);
    fake_.SetLimit(1'000'000, 60);
  }

  static std::string Operation(const std::string& list) {
    return "/repos/{owner}/{repo}" + list;
  }

  // All pages of all lists are as described, and have items.
  void CheckRepository(const std::string& name) {
    for (const std::string list : kLists) {
      for (std::string next =
               absl::StrCat("/repos/", name, list, "?state=all&per_page=100");
           !next.empty();) {
        const TestAnswer answer = Get(fake_, next);
        ASSERT_EQ(answer.status, 200) << next;
        EXPECT_GT(answer.Ints("id").size(), 0U) << next;
        const absl::Status checked =
            schema_->Check(Operation(list), answer.body);
        EXPECT_TRUE(checked.ok()) << next << ": " << checked;
        next = answer.Link("next");
      }
    }
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
    repo.EditIssueComment(repo.AddIssueComment(pull, "", std::nullopt), "b");
    repo.EditReviewComment(repo.AddReviewComment(pull, "hubot", "c"), "d");
    repo.AddReviewComment(pull, "", "e");
  }
  repo.EditPull(1, "two");

  CheckRepository("octo/demo");
  ASSERT_TRUE(fake_.Rename("octo/demo", "tree/house").ok());
  CheckRepository("tree/house");
}

TEST_F(SchemaTest, WhatIsLoadedIsAsDescribed) {
  const auto corpus = SharedPath(kCorpusFolder);
  if (!corpus) {
    GTEST_SKIP() << "../shared/corpus is absent: its items are not held "
                    "against the description";
  }
  ASSERT_TRUE(fake_.LoadCorpus(*corpus).ok());
  FakeRepository& repo = fake_.repo("bitcoin-core/gui");
  CheckRepository("bitcoin-core/gui");

  // And when they have been edited.
  const ItemPtr comment = repo.All(ItemKind::kIssueComment).front();
  ASSERT_TRUE(repo.EditIssueComment(comment->id, "edited"));
  const ItemPtr on_diff = repo.All(ItemKind::kReviewComment).front();
  ASSERT_TRUE(repo.EditReviewComment(on_diff->id, "edited"));
  ASSERT_TRUE(repo.EditPull(8, "edited"));
  CheckRepository("bitcoin-core/gui");
}

// RapidJSON says nothing of rules that it does not understand, so a validator
// that accepts all of the above might only be blind.
TEST_F(SchemaTest, BrokenItemsAreSeen) {
  FakeRepository& repo = fake_.repo("octo/demo");
  repo.AddPull("mona", "one");
  repo.AddIssueComment(1, "hubot", "a");
  repo.AddReviewComment(1, "hubot", "b");

  struct Broken {
    std::string list;
    const char* from;
    const char* to;
  };
  for (const Broken& broken : {
           Broken{"/issues/comments", "\"id\":", "\"no_id\":"},
           Broken{"/issues/comments", "\"login\":\"hubot\"", "\"login\":7"},
           Broken{"/issues/comments", "\"site_admin\":false",
                  "\"site_admin\":null"},
           Broken{"/issues/comments", "\"CONTRIBUTOR\"", "\"PASSER-BY\""},
           Broken{"/pulls/comments", "\"href\":", "\"ref\":"},
           Broken{"/issues", "\"pull_request\":{",
                  "\"pull_request\":{\"url\":3,"},
           Broken{"/issues", "\"title\":\"A change\"", "\"title\":null"},
       }) {
    const std::string good = Get(fake_, "/repos/octo/demo" + broken.list).body;
    const std::string bad =
        absl::StrReplaceAll(good, {{broken.from, broken.to}});
    ASSERT_NE(good, bad) << broken.from;
    EXPECT_TRUE(schema_->Check(Operation(broken.list), good).ok());
    EXPECT_FALSE(schema_->Check(Operation(broken.list), bad).ok())
        << broken.to << " was not seen";
  }
  EXPECT_TRUE(absl::IsNotFound(schema_->Check("/nowhere", "{}")));
}

}  // namespace
}  // namespace mentiond::fake_github
