#include "lib/markdown/html_tokenizer.h"

#include <string>
#include <string_view>
#include <utility>

#include "gtest/gtest.h"

namespace mentiond {
namespace {

// Writes down what it is told: `text|`, `<name>` and `</name>`.
class Script final : public HtmlSink {
 public:
  void OnText(std::string_view text) override {
    written_.append(text);
    written_ += '|';
  }
  void OnStartTag(std::string_view name) override {
    written_ += '<';
    written_.append(name);
    written_ += '>';
  }
  void OnEndTag(std::string_view name) override {
    written_ += "</";
    written_.append(name);
    written_ += '>';
  }
  const std::string& written() const { return written_; }

 private:
  std::string written_;
};

TEST(HtmlTokenizerTest, SplitsTextAndTags) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {"a", "a|"},
      {"a<b>c</b>d", "a|<b>c|</b>d|"},
      {"<br/><BR />x", "<br><BR>x|"},
      {"<a href=x>y", "<a>y|"},
      {"a < b <3 <", "a < b <3 <|"},
      {"&#64;a &lt;b> &", "@a <b> &|"},
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
      {"<style>a</style>", "<style></style>"},
      // What does not end is left out.
      {"a<b", "a|"},
      {"a<b c='", "a|"},
      {"a<b c='>", "a|"},
      {"a<!-- b", "a|"},
      {"a</", "a|"},
      {"<script>a</script", "<script>"},
      {"<script>a", "<script>"},
  };
  for (const auto& [html, expected] : cases) {
    Script script;
    TokenizeHtml(html, script);
    EXPECT_EQ(script.written(), expected) << html;
  }
}

}  // namespace
}  // namespace mentiond
