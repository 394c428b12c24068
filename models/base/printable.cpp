// Escapes what a terminal would obey in texts that come from files: names of layers may hold escape
// sequences. The text is decoded as UTF-8, since some control characters have two bytes there.

#include "models/base/printable.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

namespace offcut {
namespace {

/// A character of a text, with the number of its bytes; not valid if these are not UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool is_valid = false;
};

/// Decodes the first character of a text (RFC 3629).
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  const std::size_t bytes = lead >= 0xf0 && lead < 0xf8   ? 4
                            : lead >= 0xe0 && lead < 0xf0 ? 3
                            : lead >= 0xc0 && lead < 0xe0 ? 2
                                                          : 0;
  if (bytes == 0 || bytes > text.size()) {
    return {};
  }
  char32_t code = lead & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) {
      return {};
    }
    code = code << 6U | (byte(i) & 0x3fU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return code < kLeast[bytes] || is_surrogate || code > 0x10ffff ? Character{}
                                                                 : Character{code, bytes, true};
}

/// Returns whether a terminal may obey the character, or show others out of order: C0 and C1
/// controls, the separators of lines and paragraphs, and the controls of Unicode's bidirectional
/// algorithm (UAX 9).
bool is_obeyed(char32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
         code == 0x200f || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

std::string escaped(std::string_view text, bool one_line) {
  std::string safe;
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::string_view bytes = text.substr(0, character.bytes);
    if (character.is_valid &&
        (!is_obeyed(character.code) || (character.code == '\n' && !one_line))) {
      safe += bytes;
    } else if (character.code == '\n' || character.code == '\t') {
      safe += character.code == '\n' ? "\\n" : "\\t";
    } else if (character.code > 0xff) {
      safe += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(character.code));
    } else {
      const auto shown = character.is_valid ? static_cast<unsigned>(character.code)
                                            : static_cast<unsigned char>(text.front());
      safe += fmt::format("\\x{:02x}", shown);
    }
    text.remove_prefix(character.bytes);
  }
  return safe;
}

}  // namespace

std::string printable(std::string_view text) { return escaped(text, false); }

std::string printable_line(std::string_view text) { return escaped(text, true); }

}  // namespace offcut
