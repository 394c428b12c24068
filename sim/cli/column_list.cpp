// Describes the columns of all CSV files. The texts stand in the tables that write the files.

#include "sim/cli/column_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/tables/decision_log.h"
#include "analysis/tables/result_tables.h"
#include "models/base/error.h"
#include "models/cost/profile.h"
#include "sim/cli/compression_tables.h"
#include "sim/cli/latency_table.h"
#include "sim/cli/plan_files.h"
#include "sim/cli/terminal.h"
#include "sim/cli/training_progress.h"
#include "sim/cli/work_table.h"
#include "sim/runtime/codec_table.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kLeastWidth = 60;  // The names and units alone take up to 40.

std::string source_text(const TableText& table) { return fmt::format("Source: {}", table.source); }

std::string table_text(const TableText& table) {
  std::size_t name_width = 0;
  std::size_t unit_width = 0;
  for (const ColumnText& column : table.columns) {
    name_width = std::max(name_width, column.name.size());
    unit_width = std::max(unit_width, column.unit.size());
  }
  const std::size_t width = std::max(text_columns(), kLeastWidth);
  const auto paragraph = [&](std::string_view words) {
    return fmt::format("{}{}\n", kIndent, wrapped(words, width - kIndent.size(), kIndent.size()));
  };
  std::string text =
      fmt::format("{}\n{}{}\n", table.file, paragraph(table.doc), paragraph(source_text(table)));
  for (const ColumnText& column : table.columns) {
    const std::string begin = fmt::format("{}{:<{}}  {:<{}}  ", kIndent, column.name, name_width,
                                          column.unit, unit_width);
    text += fmt::format("{}{}\n", begin, wrapped(column.doc, width - begin.size(), begin.size()));
  }
  return text;
}

}  // namespace

std::vector<TableText> all_tables() {
  std::vector<TableText> tables = analysis::result_table_texts();
  tables.push_back(text_of_table(analysis::decision_table()));
  const std::vector<TableText> plans = plan_table_texts();
  tables.insert(tables.end(), plans.begin(), plans.end());
  tables.insert(
      tables.end(),
      {text_of_table(runtime::codec_table()), cost::profile_table_text(), work_table_text(),
       latency_table_text(), text_of_table(epoch_table()), text_of_table(compression_table()),
       text_of_table(layer_size_table()), text_of_table(sensitivity_table())});
  return tables;
}

std::vector<TableText> tables_of(const std::string& file) {
  std::vector<TableText> tables = all_tables();
  if (file.empty()) {
    return tables;
  }
  std::vector<std::string> files;
  for (const TableText& table : tables) {
    files.emplace_back(table.file);
  }
  std::erase_if(tables, [&](const TableText& table) { return table.file != file; });
  if (tables.empty()) {
    throw InputError({"offcut list columns"},
                     fmt::format("no columns of a file {}{}", in_quotes(file),
                                 suggestion(file, files)));
  }
  return tables;
}

std::string columns_text(const std::vector<TableText>& tables) {
  std::string text;
  for (const TableText& table : tables) {
    if (!text.empty()) {
      text += '\n';
    }
    text += table_text(table);
  }
  return text;
}

std::string columns_markdown(const std::vector<TableText>& tables) {
  std::string text;
  for (const TableText& table : tables) {
    text += fmt::format("{}## {}\n\n{}\n\n{}\n\n| column | unit | meaning |\n| --- | --- | --- |\n",
                        text.empty() ? "" : "\n", table.file, wrapped(table.doc, kMarkdownWidth, 0),
                        wrapped(source_text(table), kMarkdownWidth, 0));
    for (const ColumnText& column : table.columns) {
      text += fmt::format("| `{}` | {} | {} |\n", column.name, column.unit, column.doc);
    }
  }
  return text;
}

}  // namespace offcut::cli
