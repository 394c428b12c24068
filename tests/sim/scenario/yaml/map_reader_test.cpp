#include "sim/scenario/yaml/map_reader.h"

#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "../messages.h"

namespace offcut::scenario {
namespace {

/// A map from a text, its reader, and what comes out.
struct Read {
  explicit Read(const std::string& text) {
    const TemporaryFolder folder;
    node = read_yaml(folder.write("a.yaml", text), diagnostics);
  }
  MapReader reader() { return {node, "m", diagnostics, resolved}; }
  Messages wrong() const { return messages(diagnostics); }

  std::vector<Diagnostic> diagnostics;
  YamlNode node;
  YamlNode resolved;
};

const std::vector<std::string> kColours = {"red", "green", "blue"};

}  // namespace

TEST_CASE("map reader: quantities have units, bounds and defaults, and are written down") {
  Read read("time: 20 ms\nspeed: 3\nlate: -1 s\nfar: 2 s\nlist: [1 s]\n");
  MapReader reader = read.reader();
  CHECK(reader.quantity<Seconds>("time") == Seconds(0.02));
  CHECK(reader.quantity<Seconds>("unset", Seconds(3)) == Seconds(3));
  CHECK(reader.quantity<BytesPerSecond>("speed").si() > 0);  // harmless
  CHECK(reader.quantity<Seconds>("late", Seconds(4)) == Seconds(4));
  reader.quantity<Seconds>("far", {}, {.least = 0, .most = 1});
  reader.quantity<Seconds>("list");
  reader.done();
  const Messages wrong = read.wrong();
  REQUIRE(wrong.size() == 4);
  CHECK(wrong[0].starts_with("2:8 m.speed: "));
  CHECK(wrong[1] == "3:7 m.late: must be at least 0 s, got '-1 s'");
  CHECK(wrong[2] == "4:6 m.far: must be between 0 s and 1 s, got '2 s'");
  CHECK(wrong[3] == "5:7 m.list: expected a single value, got a list");
  CHECK(read.resolved.find("time")->text == "0.02 s");
  CHECK(read.resolved.find("unset")->text == "3 s");
}

TEST_CASE("map reader: whole numbers, as people write them") {
  Read read("a: 1e3\nb: +5\nc: 1.5\nd: 99999999999999999999\ne: x\n");
  MapReader reader = read.reader();
  const Bounds bounds{.least = 1, .most = 1e6};
  CHECK(reader.integer("a", {}, bounds) == 1000);
  CHECK(reader.integer("b", {}, bounds) == 5);
  CHECK(reader.integer("c", 7, bounds) == 7);
  CHECK(reader.integer("d", {}, bounds) == 1);
  CHECK(reader.integer("e", {}, bounds) == 1);
  CHECK(reader.integer("f", 9, bounds) == 9);
  reader.done();
  CHECK(read.wrong() ==
        Messages{"3:4 m.c: expected a whole number, got '1.5'",
                 "4:4 m.d: must be between 1 and 1000000, got '99999999999999999999'",
                 "5:4 m.e: expected a whole number, got 'x'"});
  CHECK(read.resolved.find("a")->text == "1000");
}

TEST_CASE("map reader: one of several names, the nearest where it is misspelt") {
  Read read("a: green\nb: bleu\nc: xxxxxx\nd: [red, gren, {x: 1}]\ne: yes\n");
  MapReader reader = read.reader();
  CHECK(reader.one_of("a", "colour", kColours) == "green");
  CHECK(reader.one_of("b", "colour", kColours) == "blue");
  CHECK(!reader.one_of("c", "colour", kColours));
  CHECK(reader.one_of("f", "colour", kColours, "red") == "red");
  CHECK(reader.some_of("d", "colour", kColours, {}) == std::vector<std::string>{"red"});
  CHECK(reader.some_of("g", "colour", kColours, {"blue"}) == std::vector<std::string>{"blue"});
  CHECK(reader.flag("e", true));
  CHECK(!reader.flag("h", false));
  reader.done();
  CHECK(read.wrong() == Messages{"2:4 m.b: unknown colour 'bleu'; did you mean 'blue'?",
                                 "3:4 m.c: unknown colour 'xxxxxx'; valid: red, green, blue",
                                 "4:10 m.d: unknown colour 'gren'; did you mean 'green'?",
                                 "4:16 m.d: expected a list of names, got a map",
                                 "5:4 m.e: unknown truth value 'yes'; valid: true, false"});
}

TEST_CASE("map reader: keys that are unknown or missing, once each") {
  Read read("cuont: 1\nother: 2\nmore: 3\n");
  MapReader reader = read.reader();
  reader.integer("count", {}, {.least = 1, .most = 9});
  reader.text("name");
  reader.missing({"x", "y"}, "m: 'x' or 'y' is missing");
  reader.done();
  CHECK(read.wrong() == Messages{"1:1 unknown key 'm.cuont'; did you mean 'count'?",
                                 "2:1 unknown key 'm.other'; valid: count, name",
                                 "3:1 unknown key 'm.more'", "1:1 'm.name' is missing",
                                 "1:1 m: 'x' or 'y' is missing"});
}

TEST_CASE("map reader: what hangs on an error is no error") {
  Read read("kind: x\nrest: 1\n");
  MapReader reader = read.reader();
  reader.raw("kind");
  reader.text("name");
  reader.ignore_rest();
  reader.done();
  CHECK(read.wrong().empty());
}

TEST_CASE("map reader: maps below, and what is none") {
  Read read("a: {b: 1}\nc: 5\n");
  MapReader reader = read.reader();
  MapReader below = reader.map("a", true);
  CHECK(below.keys() == std::vector<std::string>{"b"});
  CHECK(below.place("b").column == 8);
  below.error("b", "is odd");
  below.raw("b");
  below.done();
  MapReader no_map = reader.map("c", true);
  CHECK(!no_map.present());
  CHECK(no_map.integer("d", {}, {.least = 2, .most = 9}) == 2);
  no_map.done();  // one error is one message: 'd' is not missing too
  MapReader absent = reader.map("e", true);
  absent.text("f");
  absent.done();
  reader.done();
  CHECK(read.wrong() ==
        Messages{"1:8 m.a.b: is odd", "2:4 m.c: expected a map, got '5'", "1:1 'm.e' is missing"});
  CHECK(read.resolved.find("c")->find("d")->text == "2");
}

TEST_CASE("map reader: declared parameters") {
  Read read("period: 2 s\nlimit: 3\n");
  MapReader reader = read.reader();
  const Parameters values = reader.parameters({{.name = "period", .dimension = Dimension::time},
                                               {.name = "limit", .fallback = 1, .most = 2},
                                               {.name = "share", .fallback = 0.5},
                                               {.name = "after", .is_text = true}});
  reader.done();
  CHECK(values.at("period") == 2);
  CHECK(values.at("limit") == 1);
  CHECK(values.at("share") == 0.5);
  CHECK(values.text("after").empty());
  CHECK(read.wrong() ==
        Messages{"2:8 m.limit: must be between 0 and 2, got '3'", "1:1 'm.after' is missing"});
}

TEST_CASE("map reader: parameters that are whole numbers, or lists") {
  Read read("max: 8\nsizes: [2, 4]\none: 3 s\nhalf: 0.5\nmany: [1, x, 9]\n");
  MapReader reader = read.reader();
  const Parameters values = reader.parameters(
      {{.name = "max", .is_whole = true},
       {.name = "sizes", .is_whole = true, .is_list = true},
       {.name = "one", .dimension = Dimension::time, .is_list = true},
       {.name = "none", .is_list = true},
       {.name = "half", .is_whole = true, .fallback = 2},
       {.name = "many", .is_whole = true, .is_list = true, .least = 1, .most = 5}});
  reader.done();
  CHECK(values.at("max") == 8);
  CHECK(values.list("sizes") == std::vector<double>{2, 4});
  CHECK(values.list("one") == std::vector<double>{3});
  CHECK(values.list("none").empty());
  CHECK(values.at("half") == 2);
  CHECK(read.wrong() == Messages{"4:7 m.half: expected a whole number, got '0.5'",
                                 "5:11 m.many: expected a whole number, got 'x'",
                                 "5:14 m.many: must be between 1 and 5, got '9'"});
}

TEST_CASE("map reader: keys that are names") {
  Read read("fine-1_é: 1\n\"a.b\": 2\n\"\": 3\n");
  MapReader reader = read.reader();
  CHECK(reader.names("thing").size() == 3);
  const Messages found = read.wrong();
  REQUIRE(found.size() == 2);
  CHECK(found[0] ==
        "2:8 m: 'a.b' is no name for a thing: letters, digits, '-' and '_', 64 at most");
  CHECK(found[1].starts_with("3:5 m: '' is no name for a thing"));
}

}  // namespace offcut::scenario
