#include "sim/cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace offcut::cli {

TextTable::TextTable(std::vector<std::string> header) {
  for (std::string& name : header) {
    right_.push_back(name.starts_with('>'));
    name.erase(0, right_.back() ? 1 : 0);
  }
  rows_.push_back(std::move(header));
}

void TextTable::add(std::vector<std::string> row) {
  if (row.size() != right_.size()) {
    throw std::logic_error(
        fmt::format("a row of {} texts, expected {}", row.size(), right_.size()));
  }
  rows_.push_back(std::move(row));
}

void TextTable::drop_empty_columns() {
  for (std::size_t column = right_.size(); column-- > 0;) {
    if (std::all_of(rows_.begin() + 1, rows_.end(),
                    [&](const auto& row) { return row[column].empty(); })) {
      const auto at = static_cast<std::ptrdiff_t>(column);
      right_.erase(right_.begin() + at);
      for (auto& row : rows_) {
        row.erase(row.begin() + at);
      }
    }
  }
}

std::string TextTable::text() const {
  std::vector<std::size_t> width(right_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      width[i] = std::max(width[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += right_[i] ? fmt::format("{:>{}}", row[i], width[i])
                        : fmt::format("{:<{}}", row[i], width[i]);
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string to_percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

}  // namespace offcut::cli
