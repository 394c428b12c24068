// Brings a CSV file into columns of JSON. A number keeps all digits that the file has.

#include "analysis/page/page_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "analysis/page/csv_stream.h"
#include "models/base/error.h"

namespace offcut::analysis {
namespace {

using Json = nlohmann::ordered_json;

struct ColumnValues {
  std::string name;
  std::size_t field = 0;
  std::vector<std::string> texts = {};
  bool is_number = true;  // As far as it has been read.
  bool is_empty = true;
};

Json values_of(const ColumnValues& column) {
  Json values = Json::array();
  for (const std::string& text : column.texts) {
    values.push_back(text.empty()       ? Json()
                     : column.is_number ? number_or_null(text)
                                        : Json(text));
  }
  return values;
}

}  // namespace

Json number_or_null(std::string_view text) {
  constexpr std::string_view kFirst = "-0123456789";
  const bool may_be = !text.empty() && kFirst.find(text.front()) != kFirst.npos;
  return may_be && Json::accept(text) ? Json::parse(text) : Json();
}

const ColumnText* find_text(std::span<const ColumnText> columns, std::string_view name) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const ColumnText& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

ColumnTextOf texts_in(const TableText& table) {
  return [columns = table.columns](std::string_view name) {
    const ColumnText* found = find_text(columns, name);
    return found == nullptr ? ColumnText{name, "", ""} : *found;
  };
}

void require_rows(const std::string& path, std::string_view column, std::string_view rows) {
  if (!std::filesystem::exists(path)) {
    throw InputError({path}, "is missing");
  }
  std::size_t fields = 0, count = 0;
  for_each_row(path, [&](std::span<const std::string_view> row) {
    if (count++ > 0) {
      return;
    }
    fields = row.size();
    if (std::find(row.begin(), row.end(), column) == row.end()) {
      throw InputError({path, 1, 1}, fmt::format("there is no column '{}'", column));
    }
  });
  if (count == 1) {
    throw InputError({path, 1, 1}, fmt::format("there is no row below the header of {} fields, "
                                               "expected {}: is the file cut off?",
                                               fields, rows));
  }
}

Json page_table(const std::string& path, std::string_view file, std::string_view doc,
                const ColumnTextOf& text_of, const PageTableChoice& choice) {
  std::vector<ColumnValues> columns;
  std::size_t rows = 0;
  bool is_header = true;
  for_each_row(path, [&](std::span<const std::string_view> fields) {
    if (is_header) {
      is_header = false;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!choice.takes || choice.takes(fields[i])) {
          columns.push_back({std::string(fields[i]), i});
        }
      }
      return;
    }
    if (rows++ >= choice.most_rows) {
      return;
    }
    for (ColumnValues& column : columns) {
      const std::string_view field = fields[column.field];
      column.texts.emplace_back(field);
      column.is_empty = column.is_empty && field.empty();
      column.is_number = column.is_number && (field.empty() || !number_or_null(field).is_null());
    }
  });
  Json table = {{"file", file}, {"doc", doc}, {"rows", rows}, {"empty", Json::array()},
                {"columns", Json::array()}};
  for (const ColumnValues& column : columns) {
    if (column.is_empty) {
      table["empty"].push_back(column.name);
      continue;
    }
    const ColumnText text = text_of(column.name);
    table["columns"].push_back({{"name", column.name},
                                {"unit", text.unit},
                                {"doc", text.doc},
                                {"values", values_of(column)}});
  }
  return table;
}

}  // namespace offcut::analysis
