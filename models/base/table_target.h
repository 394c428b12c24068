#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/base/column_table.h"

namespace offcut {

/// A column of a table that is kept.
struct KeptColumn {
  ColumnText text;
  bool is_text;  // Otherwise its fields are numbers, or empty.
};

/// A table that is kept instead of written into a file.
struct KeptTable {
  std::vector<KeptColumn> columns;
  std::vector<std::string> lines;  // Rows of CSV, each text in quotes, without a header.
};

/// The place for a table: the path of a CSV file, or a kept table, which must outlive its writer.
class TableTarget {
 public:
  TableTarget(std::string path) : path_(std::move(path)) {}
  TableTarget(KeptTable& table) : table_(&table) {}

  const std::string& path() const { return path_; }
  KeptTable* table() const { return table_; }  // Null: the table goes into a file.

 private:
  std::string path_;
  KeptTable* table_ = nullptr;
};

/// Writes the file as TableWriter does, or keeps the rows.
template <class Row>
class TargetWriter {
 public:
  TargetWriter(const TableTarget& target, std::span<const Column<Row>> columns)
      : table_(target.table()) {
    if (table_ == nullptr) {
      file_.emplace(target.path(), columns);
      return;
    }
    for (const Column<Row>& column : columns) {
      table_->columns.push_back({column, column.is_text});
      writes_.push_back(column.write);
    }
  }

  void add(const Row& row) {
    if (file_) {
      file_->add(row);
      return;
    }
    CsvWriter line(table_->lines.emplace_back(), writes_.size(), CsvQuotes::every_text);
    for (const auto write : writes_) {
      write(line, row);
    }
    line.end_row();
    line.close();
  }
  void close() {
    if (file_) {
      file_->close();
    }
  }

 private:
  KeptTable* table_;
  std::optional<TableWriter<Row>> file_;
  std::vector<void (*)(CsvWriter&, const Row&)> writes_;  // Of a kept table.
};

}  // namespace offcut
