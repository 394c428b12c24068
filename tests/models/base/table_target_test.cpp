#include "models/base/table_target.h"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>

#include "../../temporary_folder.h"
#include "models/base/csv_rows.h"

namespace offcut::table_target_test {
namespace {

struct Row {
  std::string name;
  std::optional<double> value;
};

constexpr auto kColumns = std::to_array<Column<Row>>({
    {"name", "", "A text.", [](const Row& row) { return std::string_view(row.name); }},
    {"value_s", "s", "A number.", [](const Row& row) { return row.value; }},
});

void write(const TableTarget& target) {
  TargetWriter<Row> writer(target, kColumns);
  writer.add({" a, \"b\"\n", 0.1});
  writer.add({"7", std::nullopt});
  writer.close();
}

}  // namespace

TEST_CASE("table target: a kept table has the rows, with texts as they are") {
  KeptTable table;
  write(table);
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns[0].is_text);
  CHECK(!table.columns[1].is_text);
  CHECK(table.columns[1].text.unit == "s");
  REQUIRE(table.lines.size() == 2);
  CHECK(csv_fields(table.lines[0]) == std::vector<std::string>{" a, \"b\"\n", "0.1"});
  CHECK(csv_fields(table.lines[1]) == std::vector<std::string>{"7", ""});
}

TEST_CASE("table target: a path is a file as TableWriter writes it") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "rows.csv";
  write(path);
  CHECK(read_file(path) == "name,value_s\n\" a, \"\"b\"\"\n\",0.1\n7,\n");
}

}  // namespace offcut::table_target_test
