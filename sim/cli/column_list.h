#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"

namespace offcut::cli {

/// The tables of all CSV files that the program writes, in the order in which documents show them.
std::vector<TableText> all_tables();

/// For people, in lines of at most 80 characters.
std::string columns_text(const std::vector<TableText>& tables);

/// The same as sections of a Markdown document: docs/ has them between its markers.
std::string columns_markdown(const std::vector<TableText>& tables);

}  // namespace offcut::cli
