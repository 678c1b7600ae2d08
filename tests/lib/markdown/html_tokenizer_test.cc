#include "lib/markdown/html_tokenizer.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "lib/base/strings.h"

namespace mentiond {
namespace {

// Writes down what it is told: `text|`, `<name>` and `</name>`.
struct Script final : public HtmlSink {
  void OnText(std::string_view text) override {
    absl::StrAppend(&written, ToAbsl(text), "|");
  }
  void OnStartTag(std::string_view name) override {
    absl::StrAppend(&written, "<", ToAbsl(name), ">");
  }
  void OnEndTag(std::string_view name) override {
    absl::StrAppend(&written, "</", ToAbsl(name), ">");
  }
  std::string written;
};

TEST(HtmlTokenizerTest, SplitsTextAndTags) {
  const std::pair<const char*, const char*> cases[] = {
      {"a<b>c</b>d", "a|<b>c|</b>d|"},
      {"<br/><BR />x", "<br><BR>x|"},
      {"<a href=x>y", "<a>y|"},
      {"a < b <3 <", "a < b <3 <|"},
      {"", ""},
      {"&#64;a &lt;b> &", "@a <b> &|"},
      {"<style>a</style>", "<style></style>"},
      // A quoted value may hold anything, a quote elsewhere quotes nothing.
      {"<a b='>' c = \">\">x", "<a>x|"},
      {"<a b'>x'>y", "<a>x'>y|"},
      {"<a b=c'>x", "<a>x|"},
      // Comments and their like are left out, but part the text.
      {"a<!-- <b> -->c", "a|c|"},
      {"a<!-->b<!--->c", "a|b|c|"},
      {"a<!X>b<?y?>c</ d>e", "a|b|c|e|"},
      // Nothing within a script is markup but its own end.
      {"<script>'<b>' </scripts></SCRIPT >x", "<script></SCRIPT>x|"},
      // What does not end is left out.
      {"a<b", "a|"},
      {"a<b c='", "a|"},
      {"a<b c='>", "a|"},
      {"a<!-- b", "a|"},
      {"a</", "a|"},
      {"<script>a</script", "<script>"},
      {"<script>a", "<script>"}};
  for (const auto& [html, expected] : cases) {
    Script script;
    TokenizeHtml(html, script);
    EXPECT_EQ(script.written, expected) << html;
  }
}

}  // namespace
}  // namespace mentiond
