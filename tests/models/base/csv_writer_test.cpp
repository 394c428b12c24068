#include "models/base/csv_writer.h"

#include <csv.h>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>

#include "../../temporary_folder.h"
#include "models/base/error.h"
#include "models/base/random.h"
#include "models/base/units.h"

namespace offcut::csv_writer_test {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Reads CSV with libcsv, which is independent of the writer.
Rows parse(const std::string& text) {
  Rows rows(1);
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  const auto on_field = [](void* field, std::size_t size, void* into) {
    static_cast<Rows*>(into)->back().emplace_back(static_cast<const char*>(field), size);
  };
  const auto on_row = [](int, void* into) { static_cast<Rows*>(into)->emplace_back(); };
  REQUIRE(csv_parse(&parser, text.data(), text.size(), on_field, on_row, &rows) == text.size());
  REQUIRE(csv_fini(&parser, on_field, on_row, &rows) == 0);
  csv_free(&parser);
  rows.pop_back();
  return rows;
}

/// Returns the text of the file that `write` makes.
template <class Write>
std::string written(std::vector<std::string> header, Write write) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file.csv").string();
  CsvWriter writer(path, std::move(header));
  write(writer);
  writer.close();
  return read_file(path);
}

double random_double(RandomStream& random) {
  while (true) {
    const std::uint64_t bits = random();
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    if (std::isfinite(value)) {
      return value;
    }
  }
}

}  // namespace

TEST_CASE("csv writer: a header and rows; lines end in LF") {
  CHECK(written({"name", "n", "x", "missing"}, [](CsvWriter& w) {
          w.text("a").integer(-3).number(0.5).empty().end_row();
          w.text("").integer(0).number(1e300).field(std::optional<double>(2)).end_row();
          w.text("b").integer(1).field(Seconds(3)).field(std::optional<double>()).end_row();
        }) == "name,n,x,missing\na,-3,0.5,\n,0,1e+300,2\nb,1,3,\n");
}

TEST_CASE("csv writer: texts are quoted only where RFC 4180 requires it") {
  CHECK(written({"a,b", "c"}, [](CsvWriter& w) {
          w.text("say \"x\"").text("two\nlines").end_row();
          w.text("cr\r").text("blank and ; and '").end_row();
        }) == "\"a,b\",c\n\"say \"\"x\"\"\",\"two\nlines\"\n\"cr\r\",blank and ; and '\n");
}

TEST_CASE("csv writer: another program's parser reads back every text") {
  const std::string letters = "ab,\"\n\r ;\xC3\xA9";
  RandomStream random = random_stream(601, "texts");
  Rows expected = {{"first", "second"}};
  const std::string file = written({"first", "second"}, [&](CsvWriter& w) {
    for (int row = 0; row < 500; ++row) {
      std::vector<std::string> fields(2);
      for (std::string& field : fields) {
        for (std::uint64_t length = random() % 6; length > 0; --length) {
          field += letters[random() % letters.size()];
        }
      }
      w.text(fields[0]).text(fields[1]).end_row();
      expected.push_back(std::move(fields));
    }
  });
  const Rows rows = parse(file);
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // The parser strips blanks around an unquoted field; in the RFC, they are part of it.
    for (std::size_t j = 0; j < 2; ++j) {
      std::string text = expected[i][j];
      if (text.find_first_of(",\"\n\r") == std::string::npos) {
        text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
        text.erase(text.find_last_not_of(' ') + 1);
      }
      CHECK(rows[i][j] == text);
    }
  }
}

TEST_CASE("csv writer: numbers have the same text as from fmt and read back bit for bit") {
  RandomStream random = random_stream(602, "numbers");
  std::vector<double> values = {0.0,
                                -0.0,
                                0.1,
                                0.25,
                                1.0 / 3,
                                -0.5,
                                1e22,
                                123456789012345680.0,
                                100000,
                                -7,
                                999999999999999.0,
                                999999999999999.9,
                                1e15,
                                1000000000000000.1,
                                1e16,
                                9e-5,
                                std::numeric_limits<double>::denorm_min(),
                                std::numeric_limits<double>::min() / 3,
                                std::numeric_limits<double>::min(),
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::epsilon()};
  for (int exponent = -6; exponent <= 17; ++exponent) {
    const double power = std::pow(10, exponent);
    values.insert(values.end(), {power, std::nextafter(power, 0), std::nextafter(power, 1e300)});
  }
  for (int i = 0; i < 20'000; ++i) {
    const double fraction = std::ldexp(static_cast<double>(random() >> 11U), -53);
    const double magnitude = std::pow(10, static_cast<double>(random() % 25) - 7);
    values.push_back(random_double(random));
    values.push_back(fraction * magnitude);                                     // Many digits.
    values.push_back(std::trunc(fraction * 1000) / 1000 * magnitude);           // Few digits.
    values.push_back(std::trunc(std::ldexp(fraction, 60) / magnitude) / 1024);  // An exact half.
  }
  const std::string file = written({"x", "again"}, [&](CsvWriter& w) {
    for (const double value : values) {
      for (int repeat = 0; repeat < 3; ++repeat) {
        w.number(value).number(value).end_row();
      }
    }
  });
  const Rows rows = parse(file);
  REQUIRE(rows.size() == 3 * values.size() + 1);
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    const std::string& text = rows[i + 1].at(0);
    REQUIRE(text == fmt::format("{}", values[i / 3]));
    REQUIRE(rows[i + 1].at(1) == text);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    REQUIRE(std::memcmp(&value, &values[i / 3], sizeof value) == 0);
  }
}

TEST_CASE("csv writer: infinities and NaN") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  CHECK(written({"x", "y"}, [](CsvWriter& w) {
          w.number(kInfinity).number(std::nan("")).end_row();
          w.number(kInfinity).number(std::nan("")).end_row();
          w.number(-kInfinity).number(0.5).end_row();
        }) == "x,y\ninf,nan\ninf,nan\n-inf,0.5\n");
}

TEST_CASE("csv writer: a file far larger than the buffer") {
  const std::string file = written({"i", "text"}, [](CsvWriter& w) {
    for (int i = 0; i < 50'000; ++i) {
      w.integer(i).text("some text that is a little longer").end_row();
    }
  });
  const Rows rows = parse(file);
  REQUIRE(rows.size() == 50'001);
  CHECK(rows[50'000] == std::vector<std::string>{"49999", "some text that is a little longer"});
}

TEST_CASE("csv writer: a row of the wrong length is a logic error") {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file.csv").string();
  CsvWriter writer(path, {"a", "b"});
  writer.integer(1);
  CHECK_THROWS_WITH_AS(writer.end_row(), (path + ": a row of 1 fields, expected 2").c_str(),
                       std::logic_error);
  writer.integer(2).integer(3);
  CHECK_THROWS_AS(writer.end_row(), std::logic_error);
}

TEST_CASE("csv writer: a file that can't be made, and a full disk") {
  CHECK_THROWS_WITH_AS(CsvWriter("/nowhere/file.csv", {"a"}),
                       "/nowhere/file.csv: error: cannot be written", InputError);
  CsvWriter full("/dev/full", {"a"});
  full.integer(1).end_row();
  CHECK_THROWS_WITH_AS(full.close(), "/dev/full: error: cannot be written (is the disk full?)",
                       InputError);
}

}  // namespace offcut::csv_writer_test
