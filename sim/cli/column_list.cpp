// What the CSV files' columns mean, from the tables that write them.

#include "sim/cli/column_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/tables/decision_log.h"
#include "analysis/tables/result_tables.h"
#include "models/cost/profile.h"
#include "sim/cli/plan_files.h"
#include "sim/cli/work_table.h"
#include "sim/runtime/codec_table.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kLineWidth = 80;
constexpr std::size_t kPageWidth = 100;  // Of docs/*.md.
constexpr std::string_view kIndent = "  ";

/// The text in lines of at most `width` characters, where its words allow it, with `indent` blanks
/// before all lines but the first.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (used > 0 && used + 1 + end > width) {
      lines += '\n' + std::string(indent, ' ');
      used = 0;
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    lines += text.substr(0, end);
    used += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string source_text(const TableText& table) { return fmt::format("Source: {}", table.source); }

std::string table_text(const TableText& table) {
  std::size_t name_width = 0;
  std::size_t unit_width = 0;
  for (const ColumnText& column : table.columns) {
    name_width = std::max(name_width, column.name.size());
    unit_width = std::max(unit_width, column.unit.size());
  }
  const auto paragraph = [](const std::string& words) {
    return fmt::format("{}{}\n", kIndent,
                       wrapped(words, kLineWidth - kIndent.size(), kIndent.size()));
  };
  std::string text = fmt::format("{}\n{}{}\n", table.file, paragraph(std::string(table.doc)),
                                 paragraph(source_text(table)));
  for (const ColumnText& column : table.columns) {
    const std::string begin = fmt::format("{}{:<{}}  {:<{}}  ", kIndent, column.name, name_width,
                                          column.unit, unit_width);
    text +=
        fmt::format("{}{}\n", begin, wrapped(column.doc, kLineWidth - begin.size(), begin.size()));
  }
  return text;
}

}  // namespace

std::vector<TableText> all_tables() {
  std::vector<TableText> tables = analysis::result_table_texts();
  tables.push_back(text_of_table(analysis::decision_table()));
  const std::vector<TableText> plans = plan_table_texts();
  tables.insert(tables.end(), plans.begin(), plans.end());
  tables.insert(tables.end(), {text_of_table(runtime::codec_table()), cost::profile_table_text(),
                               work_table_text()});
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
                        text.empty() ? "" : "\n", table.file, wrapped(table.doc, kPageWidth, 0),
                        wrapped(source_text(table), kPageWidth, 0));
    for (const ColumnText& column : table.columns) {
      text += fmt::format("| `{}` | {} | {} |\n", column.name, column.unit, column.doc);
    }
  }
  return text;
}

}  // namespace offcut::cli
