#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/base/csv_writer.h"

namespace offcut {

/// What a reader must know about a column of a CSV file.
struct ColumnText {
  std::string_view name;  // in snake_case; ends in the unit: latency_s, throughput_per_s
  std::string_view unit;  // "s", "bytes", "J", "1/s", "bytes/s"; empty: a text, a count, a share
  std::string_view doc;   // whole sentences: the meaning, and when the field is empty
};

/// One column of a CSV file: its name, its unit, its meaning, and its value in a row. `value` is a
/// lambda without captures that takes a row and returns any type that CsvWriter::field() takes;
/// std::optional says that the field may be empty.
///
///   {"busy_s", "s", "The computing time, summed over cores.",
///    [](const TierRow& row) { return row.tier.busy; }}
///
/// Only the lambda's type is kept, so a table is a constant, and a field costs one indirect call.
template <class Row>
struct Column : ColumnText {
  void (*write)(CsvWriter&, const Row&);

  template <class Value>
  requires std::invocable<Value, const Row&> && std::is_empty_v<Value> &&
      std::default_initializable<Value>
  constexpr Column(std::string_view name_, std::string_view unit_, std::string_view doc_,
                   Value /*value*/)
      : ColumnText{name_, unit_, doc_},
        write([](CsvWriter& csv, const Row& row) { csv.field(Value{}(row)); }) {}
};

/// The columns of a CSV file, in their order. Its texts and columns are constants of the program.
template <class Row>
struct ColumnTable {
  std::string_view file;  // "summary.csv"
  std::string_view doc;   // Whole sentences. The first one describes a row.
  std::span<const Column<Row>> columns;
  /// The source files that compute the figures, each path in backticks: first those that have the
  /// columns' names.
  std::string_view source;

  /// The columns of these names, in the order of the names. REQUIRES: the table has them.
  std::vector<Column<Row>> chosen(std::span<const std::string> names) const {
    std::vector<Column<Row>> found;
    for (const std::string& name : names) {
      for (const Column<Row>& column : columns) {
        if (column.name == name) {
          found.push_back(column);
        }
      }
    }
    return found;
  }
};

/// A table without its values: for lists and documentation.
struct TableText {
  std::string_view file;
  std::string_view doc;
  std::vector<ColumnText> columns;
  std::string_view source;
};

template <class Row>
TableText text_of_table(const ColumnTable<Row>& table) {
  return {table.file, table.doc, {table.columns.begin(), table.columns.end()}, table.source};
}

/// Writes a CSV file of these columns row by row. Throws as CsvWriter does.
template <class Row>
class TableWriter {
 public:
  TableWriter(const std::string& path, std::span<const Column<Row>> columns,
              CsvQuotes quotes = CsvQuotes::where_needed)
      : file_(path, names(columns), quotes) {
    for (const Column<Row>& column : columns) {
      writes_.push_back(column.write);
    }
  }

  void add(const Row& row) {
    for (const auto write : writes_) {
      write(file_, row);
    }
    file_.end_row();
  }
  void close() { file_.close(); }

 private:
  static std::vector<std::string> names(std::span<const Column<Row>> columns) {
    std::vector<std::string> header;
    for (const Column<Row>& column : columns) {
      header.emplace_back(column.name);
    }
    return header;
  }

  CsvWriter file_;
  std::vector<void (*)(CsvWriter&, const Row&)> writes_;  // by column
};

}  // namespace offcut
