// Splits a text at line feeds and blanks. A carriage return counts as a blank, so that files from
// any system can be read.

#include "sim/network/rates/number_lines.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "models/base/readable.h"
#include "models/base/text_file.h"

namespace offcut::network {
namespace {

constexpr std::string_view kBlanks = " \t\r";

NumberLines::Line split(std::string_view text) {
  NumberLines::Line line;
  for (std::size_t begin = text.find_first_not_of(kBlanks); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    line.fields.push_back(text.substr(begin, end - begin));
    line.columns.push_back(static_cast<int>(begin) + 1);
    begin = text.find_first_not_of(kBlanks, end);
  }
  return line;
}

std::optional<double> parse(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

NumberLines::NumberLines(const std::string& path, std::string_view content)
    : path_(path), text_(read_text_file(path, content)) {
  const std::string_view text = text_;
  int number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    Line line = split(text.substr(begin, end - begin));
    line.number = ++number;
    if (!line.fields.empty()) {
      lines_.push_back(std::move(line));
    }
    begin = end + 1;
  }
}

bool NumberLines::has(const Line& line, std::size_t count, std::string_view fields) {
  if (line.fields.size() == count) {
    return true;
  }
  error(line, 0, fmt::format("{}, expected {}", counted(line.fields.size(), "field"), fields));
  return false;
}

std::optional<double> NumberLines::number(const Line& line, std::size_t field,
                                          std::string_view name, double least, double most,
                                          bool is_whole) {
  const auto value = parse(line.fields[field]);
  if (value && *value >= least && *value <= most && (!is_whole || *value == std::floor(*value))) {
    return value;
  }
  error(line, field,
        fmt::format("{}: expected {} between {} and {:.15g}, got {}", name,
                    is_whole ? "a whole number" : "a number", least, most,
                    in_quotes(line.fields[field])));
  return std::nullopt;
}

void NumberLines::error(const Line& line, std::size_t field, std::string message) {
  errors_.push_back({{path_, line.number, line.columns[field]}, std::move(message)});
}

void NumberLines::stop_on_errors() {
  if (!errors_.empty()) {
    throw InputError(std::exchange(errors_, {}));
  }
}

bool is_of_numbers(std::string_view line, std::size_t count) {
  const NumberLines::Line fields = split(line);
  if (fields.fields.size() != count) {
    return false;
  }
  for (const std::string_view field : fields.fields) {
    if (!parse(field)) {
      return false;
    }
  }
  return true;
}

}  // namespace offcut::network
