#include "tests/fake_github/control_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

#include "tests/fake_github/json_text.h"
#include "tests/fake_github/test_client.h"

namespace mentiond::fake_github {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kControl[] = "/_control/repos/octo/demo";

class ControlApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(fake_.Start().ok());
    client_ = std::make_unique<TestClient>(fake_, "secret");
  }

  TestAnswer List(const std::string& rest) {
    return client_->Get("/repos/octo/demo" + rest);
  }
  TestAnswer Add(const std::string& kind, const std::string& json) {
    return client_->Post(absl::StrCat(kControl, "/", kind), json);
  }

  FakeGitHub fake_;
  std::unique_ptr<TestClient> client_;
};

TEST_F(ControlApiTest, AddsAllKindsOfItems) {
  const TestAnswer pull =
      Add("pulls", R"({"author":"mona","title":"T","body":"B","number":5})");
  ASSERT_EQ(pull.status, 201) << pull.body;
  EXPECT_EQ(IntMember(pull.json, "number"), 5);
  EXPECT_EQ(Add("issues", R"({"author":"mona"})").status, 201);
  EXPECT_EQ(Add("comments", R"({"pull":5,"author":"hubot","body":"c"})").status,
            201);
  EXPECT_EQ(Add("reviews",
                R"({"pull":5,"author":"hubot","body":"r","state":"APPROVED"})")
                .status,
            201);
  EXPECT_EQ(
      Add("review_comments",
          R"({"pull":5,"author":"hubot","body":"d","line":null,"path":"a.c",)"
          R"("created_at":"2020-01-01T00:00:00Z",)"
          R"("updated_at":"2021-01-01T00:00:00Z"})")
          .status,
      201);

  EXPECT_THAT(List("/pulls").Texts("title"), ElementsAre("T"));
  EXPECT_THAT(List("/issues/comments").Texts("body"), ElementsAre("c"));
  const TestAnswer on_diff = List("/pulls/comments");
  EXPECT_THAT(on_diff.Texts("created_at"), ElementsAre("2020-01-01T00:00:00Z"));
  EXPECT_THAT(on_diff.Texts("updated_at"), ElementsAre("2021-01-01T00:00:00Z"));
  EXPECT_TRUE(on_diff.json[0]["line"].IsNull());
  EXPECT_THAT(List("/pulls/5/reviews").Texts("state"),
              testing::UnorderedElementsAre("APPROVED", "COMMENTED"));
}

TEST_F(ControlApiTest, EditsAndDeletes) {
  Add("pulls", R"({"author":"mona"})");
  const int64_t id =
      IntMember(Add("comments", R"({"pull":1,"body":"a"})").json, "id")
          .value_or(0);
  const std::string item = absl::StrCat(kControl, "/comments/", id);

  EXPECT_EQ(client_->Patch(item, R"({"body":"b"})").status, 200);
  EXPECT_THAT(List("/issues/comments").Texts("body"), ElementsAre("b"));
  EXPECT_EQ(client_->Patch(item, R"({"body":null})").status, 200);
  EXPECT_THAT(List("/issues/comments").Texts("body"), ElementsAre("(null)"));
  EXPECT_EQ(client_
                ->Patch(absl::StrCat(kControl, "/pulls/1"),
                        R"({"body":"p","open":false})")
                .status,
            200);
  EXPECT_THAT(List("/pulls?state=closed").Texts("body"), ElementsAre("p"));
  EXPECT_EQ(client_->Delete(item).status, 200);
  EXPECT_EQ(List("/issues/comments").body, "[]");
  EXPECT_EQ(client_->Delete(item).status, 404);
}

TEST_F(ControlApiTest, SaysWhatIsWrong) {
  const auto message = [](const TestAnswer& answer) {
    return StringMember(answer.json, "message").value_or("");
  };

  EXPECT_EQ(Add("comments", R"({"pull":9,"body":"x"})").status, 404);
  EXPECT_EQ(Add("comments", "not JSON").status, 400);
  EXPECT_EQ(Add("comments", "[]").status, 400);
  EXPECT_EQ(Add("sentences", "{}").status, 404);
  EXPECT_THAT(message(Add("pulls", R"({"body":7})")), HasSubstr("`body`"));
  EXPECT_THAT(message(Add("pulls", R"({"created_at":"noon"})")),
              HasSubstr("`created_at`"));
  EXPECT_EQ(client_->Post("/_control/nothing", "{}").status, 404);
  EXPECT_THAT(
      message(client_->Post("/_control/faults", R"({"action":"explode"})")),
      HasSubstr("`action`"));
  EXPECT_EQ(
      client_->Post("/_control/rename", R"({"from":"a/b","to":"c/d"})").status,
      404);
}

TEST_F(ControlApiTest, ScriptsFaults) {
  Add("pulls", "{}");
  ASSERT_EQ(client_
                ->Post("/_control/faults",
                       R"({"action":"answer","target_contains":"/issues",)"
                       R"("status":503,"headers":{"Retry-After":"3"},)"
                       R"("body":"{}","times":0,"skip":1})")
                .status,
            201);

  EXPECT_EQ(List("/issues").status, 200);
  EXPECT_EQ(List("/issues").status, 503);
  EXPECT_EQ(List("/issues").Header("Retry-After"), "3");
  EXPECT_EQ(client_->Delete("/_control/faults").status, 200);
  EXPECT_EQ(List("/issues").status, 200);

  const TestAnswer hang = client_->Post(
      "/_control/faults", R"({"action":"hang","hang_ms":3600000})");
  EXPECT_EQ(client_->Post("/_control/release", hang.body).status, 200);
  EXPECT_EQ(List("/issues").status, 200) << "released before it hung";
}

TEST_F(ControlApiTest, SetsAndLiftsSecondaryLimits) {
  Add("pulls", "{}");
  ASSERT_EQ(client_
                ->Post("/_control/secondary_limits",
                       R"({"points_per_minute":1,"status":429,)"
                       R"("retry_after":false})")
                .status,
            200);

  EXPECT_EQ(List("/issues").status, 200);
  const TestAnswer refused = List("/issues");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "");
  EXPECT_EQ(IntMember(client_->Get("/_control/stats").json["refused"],
                      "points_per_minute"),
            1);

  EXPECT_EQ(client_->Delete("/_control/secondary_limits").status, 200);
  EXPECT_EQ(List("/issues").status, 200);
  for (const char* wrong :
       {R"({"status":404})", R"({"concurrent":-1})",
        R"({"points_per_minute":"many"})", R"({"points_per_minute":-1})"}) {
    EXPECT_EQ(client_->Post("/_control/secondary_limits", wrong).status, 400)
        << wrong;
  }
}

TEST_F(ControlApiTest, ReportsStatsAndRenames) {
  Add("pulls", "{}");
  List("/issues");
  List("/none");

  const TestAnswer stats = client_->Get("/_control/stats");
  EXPECT_EQ(IntMember(stats.json, "requests"), 2);
  EXPECT_EQ(IntMember(stats.json, "points"), 2);
  EXPECT_EQ(IntMember(stats.json["by_status"], "200"), 1);
  EXPECT_EQ(IntMember(stats.json["by_status"], "404"), 1);
  ASSERT_TRUE(stats.json.HasMember("refused"));
  EXPECT_TRUE(stats.json["refused"].ObjectEmpty());
  EXPECT_EQ(IntMember(client_->Delete("/_control/stats").json, "requests"), 0);

  EXPECT_EQ(client_
                ->Post("/_control/rename",
                       R"({"from":"octo/demo","to":"tree/house"})")
                .status,
            200);
  EXPECT_EQ(List("/issues").status, 301);
  EXPECT_EQ(client_->Get("/repos/tree/house/issues").status, 200);
}

}  // namespace
}  // namespace mentiond::fake_github
