#include "analysis/page/page_table.h"

#include <doctest/doctest.h>

#include <array>

#include "analysis/page/csv_stream.h"
#include "models/base/error.h"
#include "tests/temporary_folder.h"

namespace offcut::analysis::page_table_test {
namespace {

constexpr auto kColumns =
    std::to_array<ColumnText>({{"name", "", "The name."}, {"time_s", "s", "The time."}});
const TableText kTable{"a.csv", "A row per name.", {kColumns.begin(), kColumns.end()}, ""};

}  // namespace

TEST_CASE("rows of CSV: quotes, line ends within them, and empty fields") {
  const TemporaryFolder folder;
  std::vector<std::vector<std::string>> rows;
  for_each_row(folder.write("a.csv", "a,b,c\n1,,\"x, \"\"y\"\"\nz\"\n,2,\n"), [&](auto fields) {
    rows.emplace_back(fields.begin(), fields.end());
  });
  CHECK(rows == std::vector<std::vector<std::string>>{
                    {"a", "b", "c"}, {"1", "", "x, \"y\"\nz"}, {"", "2", ""}});
}

TEST_CASE("rows of CSV: errors name the line") {
  const TemporaryFolder folder;
  const auto read = [](const std::string& path) { for_each_row(path, [](auto) {}); };
  CHECK_THROWS_WITH_AS(read(folder.write("a.csv", "a,b\n1,2\n3\n")),
                       doctest::Contains("a.csv:3:1: error: 1 fields, expected 2"), InputError);
  CHECK_THROWS_WITH_AS(read(folder.write("a.csv", "a,b\n\"1,2\n")),
                       doctest::Contains("a.csv:2:1: error: is not a row of CSV"), InputError);
  CHECK_THROWS_WITH_AS(read(folder.write("a.csv", "")), doctest::Contains("is empty"), InputError);
  CHECK_THROWS_WITH_AS(read((folder.path() / "none.csv").string()),
                       doctest::Contains("cannot be read"), InputError);
}

TEST_CASE("a column of numbers keeps their digits, a column with a text is one of texts") {
  const TemporaryFolder folder;
  const std::string path =
      folder.write("a.csv", "name,time_s,other,none\n007,0.05347963194097589,1,\nb,1e-7,,\n");
  const auto table = page_table(path, kTable.file, kTable.doc, texts_in(kTable), {.most_rows = 9});
  CHECK(table["rows"] == 2);
  CHECK(table["empty"] == nlohmann::ordered_json{"none"});
  REQUIRE(table["columns"].size() == 3);
  CHECK(table["columns"][0]["values"] == nlohmann::ordered_json{"007", "b"});
  CHECK(table["columns"][0]["doc"] == "The name.");
  CHECK(table["columns"][1]["unit"] == "s");
  CHECK(table["columns"][1]["values"].dump() == "[0.05347963194097589,1e-07]");
  CHECK(table["columns"][2]["values"].dump() == "[1,null]");
}

TEST_CASE("rows and columns that are not taken are counted, or left out") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.csv", "name,time_s\na,1\nb,2\nc,3\n");
  const auto table =
      page_table(path, kTable.file, kTable.doc, texts_in(kTable),
                 {.most_rows = 2, .takes = [](auto name) { return name == "time_s"; }});
  CHECK(table["rows"] == 3);
  REQUIRE(table["columns"].size() == 1);
  CHECK(table["columns"][0]["values"].dump() == "[1,2]");
}

TEST_CASE("only JSON's numbers are numbers") {
  for (const char* text : {"0", "-1.5", "2e9", "1e-300"}) {
    CHECK(number_or_null(text).is_number());
  }
  for (const char* text : {"", "007", "+1", ".5", "1.", "nan", "inf", "0x1", "true", "[1]"}) {
    CAPTURE(text);
    CHECK(number_or_null(text).is_null());
  }
}

}  // namespace offcut::analysis::page_table_test
