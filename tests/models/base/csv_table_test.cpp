#include "models/base/csv_table.h"

#include <doctest/doctest.h>

#include "../../sim/scenario/messages.h"
#include "../../temporary_folder.h"

namespace offcut::csv_table_test {
namespace {

CsvTable read(const std::string& text, const CsvColumns& columns) {
  const TemporaryFolder folder;
  return {folder.write("file.csv", text), "a test", columns};
}

const CsvColumns kColumns{.required = {"name", "count"}, .optional = {"share"}};

/// Returns the errors in a header.
scenario::Messages header_errors(const std::string& header, const CsvColumns& columns = kColumns) {
  return scenario::messages_of([&] { read(header + "\n", columns); });
}

}  // namespace

TEST_CASE("csv table: columns are found by name, in any order") {
  CsvTable table = read("share,name,count\n0.5,a,3\n,b,-4\n", kColumns);
  CHECK(table.columns() == std::vector<std::string>{"share", "name", "count"});
  CHECK(table.has("share"));
  REQUIRE(table.rows().size() == 2);
  CHECK(table.field(table.rows()[1], "name") == "b");
  CHECK(table.number(table.rows()[0], "share", 0, 1) == 0.5);
  CHECK(table.whole_number(table.rows()[0], "count", 3, 3) == 3);
  CHECK(table.whole_number(table.rows()[1], "count", -4, 0) == -4);
  CHECK_NOTHROW(table.stop_on_diagnostics());
  CHECK_FALSE(read("count,name\n", kColumns).has("share"));
}

TEST_CASE("csv table: errors in the header") {
  CHECK(header_errors("name,count") == scenario::Messages{});
  CHECK(header_errors("share") ==
        scenario::Messages{"1:1 column 'name' is missing", "1:1 column 'count' is missing"});
  CHECK(
      header_errors("name,count,count,share,share") ==
      scenario::Messages{"1:12 column 'count' appears twice", "1:24 column 'share' appears twice"});
  CHECK(header_errors("nam,count") ==
        scenario::Messages{"1:1 unknown column 'nam'; did you mean 'name'?"});
  CHECK(header_errors("q,count") ==
        scenario::Messages{"1:1 unknown column 'q'; valid: name, count, share",
                           "1:1 column 'name' is missing"});
  // One list of the valid names is enough.
  CHECK(header_errors("q,name,w,coun,z") ==
        scenario::Messages{"1:1 unknown column 'q'; valid: name, count, share",
                           "1:8 unknown column 'w'",
                           "1:10 unknown column 'coun'; did you mean "
                           "'count'?",
                           "1:15 unknown column 'z'"});
}

TEST_CASE("csv table: other separators than commas") {
  const CsvColumns any{.required = {"name"}, .ignores_others = true};
  CHECK(header_errors("name;count", any) ==
        scenario::Messages{
            "1:1 column 'name' is missing; expected commas between fields, got semicolons"});
  CHECK(
      header_errors("name\tcount", any) ==
      scenario::Messages{"1:1 column 'name' is missing; expected commas between fields, got tabs"});
}

TEST_CASE("csv table: a misspelt column is no other column that is ignored") {
  const CsvColumns any{.required = {"time_s"}, .optional = {"device", "input"}, .ignores_others = true};
  CHECK(header_errors("time_s,output,user,devicetype", any) == scenario::Messages{});
  CHECK(header_errors("time_s,devise", any) ==
        scenario::Messages{"1:8 unknown column 'devise'; did you mean 'device'?"});
  CHECK(header_errors("time_s,devce", any) ==
        scenario::Messages{"1:8 unknown column 'devce'; did you mean 'device'?"});
}

TEST_CASE("csv table: a column of another unit") {
  const CsvColumns timed{.required = {"model", "latency_s"}};
  CHECK(header_errors("model,latency_ms", timed) ==
        scenario::Messages{
            "1:7 unknown column 'latency_ms'; did you mean 'latency_s', with values in s?"});
}

TEST_CASE("csv table: column names with a valid suffix") {
  const CsvColumns timed{.required = {"name"}, .suffix = "_s"};
  CHECK(header_errors("a_s,name,b_s", timed) == scenario::Messages{});
  CHECK(header_errors("_s,name", timed) ==
        scenario::Messages{"1:1 unknown column '_s'; valid: name"});
  CHECK(header_errors("a_s,name,a_s", timed) ==
        scenario::Messages{"1:10 column 'a_s' appears twice"});
}

TEST_CASE("csv table: numbers after a valid suffix") {
  const CsvColumns counted{.required = {"name"}, .suffix = "_s", .has_numbers = true};
  CHECK(header_errors("a_s,name,a_s@8,b_s@0", counted) == scenario::Messages{});
  CHECK(header_errors("name,a_s@,_s@8,a@8,a_s@-1", counted) ==
        scenario::Messages{"1:6 unknown column 'a_s@'; valid: name", "1:11 unknown column '_s@8'",
                           "1:16 unknown column 'a@8'", "1:20 unknown column 'a_s@-1'"});
  const CsvColumns timed{.required = {"name"}, .suffix = "_s"};
  CHECK(header_errors("name,a_s@8", timed) ==
        scenario::Messages{"1:6 unknown column 'a_s@8'; valid: name"});
}

TEST_CASE("csv table: errors have the line and the column of their field") {
  CsvTable table = read("name,count,share\na\nb,1.5,2\n\nc,11,nan\nd,,x\n", kColumns);
  CHECK_FALSE(table.is_whole(table.rows()[0]));
  CHECK(table.field(table.rows()[0], "count").empty());
  for (const CsvRow& row : table.rows().subspan(1)) {
    CHECK(table.is_whole(row));
    CHECK_FALSE(table.whole_number(row, "count", 0, 10, "a page"));
    CHECK_FALSE(table.number(row, "share", 0, 1));
  }
  table.error(table.rows()[3], "name", "is odd");
  CHECK(scenario::messages_of([&] { table.stop_on_diagnostics(); }) ==
        scenario::Messages{"2:1 1 fields, expected 3",
                           "3:3 count: expected a page from 0 to 10, got '1.5'",
                           "3:7 share: expected a number from 0 to 1, got '2'",
                           "5:3 count: expected a page from 0 to 10, got '11'",
                           "5:6 share: expected a number from 0 to 1, got 'nan'",
                           "6:3 count: expected a page from 0 to 10, got ''",
                           "6:4 share: expected a number from 0 to 1, got 'x'", "6:1 is odd"});
}

}  // namespace offcut::csv_table_test
