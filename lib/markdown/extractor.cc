#include "lib/markdown/extractor.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/base/const_init.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

#include "lib/markdown/html_tokenizer.h"
#include "lib/markdown/parse_cost.h"
#include "lib/markdown/text_scanner.h"

namespace mentiond {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Parser = std::unique_ptr<cmark_parser, Freer<cmark_parser_free>>;
using Tree = std::unique_ptr<cmark_node, Freer<cmark_node_free>>;
using Iterator = std::unique_ptr<cmark_iter, Freer<cmark_iter_free>>;

// The extensions with which GitHub parses comments.
using Extensions = std::array<cmark_syntax_extension*, 5>;

Extensions RegisterExtensions() {
  cmark_gfm_core_extensions_ensure_registered();
  return {cmark_find_syntax_extension("table"),
          cmark_find_syntax_extension("strikethrough"),
          cmark_find_syntax_extension("autolink"),
          cmark_find_syntax_extension("tagfilter"),
          cmark_find_syntax_extension("tasklist")};
}

// cmark-gfm writes its tables of special characters, which are globals, at the
// start and the end of each parse.
ABSL_CONST_INIT absl::Mutex parser_mutex(absl::kConstInit);

Tree Parse(std::string_view markdown) {
  static const Extensions extensions = RegisterExtensions();
  const absl::MutexLock lock(&parser_mutex);
  const Parser parser(
      cmark_parser_new(CMARK_OPT_FOOTNOTES | CMARK_OPT_VALIDATE_UTF8));
  for (cmark_syntax_extension* extension : extensions) {
    if (extension != nullptr) {
      cmark_parser_attach_syntax_extension(parser.get(), extension);
    }
  }
  cmark_parser_feed(parser.get(), markdown.data(), markdown.size());
  return Tree(cmark_parser_finish(parser.get()));
}

// Elements whose text mentions nobody.
constexpr std::array<std::string_view, 5> kSilent = {"a", "code", "pre",
                                                     "script", "style"};

// The place of a tag's name in kSilent, or kSilent.size().
std::size_t SilentIndex(std::string_view tag) {
  std::size_t i = 0;
  while (i < kSilent.size() &&
         !absl::EqualsIgnoreCase(
             absl::string_view(tag.data(), tag.size()),
             absl::string_view(kSilent[i].data(), kSilent[i].size()))) {
    ++i;
  }
  return i;
}

std::string_view LiteralOf(cmark_node* node) {
  const char* literal = cmark_node_get_literal(node);
  return literal == nullptr ? std::string_view() : literal;
}

// Walks a tree in document order and puts together the text nodes that
// rendering it would give.
class Walker final : public HtmlSink {
 public:
  using Found = absl::FunctionRef<void(std::string_view)>;

  explicit Walker(Found found) : found_(found) {}

  void Walk(cmark_node* root) {
    const Iterator iterator(cmark_iter_new(root));
    for (;;) {
      const cmark_event_type event = cmark_iter_next(iterator.get());
      if (event == CMARK_EVENT_DONE) break;
      cmark_node* const node = cmark_iter_get_node(iterator.get());
      if (event == CMARK_EVENT_ENTER) {
        Enter(node);
      } else {
        Exit(node);
      }
    }
    Flush();
  }

  void OnText(std::string_view text) override {
    Append(text);
    Flush();
  }

  void OnStartTag(std::string_view name) override {
    const std::size_t silent = SilentIndex(name);
    if (silent < kSilent.size()) Open(silent, scope_);
  }

  void OnEndTag(std::string_view name) override {
    const std::size_t silent = SilentIndex(name);
    // The count keeps this linear over many end tags that close nothing.
    if (silent == kSilent.size() || open_count_[silent] == 0) return;
    // Closes what was opened inside it, too.
    while (open_.back().silent != silent) Close();
    Close();
  }

 private:
  // A silent element that is open, and the node at whose end it is closed
  // unless a tag did so before: its enclosing block or inline.
  struct Element {
    std::size_t silent;
    const cmark_node* scope;
  };

  void Open(std::size_t silent, const cmark_node* scope) {
    open_.push_back({silent, scope});
    ++open_count_[silent];
  }

  void Close() {
    --open_count_[open_.back().silent];
    open_.pop_back();
  }

  void Enter(cmark_node* node) {
    const cmark_node_type type = cmark_node_get_type(node);
    if (type == CMARK_NODE_TEXT) {
      // cmark splits text at characters that might have had a meaning, so a
      // login may lie in several nodes.
      Append(LiteralOf(node));
      return;
    }
    Flush();
    if (type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_HTML_INLINE) {
      scope_ = cmark_node_parent(node);
      TokenizeHtml(LiteralOf(node), *this);
    } else if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE) {
      // An image's text becomes an attribute.
      Open(SilentIndex("a"), node);
    }
  }

  void Exit(cmark_node* node) {
    Flush();
    while (!open_.empty() && open_.back().scope == node) Close();
  }

  void Append(std::string_view text) {
    if (open_.empty()) run_.append(text);
  }

  void Flush() {
    if (!run_.empty()) ScanText(run_, found_);
    run_.clear();
  }

  Found found_;
  std::string run_;
  std::vector<Element> open_;
  std::array<std::size_t, kSilent.size()> open_count_ = {};
  const cmark_node* scope_ = nullptr;
};

void ForEachMention(std::string_view markdown, Walker::Found found) {
  if (IsTooCostlyToParse(markdown)) {
    ScanText(markdown, found);
    return;
  }
  const Tree tree = Parse(markdown);
  if (tree != nullptr) Walker(found).Walk(tree.get());
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Whether `text` has `@name` in any case, as bytes.
bool HasAtName(std::string_view text, const std::string& lower) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos;
       at = text.find('@', at + 1)) {
    const std::string_view candidate = text.substr(at + 1, lower.size());
    if (absl::EqualsIgnoreCase(
            absl::string_view(candidate.data(), candidate.size()), lower)) {
      return true;
    }
  }
  return false;
}

// By a character reference for the `@` or a letter, or by a backslash before
// punctuation within a login.
bool HidesAtOrLetters(std::string_view text) {
  return Contains(text, "&#") || Contains(text, "&commat;") ||
         Contains(text, "&fjlig;");
}
bool HidesHyphens(std::string_view text) { return Contains(text, "\\-"); }
bool HidesUnderscores(std::string_view text) {
  return Contains(text, "\\_") || Contains(text, "&lowbar;") ||
         Contains(text, "&UnderBar;");
}

bool HidesSlashes(std::string_view text) {
  return Contains(text, "\\/") || Contains(text, "&sol;");
}

bool MayHideName(std::string_view text, const std::string& lower) {
  return HidesAtOrLetters(text) ||
         (Contains(lower, "-") && HidesHyphens(text)) ||
         (Contains(lower, "_") && HidesUnderscores(text)) ||
         (Contains(lower, "/") && HidesSlashes(text));
}

bool MayMentionAnyone(std::string_view text) {
  return Contains(text, "@") || Contains(text, "&#") ||
         Contains(text, "&commat;");
}

}  // namespace

std::vector<std::string> ExtractNames(std::string_view markdown) {
  std::vector<std::string> names;
  if (!MayMentionAnyone(markdown)) return names;
  absl::flat_hash_set<std::string> seen;
  ForEachMention(markdown, [&](std::string_view name) {
    std::string lower =
        absl::AsciiStrToLower(absl::string_view(name.data(), name.size()));
    if (seen.insert(lower).second) names.push_back(std::move(lower));
  });
  return names;
}

std::vector<std::string> ExtractMentions(std::string_view markdown) {
  std::vector<std::string> logins = ExtractNames(markdown);
  std::erase_if(logins,
                [](const std::string& name) { return Contains(name, "/"); });
  return logins;
}

bool MayHideLogins(std::string_view markdown) {
  return HidesAtOrLetters(markdown) || HidesHyphens(markdown) ||
         HidesUnderscores(markdown);
}

bool MayMention(std::string_view markdown, const MentionTarget& target) {
  if (target.is_anyone()) return MayMentionAnyone(markdown);
  return HasAtName(markdown, target.name()) ||
         MayHideName(markdown, target.name());
}

bool HasMention(std::string_view markdown, const MentionTarget& target,
                MentionCache* cache) {
  if (!MayMention(markdown, target)) return false;
  MentionCache local;
  MentionCache& mentions = cache == nullptr ? local : *cache;
  if (mentions == nullptr) {
    mentions = std::make_shared<Mentions>();
    mentions->names = ExtractNames(markdown);
  }
  const std::vector<std::string>& names = mentions->names;
  if (target.is_anyone()) return !names.empty();
  return std::find(names.begin(), names.end(), target.name()) != names.end();
}

}  // namespace mentiond
