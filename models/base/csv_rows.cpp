#include "models/base/csv_rows.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "models/base/error.h"

namespace offcut {
namespace {

/// Splits a CSV text into rows with libcsv, which knows about quotes and line ends.
std::vector<CsvRow> parse_rows(const std::string& path, const std::string& text) {
  struct State {
    std::vector<CsvRow> rows;
    CsvRow row;
    int line = 1;
  } state;
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  const auto on_field = [](void* data, std::size_t size, void* into) {
    static_cast<State*>(into)->row.fields.emplace_back(static_cast<const char*>(data), size);
  };
  const auto on_row = [](int, void* into) {
    auto& s = *static_cast<State*>(into);
    s.row.line = s.line;
    s.rows.push_back(std::exchange(s.row, {}));
  };
  bool fine = true;
  // Line by line, to know their numbers.
  for (std::size_t begin = 0; fine && begin < text.size(); ++state.line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    fine = csv_parse(&parser, text.data() + begin, end - begin, on_field, on_row, &state) ==
           end - begin;
    begin = end;
  }
  --state.line;  // of the last line, whether it ended or not
  fine = fine && csv_fini(&parser, on_field, on_row, &state) == 0;
  const std::string why = fine ? "" : csv_strerror(csv_error(&parser));
  csv_free(&parser);
  if (!fine) {
    throw InputError({path, state.line, 1}, "not a CSV file: " + why);
  }
  return std::move(state.rows);
}

std::string read_text(const std::string& path, std::string_view what) {
  if (std::filesystem::is_directory(path)) {
    throw InputError({path}, fmt::format("is a directory, expected {} (CSV)", what));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path}, std::filesystem::exists(path) ? "can't be read" : "does not exist");
  }
  std::string text;
  try {
    text.assign(std::istreambuf_iterator<char>(file), {});
  } catch (const std::ios_base::failure&) {  // a disk's error, or a file that is none
    throw InputError({path}, "can't be read");
  }
  const auto is_control = [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    throw InputError({path}, fmt::format("is a binary file, expected {} (CSV)", what));
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // as Excel writes it
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace

std::vector<CsvRow> read_csv(const std::string& path, std::string_view what) {
  std::vector<CsvRow> rows = parse_rows(path, read_text(path, what));
  if (rows.empty()) {
    throw InputError({path}, fmt::format("is empty, expected {} (CSV)", what));
  }
  return rows;
}

}  // namespace offcut
