#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"

namespace offcut::cli {

/// Returns the tables of all CSV files that the program writes, in the order of the documents.
std::vector<TableText> all_tables();

/// Returns those tables, or the one of that file. Throws InputError if there is none.
std::vector<TableText> tables_of(const std::string& file);

/// Formats them for people, in lines as wide as text_columns() says.
std::string columns_text(const std::vector<TableText>& tables);

/// Formats them as sections of a Markdown document. docs/ has them between its markers.
std::string columns_markdown(const std::vector<TableText>& tables);

}  // namespace offcut::cli
