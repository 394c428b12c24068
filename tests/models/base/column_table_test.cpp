#include "models/base/column_table.h"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>

#include "../../temporary_folder.h"
#include "models/base/units.h"

namespace offcut::column_table_test {
namespace {

struct Journey {
  std::string from;
  std::int64_t stops = 0;
  std::optional<Seconds> time;
  bool is_direct = false;
  double share = 0;
};

constexpr auto kJourneyColumns = std::to_array<Column<Journey>>({
    {"from", "", "Where the journey begins.", [](const Journey& j) { return j.from; }},
    {"kind", "", "Always the same text.", [](const Journey&) { return "by train"; }},
    {"stops", "", "Stops on the way.", [](const Journey& j) { return j.stops; }},
    {"time_s", "s", "Empty if it never arrived.", [](const Journey& j) { return j.time; }},
    {"is_direct", "", "1 or 0.", [](const Journey& j) { return j.is_direct; }},
    {"share", "", "A number.", [](const Journey& j) { return j.share; }},
});
constexpr ColumnTable<Journey> kJourneys{"journeys.csv", "A row per journey.", kJourneyColumns,
                                         "`trains.cpp`."};

std::string written(std::span<const Column<Journey>> columns, CsvQuotes quotes) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "journeys.csv";
  TableWriter<Journey> writer(path, columns, quotes);
  writer.add({"Ulm, \"Hbf\"", 3, Seconds(0.5), true, 0.25});
  writer.add({"Aarau", 0, std::nullopt, false, 1});
  writer.close();
  return read_file(path);
}

}  // namespace

TEST_CASE("column table: values of all types, and empty fields") {
  CHECK(written(kJourneys.columns, CsvQuotes::where_needed) ==
        "from,kind,stops,time_s,is_direct,share\n"
        "\"Ulm, \"\"Hbf\"\"\",by train,3,0.5,1,0.25\n"
        "Aarau,by train,0,,0,1\n");
}

TEST_CASE("column table: every text in quotes") {
  CHECK(written(kJourneys.columns, CsvQuotes::every_text) ==
        "from,kind,stops,time_s,is_direct,share\n"
        "\"Ulm, \"\"Hbf\"\"\",\"by train\",3,0.5,1,0.25\n"
        "\"Aarau\",\"by train\",0,,0,1\n");
}

TEST_CASE("column table: a choice of columns in another order") {
  const std::vector<std::string> names = {"share", "from"};
  CHECK(written(kJourneys.chosen(names), CsvQuotes::where_needed) ==
        "share,from\n0.25,\"Ulm, \"\"Hbf\"\"\"\n1,Aarau\n");
}

TEST_CASE("column table: the texts of a table without its values") {
  const TableText text = text_of_table(kJourneys);
  CHECK(text.file == "journeys.csv");
  CHECK(text.doc == "A row per journey.");
  REQUIRE(text.columns.size() == 6);
  CHECK(text.columns[3].name == "time_s");
  CHECK(text.columns[3].unit == "s");
  CHECK(text.columns[3].doc == "Empty if it never arrived.");
  CHECK(text.source == "`trains.cpp`.");
}

}  // namespace offcut::column_table_test
