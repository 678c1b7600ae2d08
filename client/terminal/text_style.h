// Terminal styling: colours, font weight and hyperlinks.

#ifndef MENTIOND_CLIENT_TEXT_STYLE_H_
#define MENTIOND_CLIENT_TEXT_STYLE_H_

#include <string>
#include <string_view>

namespace mentiond {

struct TextStyle {
  // Colours and weights (ECMA-48 SGR).
  bool colors = false;
  // Hyperlinks (OSC 8).
  bool hyperlinks = false;
};

// SGR parameters by purpose. Only the sixteen basic colours, which every theme
// adapts to its background.
inline constexpr std::string_view kAuthorStyle = "1";
inline constexpr std::string_view kNumberStyle = "36";
inline constexpr std::string_view kDimStyle = "2";
inline constexpr std::string_view kMentionStyle = "1;33";
inline constexpr std::string_view kSuccessStyle = "32";
inline constexpr std::string_view kWarningStyle = "33";
inline constexpr std::string_view kErrorStyle = "1;31";

// `text` with the SGR parameters `sgr`, if colours are enabled.
std::string Styled(const TextStyle& style, std::string_view sgr,
                   std::string_view text);

// `url` as a hyperlink to itself, if hyperlinks are enabled. Only http and
// https URLs of printable ASCII become links. `url` must be Printable().
std::string Linked(const TextStyle& style, std::string_view url);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_TEXT_STYLE_H_
