// Reads CSV row by row. A row without quotes, as nearly all are, is split at its commas; libcsv
// reads the others. A row goes on after the end of a line that is between quotes.

#include "analysis/page/csv_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "models/base/csv_rows.h"
#include "models/base/error.h"

namespace offcut::analysis {
namespace {

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(',', begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

void for_each_row(const std::string& path,
                  const std::function<void(std::span<const std::string_view>)>& row) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, "cannot be read");
  }
  std::string line, next;
  std::vector<std::string> quoted;
  std::vector<std::string_view> fields;
  std::size_t count = 0;
  for (int number = 1; std::getline(file, line); ++number) {
    const int first = number;
    auto quotes = std::count(line.begin(), line.end(), '"');
    for (; quotes % 2 != 0 && std::getline(file, next); ++number) {
      quotes += std::count(next.begin(), next.end(), '"');
      line += '\n' + next;
    }
    if (quotes == 0) {
      split(line, fields);
    } else {
      try {
        quoted = csv_fields(line);
      } catch (const std::invalid_argument&) {
        throw InputError({path, first, 1}, "is not a row of CSV");
      }
      fields.assign(quoted.begin(), quoted.end());
    }
    count = count == 0 ? fields.size() : count;
    if (fields.size() != count) {
      throw InputError({path, first, 1},
                       fmt::format("{} fields, expected {}", fields.size(), count));
    }
    row(fields);
  }
  if (count == 0) {
    throw InputError({path}, "is empty, expected results of offcut");
  }
}

}  // namespace offcut::analysis
