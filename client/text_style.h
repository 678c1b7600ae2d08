// What an output can show: colours, hyperlinks, its width.

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

// SGR parameters, by what they are for. Only the sixteen colours that every
// theme adapts to its background.
inline constexpr std::string_view kWho = "1";
inline constexpr std::string_view kWhere = "36";
inline constexpr std::string_view kAside = "2";
inline constexpr std::string_view kHit = "1;33";
inline constexpr std::string_view kGood = "32";
inline constexpr std::string_view kWaits = "33";
inline constexpr std::string_view kBad = "1;31";

// `text`, drawn by the SGR parameters `sgr` where there are colours.
std::string Styled(const TextStyle& style, std::string_view sgr,
                   std::string_view text);

// `url`, which is shown as it is and, where the output has hyperlinks, leads
// there when clicked. Only http and https URLs of plain printable ASCII become
// links; it must be Printable() already.
std::string Linked(const TextStyle& style, std::string_view url);

}  // namespace mentiond

#endif  // MENTIOND_CLIENT_TEXT_STYLE_H_
