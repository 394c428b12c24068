// Reads a CSV file into rows of fields. libcsv parses it; here, the rows get their line numbers,
// and a file that is a folder, binary, unreadable or empty becomes a clear error.
#include "models/base/csv_rows.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/base/error.h"
#include "models/base/text_file.h"

namespace offcut {
namespace {

/// Splits a CSV text into rows with libcsv, which handles quotes and line ends.
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
  bool is_valid = true;
  // The parser gets one line at a time, so that each row's line number is known.
  for (std::size_t begin = 0; is_valid && begin < text.size(); ++state.line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    is_valid = csv_parse(&parser, text.data() + begin, end - begin, on_field, on_row, &state) ==
               end - begin;
    begin = end;
  }
  --state.line;  // Back to the last line, which need not end in a line feed.
  is_valid = is_valid && csv_fini(&parser, on_field, on_row, &state) == 0;
  const std::string why = is_valid ? "" : csv_strerror(csv_error(&parser));
  csv_free(&parser);
  if (!is_valid) {
    throw InputError({path, state.line, 1}, "not a CSV file: " + why);
  }
  return std::move(state.rows);
}

std::string read_csv_text(const std::string& path, std::string_view content) {
  std::string text = read_text_file(path, fmt::format("{} (CSV)", content));
  const auto is_control = [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (std::any_of(text.begin(), text.end(), is_control)) {
    throw InputError({path}, fmt::format("is a binary file, expected {} (CSV)", content));
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // Excel writes it.
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace

std::vector<CsvRow> read_csv(const std::string& path, std::string_view content) {
  std::vector<CsvRow> rows = parse_rows(path, read_csv_text(path, content));
  if (rows.empty()) {
    throw InputError({path}, fmt::format("is empty, expected {} (CSV)", content));
  }
  return rows;
}

}  // namespace offcut
