// Splits raw HTML, as people write it within Markdown, into text and tags: just
// enough of HTML's tokenizer to know which text a browser would show and inside
// which elements it stands.

#ifndef MENTIOND_LIB_MARKDOWN_HTML_TOKENIZER_H_
#define MENTIOND_LIB_MARKDOWN_HTML_TOKENIZER_H_

#include <string_view>

namespace mentiond {

// Is told what a piece of HTML holds, in order. The views last for the call.
class HtmlSink {
 public:
  virtual ~HtmlSink() = default;

  // All the text between two pieces of markup (a comment is one), with
  // character references decoded
  // (`&#64;` is an `@`).
  virtual void OnText(std::string_view text) = 0;
  // A tag's name as written; its attributes are never reported. `<br/>` is a
  // start, as HTML has it.
  virtual void OnStartTag(std::string_view name) = 0;
  virtual void OnEndTag(std::string_view name) = 0;
};

// Reports `html` to `sink`. Comments, declarations and processing instructions
// are left out, and so is a tag, a comment or a `script` or `style` element's
// content that `html` ends within. Linear in the length of `html`; takes any
// bytes.
void TokenizeHtml(std::string_view html, HtmlSink& sink);

}  // namespace mentiond

#endif  // MENTIOND_LIB_MARKDOWN_HTML_TOKENIZER_H_
