#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "models/base/column_table.h"

namespace offcut::analysis {

/// The part of a CSV file that a page takes.
struct PageTableChoice {
  std::size_t most_rows = 0;  // Rows after these are counted, and left out.
  /// Whether to take the column, by its name; null: all of them.
  std::function<bool(std::string_view)> takes = {};
};

/// Returns the text of the column of this name; null if there is none.
const ColumnText* find_text(std::span<const ColumnText> columns, std::string_view name);

/// Returns the text of a column; one with its name alone if none is known.
using ColumnTextOf = std::function<ColumnText(std::string_view name)>;
ColumnTextOf texts_in(const TableText& table);

/// Returns a CSV file for a page: `file`, `doc`, the number of `rows` in the file, the names of the
/// columns that are `empty`, and the others in `columns`: `name`, `unit`, `doc`, and `values`,
/// which are numbers where all of the column are, and else texts; null for an empty field. Throws as
/// for_each_row() does.
nlohmann::ordered_json page_table(const std::string& path, std::string_view file,
                                  std::string_view doc, const ColumnTextOf& text_of,
                                  const PageTableChoice& choice);

/// Throws InputError unless the file is there, has a column of this name, and rows of as many fields
/// as its header, at least one. `rows` says in the error what they are: "one for each plan".
void require_rows(const std::string& path, std::string_view column, std::string_view rows);

/// Returns a number as JSON has it; null if the text is none.
nlohmann::ordered_json number_or_null(std::string_view text);

}  // namespace offcut::analysis
