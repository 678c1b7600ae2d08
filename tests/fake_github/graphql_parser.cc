#include "tests/fake_github/graphql_parser.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace mentiond::fake_github {
namespace {

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// After the first error everything else comes to an end soon.
class GraphQlParser {
 public:
  GraphQlParser(std::string_view query, const GraphQlArguments& variables)
      : rest_(query), variables_(variables) {}

  absl::StatusOr<GraphQlDocument> Parse() {
    GraphQlDocument document;
    while (error_.empty() && Peek() != '\0') {
      const std::string keyword = Peek() == '{' ? "query" : Name();
      if (keyword == "query") {
        if (Consume('(')) VariableDefinitions();
        document.selections = Selections();
      } else if (keyword == "fragment") {
        const std::string name = Name();
        if (Name() != "on") Fail("expected \"on\"");
        GraphQlFragment& fragment = document.fragments[name];
        fragment.type = Name();
        fragment.selections = Selections();
      } else {
        Fail(absl::StrCat("unexpected \"", keyword, "\""));
      }
    }
    if (document.selections.empty()) Fail("there is no operation");
    if (error_.empty()) return document;
    return absl::InvalidArgumentError(
        absl::StrCat("Parse error: ", error_, " before \"",
                     std::string(rest_.substr(0, 20)), "\""));
  }

 private:
  void Fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }

  // The next character that counts; NUL at the end.
  char Peek() {
    while (!rest_.empty() &&
           (absl::ascii_isspace(static_cast<unsigned char>(rest_.front())) ||
            rest_.front() == ',')) {
      rest_.remove_prefix(1);
    }
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool Consume(char c) {
    if (Peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void Expect(char c) {
    if (!Consume(c)) Fail(absl::StrCat("expected \"", std::string(1, c), "\""));
  }

  std::string Name() {
    Peek();
    size_t size = 0;
    while (size < rest_.size() && IsNameCharacter(rest_[size])) ++size;
    std::string name(rest_.substr(0, size));
    if (name.empty()) Fail("expected a name");
    rest_.remove_prefix(size);
    return name;
  }

  // `$name: Type!`, until `)`.
  void VariableDefinitions() {
    while (error_.empty() && !Consume(')')) {
      Expect('$');
      variables_.try_emplace(Name());
      Expect(':');
      Name();
      Consume('!');
    }
  }

  std::vector<GraphQlSelection> Selections() {
    std::vector<GraphQlSelection> selections;
    Expect('{');
    while (error_.empty() && !Consume('}')) selections.push_back(Selection());
    return selections;
  }

  GraphQlSelection Selection() {
    GraphQlSelection selection;
    if (Peek() == '.') {
      for (int i = 0; i < 3; ++i) Expect('.');
      selection.name = Name();
      selection.kind = GraphQlSelection::Kind::kSpread;
      if (selection.name == "on") {
        selection.kind = GraphQlSelection::Kind::kInline;
        selection.type = Name();
        selection.selections = Selections();
      }
      return selection;
    }
    selection.alias = Name();
    selection.name = Consume(':') ? Name() : selection.alias;
    if (Consume('(')) {
      while (error_.empty() && !Consume(')')) {
        const std::string name = Name();
        Expect(':');
        selection.arguments[name] = Value();
      }
    }
    if (Peek() == '{') selection.selections = Selections();
    return selection;
  }

  GraphQlValue Value() {
    if (Consume('$')) {
      const std::string name = Name();
      const auto found = variables_.find(name);
      if (found != variables_.end()) return found->second;
      Fail(absl::StrCat("variable $", name, " is not defined"));
      return {};
    }
    if (Consume('"')) return String();
    const std::string name = Name();
    int64_t number = 0;
    if (absl::SimpleAtoi(name, &number)) return number;
    return name;
  }

  // Without escapes, which the product does not use.
  std::string String() {
    const size_t end = rest_.find_first_of("\"\\\n");
    if (end == std::string_view::npos || rest_[end] != '"') {
      Fail("unterminated string");
      return "";
    }
    std::string text(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return text;
  }

  std::string_view rest_;
  GraphQlArguments variables_;
  std::string error_;
};

}  // namespace

int64_t IntArgument(const GraphQlArguments& arguments,
                    const std::string& name) {
  const auto found = arguments.find(name);
  const auto* number =
      found == arguments.end() ? nullptr : std::get_if<int64_t>(&found->second);
  return number == nullptr ? 0 : *number;
}

std::string StringArgument(const GraphQlArguments& arguments,
                           const std::string& name) {
  const auto found = arguments.find(name);
  const auto* text = found == arguments.end()
                         ? nullptr
                         : std::get_if<std::string>(&found->second);
  return text == nullptr ? "" : *text;
}

absl::StatusOr<GraphQlDocument> ParseGraphQl(
    std::string_view query, const GraphQlArguments& variables) {
  return GraphQlParser(query, variables).Parse();
}

}  // namespace mentiond::fake_github
