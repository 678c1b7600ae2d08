#include "tests/fake_github/graphql_parser.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mentiond::fake_github {
namespace {

using Kind = GraphQlValue::Kind;

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
}

class Parser {
 public:
  Parser(std::string_view query, const GraphQlArguments& variables)
      : rest_(query), variables_(variables) {}

  absl::StatusOr<GraphQlDocument> Parse() {
    GraphQlDocument document;
    bool has_operation = false;
    while (!AtEnd() && error_.empty()) {
      if (Peek() == '{') {
        document.selections = Selections();
        has_operation = true;
        continue;
      }
      const std::string keyword = Name();
      if (keyword == "query") {
        if (IsNameCharacter(Peek())) Name();
        if (Consume('(')) VariableDefinitions();
        document.selections = Selections();
        has_operation = true;
      } else if (keyword == "fragment") {
        const std::string name = Name();
        Expect("on");
        GraphQlFragment& fragment = document.fragments[name];
        fragment.type = Name();
        fragment.selections = Selections();
      } else {
        Fail(absl::StrCat("unexpected \"", keyword, "\""));
      }
    }
    if (error_.empty() && !has_operation) Fail("there is no operation");
    if (!error_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "Parse error: ", error_, " before \"",
          absl::string_view(rest_.data(), std::min<size_t>(rest_.size(), 20)),
          "\""));
    }
    return document;
  }

 private:
  void Fail(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }

  void SkipIgnored() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '#') {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (absl::ascii_isspace(static_cast<unsigned char>(c)) ||
                 c == ',') {
        rest_.remove_prefix(1);
      } else {
        break;
      }
    }
  }
  bool AtEnd() {
    SkipIgnored();
    return rest_.empty();
  }
  char Peek() {
    SkipIgnored();
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
  void Expect(std::string_view keyword) {
    if (Name() != keyword) Fail("expected \"on\"");
  }

  std::string Name() {
    SkipIgnored();
    size_t size = 0;
    while (size < rest_.size() && IsNameCharacter(rest_[size])) ++size;
    std::string name(rest_.substr(0, size));
    if (name.empty()) Fail("expected a name");
    rest_.remove_prefix(size);
    return name;
  }

  // `$name: [Type!]! = default`, until `)`.
  void VariableDefinitions() {
    while (error_.empty() && !Consume(')')) {
      Expect('$');
      const std::string name = Name();
      Expect(':');
      while (Consume('[')) {
      }
      Name();
      while (Consume(']') || Consume('!')) {
      }
      if (Consume('=')) {
        GraphQlValue value = Value();
        variables_.try_emplace(name, std::move(value));
      } else {
        variables_.try_emplace(name);
      }
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
      if (Peek() == '{') {
        selection.kind = GraphQlSelection::Kind::kInline;
        selection.selections = Selections();
        return selection;
      }
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
    GraphQlValue value;
    const char c = Peek();
    if (Consume('$')) {
      const std::string name = Name();
      const auto found = variables_.find(name);
      if (found != variables_.end()) return found->second;
      Fail(absl::StrCat("variable $", name, " is not defined"));
    } else if (c == '"') {
      value.kind = Kind::kString;
      value.text = String();
    } else if (Consume('[')) {
      value.kind = Kind::kList;
      while (error_.empty() && !Consume(']')) value.list.push_back(Value());
    } else if (Consume('{')) {
      value.kind = Kind::kObject;
      while (error_.empty() && !Consume('}')) {
        const std::string name = Name();
        Expect(':');
        value.object[name] = Value();
      }
    } else if (c == '-' || absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      const bool negative = Consume('-');
      value.kind = Kind::kInt;
      if (!absl::SimpleAtoi(Name(), &value.number)) Fail("not an integer");
      if (negative) value.number = -value.number;
    } else {
      value.text = Name();
      value.kind = Kind::kEnum;
      if (value.text == "null") {
        value.kind = Kind::kNull;
      } else if (value.text == "true" || value.text == "false") {
        value.kind = Kind::kBool;
        value.number = value.text == "true" ? 1 : 0;
      }
    }
    return value;
  }

  std::string String() {
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty() && rest_.front() != '"' && rest_.front() != '\n') {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        const std::string_view escapes = "nrtbf";
        const std::string_view meanings = "\n\r\t\b\f";
        c = rest_.front();
        rest_.remove_prefix(1);
        if (c == 'u') Fail("\\u is not supported");
        const size_t at = escapes.find(c);
        if (at != std::string_view::npos) c = meanings[at];
      }
      text.push_back(c);
    }
    if (rest_.empty() || rest_.front() != '"') {
      Fail("unterminated string");
    } else {
      rest_.remove_prefix(1);
    }
    return text;
  }

  std::string_view rest_;
  GraphQlArguments variables_;
  std::string error_;
};

}  // namespace

absl::StatusOr<GraphQlDocument> ParseGraphQl(
    std::string_view query, const GraphQlArguments& variables) {
  return Parser(query, variables).Parse();
}

}  // namespace mentiond::fake_github
