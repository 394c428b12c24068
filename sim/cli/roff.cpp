// The language of manual pages. A backslash begins an escape anywhere, and a dot or a quote at the
// beginning of a line a request. Plain hyphens, quotes, carets and tildes become others in print, so
// that a command could not be copied: they are named instead.

#include "sim/cli/roff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

namespace offcut::cli {
namespace {

/// Returns the title as an argument of a macro.
std::string argument(std::string_view text) { return fmt::format("\"{}\"", escaped(text)); }

/// Returns a line of text, with what stands between backticks in bold.
std::string with_code(std::string_view text) {
  std::string line;
  bool is_code = false;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('`', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (!part.empty()) {
      line += is_code ? bold(part) : escaped(part);
    }
    is_code = !is_code;
    begin = end + 1;
  }
  return line;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string roff = text.starts_with('.') ? "\\&" : "";  // A quote is escaped anyway.
  for (const char c : text) {
    switch (c) {
      case '\\':
        roff += "\\e";
        break;
      case '-':
        roff += "\\-";
        break;
      case '\'':
        roff += "\\(aq";
        break;
      case '"':
        roff += "\\(dq";
        break;
      case '`':
        roff += "\\(ga";
        break;
      case '^':
        roff += "\\(ha";
        break;
      case '~':
        roff += "\\(ti";
        break;
      default:
        roff += c;
    }
  }
  return roff;
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", escaped(text)); }

std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", escaped(text)); }

RoffPage::RoffPage(const std::string& name, int section, const std::string& date,
                   const std::string& source) {
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  line(fmt::format(".TH {} {} \"{}\" {} {}", argument(title), section, date, argument(source),
                   argument("offcut manual")));  // A date is a date only with plain hyphens.
}

void RoffPage::section(std::string_view title) { line(".SH " + argument(title)); }

void RoffPage::subsection(std::string_view title) { line(".SS " + argument(title)); }

void RoffPage::text(std::string_view text) {
  std::istringstream lines{std::string(text)};
  bool is_first = true;
  for (std::string words; std::getline(lines, words);) {
    if (words.empty()) {
      continue;
    }
    if (!is_first) {
      line(".PP");
    }
    line(with_code(words));
    is_first = false;
  }
}

void RoffPage::entry(const std::string& tag, std::string_view text) {
  line(".TP");
  line(tag);
  line(with_code(text));
}

void RoffPage::example(std::string_view lines) {
  line(".EX");
  std::istringstream stream{std::string(lines)};
  for (std::string text; std::getline(stream, text);) {
    line(escaped(text));
  }
  line(".EE");
}

void RoffPage::line(const std::string& roff) { roff_ += roff + '\n'; }

}  // namespace offcut::cli
