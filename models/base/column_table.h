#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "models/base/csv_writer.h"

namespace offcut {

/// The description of a column of a CSV file for its readers.
struct ColumnText {
  std::string_view name;  // In snake_case, ending in the unit: latency_s, throughput_per_s.
  std::string_view unit;  // "s", "bytes", "J", "1/s", "bytes/s"; empty: a text, a count, a share.
  std::string_view doc;   // Whole sentences: the meaning, and when the field is empty.
};

/// Whether CsvWriter::field() writes a value of the type as a text.
template <class T>
inline constexpr bool kIsText = std::is_convertible_v<T, std::string_view>;
template <class T>
inline constexpr bool kIsText<std::optional<T>> = kIsText<T>;

/// One column of a CSV file: its name, unit, meaning, and value in a row. `value` is a lambda
/// without captures that takes a row and returns any type that CsvWriter::field() takes; a
/// std::optional means that the field may be empty.
///
///   {"busy_s", "s", "The computing time, summed over cores.",
///    [](const TierRow& row) { return row.tier.busy; }}
///
/// Only the lambda's type is kept, so a table is a constant, and a field costs one indirect call.
template <class Row>
struct Column : ColumnText {
  void (*write)(CsvWriter&, const Row&);
  bool is_text;  // Otherwise its fields are numbers, or empty.

  template <class Value>
  requires std::invocable<Value, const Row&> && std::is_empty_v<Value> &&
      std::default_initializable<Value>
  constexpr Column(std::string_view name_, std::string_view unit_, std::string_view doc_,
                   Value /*value*/)
      : ColumnText{name_, unit_, doc_},
        write([](CsvWriter& csv, const Row& row) { csv.field(Value{}(row)); }),
        is_text(kIsText<std::invoke_result_t<Value, const Row&>>) {}
};

/// The columns of a CSV file in their order. All texts and columns are constants of the program.
template <class Row>
struct ColumnTable {
  std::string_view file;  // "summary.csv"
  std::string_view doc;   // Whole sentences; the first one says what a row is.
  std::span<const Column<Row>> columns;
  /// The source files that compute the figures, each path in backticks: first those that have the
  /// columns' names.
  std::string_view source;

  /// Returns the columns with these names in the order of the names. REQUIRES: the table has them.
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

/// The texts of a table, for lists and documentation.
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

/// Writes a CSV file with these columns row by row. Throws as CsvWriter does.
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
  std::vector<void (*)(CsvWriter&, const Row&)> writes_;  // Indexed by column.
};

/// Returns the row as a line of such a file, with its line feed.
template <class Row>
std::string csv_line(std::span<const Column<Row>> columns, const Row& row) {
  std::string line;
  CsvWriter writer(line, columns.size());
  for (const Column<Row>& column : columns) {
    column.write(writer, row);
  }
  writer.end_row();
  writer.close();
  return line;
}

}  // namespace offcut
