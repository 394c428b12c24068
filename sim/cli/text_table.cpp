// Aligns the cells of a table, and makes it fit a narrow terminal. Widths are those of characters
// on a terminal, not bytes.

#include "sim/cli/text_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/printable.h"
#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kGap = 2;         // Blanks between columns.
constexpr std::size_t kLeastText = 24;  // Narrower texts are a strain to read.
constexpr std::optional<std::size_t> kWidthInPipes = 80;  // Of tables that a file has completely.

std::size_t total_width(const std::vector<std::size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

std::size_t longest_word(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    longest = std::max(longest, display_width(word));
  }
  return longest;
}

std::vector<std::string> lines_of(const std::string& cell, std::size_t width) {
  if (display_width(cell) <= width) {
    return {cell};
  }
  std::vector<std::string> lines;
  std::istringstream parts(wrapped(cell, width, 0));
  for (std::string line; std::getline(parts, line);) {
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

TextTable::TextTable(std::vector<std::string> header) {
  for (std::string& name : header) {
    is_number_.push_back(name.starts_with('>'));
    name.erase(0, is_number_.back() ? 1 : 0);
    name = printable_line(name);
  }
  rows_.push_back(std::move(header));
}

void TextTable::add(std::vector<std::string> row) {
  if (row.size() != is_number_.size()) {
    throw std::logic_error(
        fmt::format("a row of {} texts, expected {}", row.size(), is_number_.size()));
  }
  for (std::string& cell : row) {
    cell = printable_line(cell);
  }
  rows_.push_back(std::move(row));
}

void TextTable::drop_empty_columns() {
  for (std::size_t column = is_number_.size(); column-- > 0;) {
    if (std::all_of(rows_.begin() + 1, rows_.end(),
                    [&](const auto& row) { return row[column].empty(); })) {
      const auto offset = static_cast<std::ptrdiff_t>(column);
      is_number_.erase(is_number_.begin() + offset);
      for (auto& row : rows_) {
        row.erase(row.begin() + offset);
      }
    }
  }
}

void TextTable::set_least_important(std::vector<std::string> names) {
  least_important_ = std::move(names);
}

std::string TextTable::name(std::size_t column) const { return rows_.front()[column]; }

std::size_t TextTable::widest(std::size_t column) const {
  std::size_t width = 0;
  for (const auto& row : rows_) {
    width = std::max(width, display_width(row[column]));
  }
  return width;
}

/// Words, and numbers with their units, stay whole.
std::size_t TextTable::least_width(std::size_t column) const {
  std::size_t width = longest_word(name(column));
  std::size_t natural = display_width(name(column));
  for (std::size_t i = 1; i < rows_.size(); ++i) {
    const std::string& cell = rows_[i][column];
    natural = std::max(natural, display_width(cell));
    width = std::max(width, is_wrappable(column) ? longest_word(cell) : display_width(cell));
  }
  return is_wrappable(column) ? std::max(width, std::min(natural, kLeastText)) : width;
}

/// Returns the widths of the columns, the widest ones narrowed until all fit or none can give more.
std::vector<std::size_t> TextTable::widths_within(const std::vector<std::size_t>& columns,
                                                  std::size_t limit) const {
  std::vector<std::size_t> widths;
  std::vector<std::size_t> least;
  for (const std::size_t column : columns) {
    widths.push_back(widest(column));
    least.push_back(least_width(column));
  }
  while (total_width(widths) > limit) {
    std::size_t chosen = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (widths[i] > least[i] && (chosen == columns.size() || widths[i] > widths[chosen])) {
        chosen = i;
      }
    }
    if (chosen == columns.size()) {
      break;
    }
    --widths[chosen];
  }
  return widths;
}

/// Returns its place among the columns. REQUIRES: there are two at least.
std::size_t TextTable::least_important(const std::vector<std::size_t>& columns) const {
  for (const std::string& wanted : least_important_) {
    const auto found = std::find_if(columns.begin() + 1, columns.end(),
                                    [&](std::size_t column) { return name(column) == wanted; });
    if (found != columns.end()) {
      return static_cast<std::size_t>(found - columns.begin());
    }
  }
  return columns.size() - 1;
}

std::string TextTable::row_text(const std::vector<std::string>& row,
                                const std::vector<std::size_t>& columns,
                                const std::vector<std::size_t>& widths) const {
  std::vector<std::vector<std::string>> cells;
  std::size_t height = 1;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    cells.push_back(lines_of(row[columns[i]], widths[i]));
    height = std::max(height, cells.back().size());
  }
  std::string text;
  for (std::size_t part = 0; part < height; ++part) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = part < cells[i].size() ? cells[i][part] : "";
      line += is_number_[columns[i]] ? fmt::format("{:>{}}", cell, widths[i])
                                     : fmt::format("{:<{}}", cell, widths[i]);
      line += std::string(kGap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string TextTable::rows_text(const std::vector<std::size_t>& columns,
                                 const std::vector<std::size_t>& widths) const {
  std::string text;
  for (const auto& row : rows_) {
    text += row_text(row, columns, widths);
  }
  return text;
}

std::string TextTable::text() const {
  std::vector<std::size_t> columns(is_number_.size());
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  const auto terminal = terminal_columns(STDOUT_FILENO);
  const auto limit = terminal || complete_in_.empty() ? terminal : kWidthInPipes;
  if (!limit) {
    return rows_text(columns, widths_within(columns, std::string::npos));
  }
  std::vector<std::string> left_out;
  std::vector<std::size_t> widths = widths_within(columns, *limit);
  while (total_width(widths) > *limit && columns.size() > 1) {
    const std::size_t least = least_important(columns);
    left_out.push_back(name(columns[least]));
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(least));
    widths = widths_within(columns, *limit);
  }
  const std::string note =
      left_out.empty()
          ? ""
          : fmt::format(
                "not shown at {} columns: {} ({})\n", *limit, fmt::join(left_out, ", "),
                complete_in_.empty() ? "a wider terminal or `| less -S` shows them"
                                     : complete_in_ + " has all");
  return rows_text(columns, widths) + fitted(note);
}

std::string to_percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

}  // namespace offcut::cli
