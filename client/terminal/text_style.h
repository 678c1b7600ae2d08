// Terminal styling: colours, font weight and hyperlinks.

#ifndef MENTIOND_CLIENT_TERMINAL_TEXT_STYLE_H_
#define MENTIOND_CLIENT_TERMINAL_TEXT_STYLE_H_

#include <fmt/color.h>

#include <string>
#include <string_view>

namespace mentiond::terminal {

struct TextStyle {
  // Colours and weights (ECMA-48 SGR).
  bool colors = false;
  // Hyperlinks (OSC 8).
  bool hyperlinks = false;
};

// By purpose. Only the sixteen basic colours, which every theme adapts to its
// background.
inline constexpr fmt::text_style kAuthorStyle = fmt::emphasis::bold;
inline constexpr fmt::text_style kNumberStyle = fg(fmt::terminal_color::cyan);
inline constexpr fmt::text_style kDimStyle = fmt::emphasis::faint;
inline constexpr fmt::text_style kMentionStyle =
    fmt::emphasis::bold | fg(fmt::terminal_color::yellow);
inline constexpr fmt::text_style kSuccessStyle = fg(fmt::terminal_color::green);
inline constexpr fmt::text_style kWarningStyle =
    fg(fmt::terminal_color::yellow);
inline constexpr fmt::text_style kErrorStyle =
    fmt::emphasis::bold | fg(fmt::terminal_color::red);

// `text` in that look, if colours are enabled.
std::string Styled(const TextStyle& style, const fmt::text_style& look,
                   std::string_view text);

// `url` as a hyperlink to itself, if hyperlinks are enabled. Only http and
// https URLs of printable ASCII become links. `url` must be Printable().
std::string Linked(const TextStyle& style, std::string_view url);

}  // namespace mentiond::terminal

#endif  // MENTIOND_CLIENT_TERMINAL_TEXT_STYLE_H_
