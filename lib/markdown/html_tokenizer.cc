#include "lib/markdown/html_tokenizer.h"

#include <cmark-gfm.h>
#include <cmark-gfm/houdini.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mentiond {
namespace {

constexpr std::size_t kEnd = std::string_view::npos;

bool IsAlpha(char c) {
  return absl::ascii_isalpha(static_cast<unsigned char>(c));
}

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool EndsName(char c) { return IsSpace(c) || c == '/' || c == '>'; }

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

// cmark's own decoder, so that a reference means the same in raw HTML as in
// the Markdown around it.
std::string Decode(std::string_view text) {
  cmark_strbuf decoded;
  cmark_strbuf_init(cmark_get_default_mem_allocator(), &decoded, 0);
  houdini_unescape_html_f(&decoded,
                          reinterpret_cast<const std::uint8_t*>(text.data()),
                          static_cast<bufsize_t>(text.size()));
  std::string result(cmark_strbuf_cstr(&decoded), cmark_strbuf_len(&decoded));
  cmark_strbuf_free(&decoded);
  return result;
}

class Tokenizer {
 public:
  Tokenizer(std::string_view html, HtmlSink& sink) : html_(html), sink_(sink) {}

  void Run() {
    // `text` is where the text not yet reported begins; a `<` that opens no
    // markup is a part of it.
    std::size_t text = 0;
    while (at_ < html_.size()) {
      at_ = std::min(html_.find('<', at_), html_.size());
      const std::size_t open = at_;
      if (!AtMarkup()) {
        at_ = std::min(at_ + 1, html_.size());
        continue;
      }
      Text(text, open);
      Markup();
      text = at_;
    }
    Text(text, html_.size());
  }

 private:
  char Peek(std::size_t offset) const {
    return at_ + offset < html_.size() ? html_[at_ + offset] : '\0';
  }

  bool AtMarkup() const {
    const char next = Peek(1);
    return Peek(0) == '<' &&
           (next == '!' || next == '?' || next == '/' || IsAlpha(next));
  }

  void Text(std::size_t begin, std::size_t end) {
    const std::string_view text = html_.substr(begin, end - begin);
    if (text.empty()) return;
    if (text.find('&') == kEnd) {
      sink_.OnText(text);
    } else {
      sink_.OnText(Decode(text));
    }
  }

  // Moves behind the next `mark` at or after `from`, or to the end.
  void SkipPast(std::string_view mark, std::size_t from) {
    const std::size_t found = html_.find(mark, from);
    at_ = found == kEnd ? html_.size() : found + mark.size();
  }

  void Markup() {
    if (html_.substr(at_).starts_with("<!--")) {
      // `<!-->` and `<!--->` are whole comments.
      SkipPast(html_.substr(at_ + 4).starts_with("->") ? "->" : "-->", at_ + 2);
    } else if (IsAlpha(Peek(1))) {
      Tag(/*is_end=*/false);
    } else if (Peek(1) == '/' && IsAlpha(Peek(2))) {
      Tag(/*is_end=*/true);
    } else {
      SkipPast(">", at_);
    }
  }

  void Tag(bool is_end) {
    const std::size_t begin = at_ + (is_end ? 2 : 1);
    at_ = begin;
    while (at_ < html_.size() && !EndsName(html_[at_])) ++at_;
    const std::string_view name = html_.substr(begin, at_ - begin);
    if (!SkipAttributes()) return;
    if (is_end) {
      sink_.OnEndTag(name);
      return;
    }
    sink_.OnStartTag(name);
    if (EqualsIgnoreCase(name, "script") || EqualsIgnoreCase(name, "style")) {
      SkipRawText(name);
    }
  }

  // Moves behind the tag's `>`; false where there is none. A `>` in a quoted
  // value does not count, and a quote counts only where a value begins.
  bool SkipAttributes() {
    bool value_begins = false;
    while (at_ < html_.size()) {
      const char c = html_[at_++];
      if (c == '>') return true;
      if (value_begins && (c == '"' || c == '\'')) {
        at_ = html_.find(c, at_);
        if (at_ == kEnd) break;
        ++at_;
      }
      value_begins = c == '=' || (value_begins && IsSpace(c));
    }
    at_ = html_.size();
    return false;
  }

  // Moves to the end tag of `name`: within it nothing else is markup.
  void SkipRawText(std::string_view name) {
    for (;;) {
      at_ = html_.find("</", at_);
      if (at_ == kEnd) break;
      const std::string_view candidate = html_.substr(at_ + 2, name.size());
      if (EqualsIgnoreCase(candidate, name) &&
          EndsName(Peek(2 + name.size()))) {
        return;
      }
      at_ += 2;
    }
    at_ = html_.size();
  }

  const std::string_view html_;
  HtmlSink& sink_;
  std::size_t at_ = 0;
};

}  // namespace

void TokenizeHtml(std::string_view html, HtmlSink& sink) {
  Tokenizer(html, sink).Run();
}

}  // namespace mentiond
