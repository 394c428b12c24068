// The width and the abilities of the terminal, and texts broken into lines for it. The width is
// asked for at each call, so that a window that is resized meanwhile is no problem.

#include "sim/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>

namespace offcut::cli {
namespace {

constexpr std::size_t kUsualColumns = 80;
constexpr std::size_t kMostTextColumns = 100;  // Longer lines of text are hard to read.
constexpr std::size_t kContinuation = 2;       // Indent of a line's continuation.

/// Returns COLUMNS of the environment if it is a number above 0.
std::optional<std::size_t> environment_columns() {
  const char* const text = std::getenv("COLUMNS");
  if (text == nullptr) {
    return std::nullopt;
  }
  const std::string_view digits(text);
  std::size_t columns = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), columns);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  return is_number && columns > 0 ? std::optional(columns) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> terminal_columns(int descriptor) {
  if (isatty(descriptor) == 0) {
    return std::nullopt;
  }
  if (const auto columns = environment_columns()) {
    return columns;
  }
  winsize size{};
  const bool is_known = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kUsualColumns;
}

std::size_t text_columns() {
  return std::min(terminal_columns(STDOUT_FILENO).value_or(kUsualColumns), kMostTextColumns);
}

bool shows_colour(int descriptor) {
  const char* const refusal = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  const bool is_refused = refusal != nullptr && *refusal != '\0';
  const bool is_dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return isatty(descriptor) == 1 && !is_refused && !is_dumb;
}

std::size_t display_width(std::string_view text) {
  // No text is wider than its bytes are many, so padding to that number shows how wide fmt, which
  // aligns the columns, takes it to be.
  return 2 * text.size() - fmt::formatted_size("{:<{}}", text, text.size());
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::size_t word = display_width(text.substr(0, end));
    if (used > 0 && used + 1 + word > width) {
      lines += '\n' + std::string(indent, ' ');
      used = 0;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += text.substr(0, end);
    used += word;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string fitted(const std::string& text) {
  const auto columns = terminal_columns(STDOUT_FILENO);
  if (!columns) {
    return text;
  }
  std::string lines;
  std::istringstream parts(text);
  for (std::string line; std::getline(parts, line);) {
    lines +=
        display_width(line) <= *columns
            ? line
            : wrapped(line, std::max(*columns, 2 * kContinuation) - kContinuation, kContinuation);
    lines += parts.eof() ? "" : "\n";
  }
  return lines;
}

}  // namespace offcut::cli
