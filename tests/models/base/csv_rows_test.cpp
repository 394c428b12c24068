#include "models/base/csv_rows.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../../sim/scenario/messages.h"
#include "../../temporary_folder.h"
#include "models/base/random.h"

namespace offcut::csv_rows_test {
namespace {

/// Writes random CSV character by character, and notes where each field begins.
class RandomCsv {
 public:
  explicit RandomCsv(std::uint64_t seed) : random_(random_stream(seed, "csv")) {
    const std::size_t rows = 1 + below(6);
    for (std::size_t row = 0; row < rows; ++row) {
      places.emplace_back();
      fields.emplace_back();
      const std::size_t count = 2 + below(3);
      for (std::size_t i = 0; i < count; ++i) {
        put(i == 0 ? "" : ",");
        put(std::string(below(3), ' '));
        add_field();
      }
      for (std::size_t ends = 1 + below(2); ends > 0; --ends) {  // The second is a blank line.
        put(kEnds[below(3)]);
      }
    }
  }

  std::string text;
  std::vector<std::vector<std::pair<int, int>>> places;
  std::vector<std::vector<std::string>> fields;

 private:
  static constexpr const char* kEnds[] = {"\n", "\r\n", "\r"};

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % end); }

  /// Appends a text that has a line end only at its end.
  void put(const std::string& part) {
    // "\r" and "\n" of two calls would be one line end.
    const bool joins = part.starts_with('\n') && text.ends_with('\r');
    const std::string added = joins ? fmt::format("\r{}", part.substr(1)) : part;
    text += added;
    const bool ends_line = added.ends_with('\n') || added.ends_with('\r');
    line_ += ends_line ? 1 : 0;
    column_ = ends_line ? 1 : column_ + static_cast<int>(added.size());
  }

  void add_field() {
    places.back().emplace_back(line_, column_);
    std::string& field = fields.back().emplace_back();
    if (below(2) == 0) {
      field = std::string(1 + below(4), 'x');
      put(field);
      return;
    }
    put("\"");
    for (std::size_t left = below(6); left > 0; --left) {
      constexpr const char* kParts[] = {"a", ",", " ", "\"\"", "\n"};
      const std::string part = kParts[below(5)];
      put(part);
      field += part == "\"\"" ? "\"" : part;
    }
    put("\"");
  }

  RandomStream random_;
  int line_ = 1;
  int column_ = 1;
};

scenario::Messages errors_in(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.write("file.csv", text);
  return scenario::messages_of([&] { read_csv(path, "a test"); });
}

}  // namespace

TEST_CASE("csv rows: every field of random files has the place where it was written" *
          doctest::test_suite("slow")) {
  const TemporaryFolder folder;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const RandomCsv written(seed);
    CAPTURE(written.text);
    const CsvFile read = read_csv(folder.write("file.csv", written.text), "a test");
    REQUIRE(read.rows.size() == written.fields.size());
    for (std::size_t row = 0; row < read.rows.size(); ++row) {
      REQUIRE(read.rows[row].fields == written.fields[row]);
      for (std::size_t i = 0; i < written.places[row].size(); ++i) {
        const Place place = read.place_of(read.rows[row], i);
        CHECK(std::pair(place.line, place.column) == written.places[row][i]);
      }
    }
  }
}

TEST_CASE("csv rows: a byte order mark is not part of the first line") {
  const TemporaryFolder folder;
  const CsvFile file = read_csv(folder.write("file.csv",
                                             "\xEF\xBB\xBF"
                                             "a,b\n"),
                                "a test");
  CHECK(file.place_of(file.rows.front(), 0).column == 1);
  CHECK(file.place_of(file.rows.front(), 1).column == 3);
}

TEST_CASE("csv rows: what is not CSV has its place") {
  // A quote inside a field, one after a field, and one that does not end.
  CHECK(errors_in("a,b\n1,2x\"y\n").front().starts_with("2:5 not a CSV file: "));
  CHECK(errors_in("a,b\n1,\"2\"y\n").front().starts_with("2:6 not a CSV file: "));
  CHECK(errors_in("a,b\n1,\"2\n3\n").front().starts_with("2:3 not a CSV file: "));
}

}  // namespace offcut::csv_rows_test
