#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace offcut::cli {

inline constexpr std::string_view kIndent = "  ";   // Of what belongs to the line above.
inline constexpr std::size_t kMarkdownWidth = 100;  // Of the pages in docs.

/// Returns the width of the terminal of a file descriptor; nothing if that is a pipe or a file.
/// COLUMNS of the environment wins over the terminal's answer; without either, the width is 80.
std::optional<std::size_t> terminal_columns(int descriptor);

/// Returns the width for running text, such as help: that of the terminal of standard output, but
/// at most 100; 80 in a pipe.
std::size_t text_columns();

/// Returns whether output to the file descriptor may be coloured: on a terminal that is not "dumb",
/// unless NO_COLOR is set (no-color.org).
bool shows_colour(int descriptor);

/// Returns the columns that a UTF-8 text takes on a terminal.
std::size_t display_width(std::string_view text);

/// Breaks a text at blanks into lines of at most `width` columns; a longer word stays whole. Each
/// line but the first is indented by `indent` blanks, which `width` does not count.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);

/// On a terminal, breaks those lines of a text that are too long and indents their continuations;
/// in a pipe, returns the text as it is.
std::string fitted(const std::string& text);

}  // namespace offcut::cli
