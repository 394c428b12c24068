#include "sim/scenario/yaml/map_reader.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "../../../temporary_folder.h"
#include "../messages.h"

namespace offcut::scenario::map_reader_test {
namespace {

/// A map from a text, its reader, and the results.
struct Read {
  explicit Read(const std::string& text) {
    const TemporaryFolder folder;
    node = read_yaml(folder.write("a.yaml", text), diagnostics);
  }
  MapReader reader(const KeyTable& table) { return {node, "m", table, diagnostics, resolved}; }
  Messages wrong() const { return messages(diagnostics); }

  std::vector<Diagnostic> diagnostics;
  YamlNode node;
  YamlNode resolved;
};

const std::vector<std::string> kColours = {"red", "green", "blue"};

constexpr KeySpec time_key(std::string_view name, std::string_view fallback = "",
                           Bounds bounds = {}) {
  return {.name = name,
          .kind = ValueKind::number,
          .dimension = Dimension::time,
          .bounds = bounds,
          .fallback = fallback};
}

constexpr KeySpec whole_key(std::string_view name, std::string_view fallback = "",
                            Bounds bounds = {1, 1e6}) {
  return {.name = name, .kind = ValueKind::whole, .bounds = bounds, .fallback = fallback};
}

constexpr KeySpec colour_key(std::string_view name, ValueKind kind = ValueKind::choice,
                             std::string_view fallback = "") {
  return {.name = name,
          .kind = kind,
          .choices = "red, green, blue",
          .noun = "colour",
          .fallback = fallback};
}

constexpr KeySpec text_key(std::string_view name) {
  return {.name = name, .kind = ValueKind::text};
}

constexpr KeySpec kNone[] = {{.name = "none"}};
constexpr KeyTable kNoKeys{.keys = kNone};

}  // namespace

TEST_CASE("map reader: quantities have units, bounds and defaults, and are written down") {
  static constexpr KeySpec kKeys[] = {
      time_key("time"),
      time_key("unset", "3 s"),
      time_key("other"),
      {.name = "speed", .kind = ValueKind::number, .dimension = Dimension::bandwidth},
      time_key("late", "4 s"),
      time_key("far", "", {0, 1}),
      time_key("list"),
  };
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("time: 20 ms\nspeed: 3\nlate: -1 s\nfar: 2 s\nlist: [1 s]\n");
  MapReader reader = read.reader(kTable);
  CHECK(reader.quantity<Seconds>("time") == Seconds(0.02));
  CHECK(reader.quantity<Seconds>("unset") == Seconds(3));
  CHECK(reader.quantity<BytesPerSecond>("speed").si() > 0);  // Harmless.
  CHECK(reader.quantity<Seconds>("late") == Seconds(4));
  CHECK(reader.quantity<Seconds>("other", Seconds(5)) == Seconds(5));
  CHECK(reader.quantity_if_given<Seconds>("time") == Seconds(0.02));
  CHECK(!reader.quantity_if_given<Seconds>("other"));
  reader.quantity<Seconds>("far");
  reader.quantity<Seconds>("list");
  reader.done();
  const Messages wrong = read.wrong();
  REQUIRE(wrong.size() == 4);
  CHECK(wrong[0].starts_with("2:8 m.speed: "));
  CHECK(wrong[1] == "3:7 m.late: must be between 0 s and 1000000000 s, got '-1 s'");
  CHECK(wrong[2] == "4:6 m.far: must be between 0 s and 1 s, got '2 s'");
  CHECK(wrong[3] == "5:7 m.list: expected a single value, got a list");
  CHECK(read.resolved.find("time")->text == "0.02 s");
  CHECK(read.resolved.find("unset")->text == "3 s");
}

TEST_CASE("map reader: a text that may be a list keeps its items apart") {
  const std::vector<ParameterSpec> specs = {{.name = "after", .is_list = true, .is_text = true},
                                            {.name = "name", .is_text = true}};
  const auto read_after = [&](Read& read) {
    MapReader reader = read.reader(kNoKeys);
    const Parameters values = reader.parameters(specs);
    reader.done();
    return values.text("after");
  };
  Read list("{after: [input, 'a, b'], name: x}"), text("{after: input l1, name: x}");
  CHECK(read_after(list) == "input\na, b\n");
  CHECK(read_after(text) == "input l1");
  CHECK(list.wrong().empty());
  CHECK(list.resolved.find("after")->items.size() == 2);
  Read wrong("{after: [{a: b}], name: [x]}"), missing("{name: x}");
  read_after(wrong);
  CHECK(wrong.wrong() == Messages{"1:10 m.after: expected a list of names, got a map",
                                  "1:25 m.name: expected a single value, got a list"});
  read_after(missing);
  CHECK(missing.wrong() == Messages{"1:1 'm.after' is missing"});
}

TEST_CASE("map reader: a quantity without a bound of its own is not of any size") {
  const std::tuple<Dimension, std::string, std::string> values[] = {
      {Dimension::number, "1e15", "1e16"},
      {Dimension::time, "1e9 s", "1e8 min"},
      {Dimension::data, "1e18 B", "1e200 GB"},
      {Dimension::work, "1e9 TFLOP", "1e300 FLOP"},
      {Dimension::energy, "1e12 kJ", "1e300 J"},
      {Dimension::rate, "1e12 /s", "1e300 /s"},
      {Dimension::bandwidth, "1e21 B/s", "1e300 bit/s"},
      {Dimension::speed, "1e9 TFLOP/s", "1e300 FLOP/s"},
      {Dimension::power, "1e6 kW", "1e300 kW"},
      {Dimension::length, "1e4 km", "1e300 m"},
      {Dimension::velocity, "1e3 m/s", "1e300 km/h"}};
  for (const auto& [dimension, largest, larger] : values) {
    CAPTURE(largest);
    Read read("a: " + largest + "\nb: " + larger + "\n");
    MapReader reader = read.reader(kNoKeys);
    const Parameters parameters = reader.parameters(
        {{.name = "a", .dimension = dimension}, {.name = "b", .dimension = dimension}});
    reader.done();
    CHECK(parameters.at("a") == parse_quantity(largest, dimension));
    const Messages wrong = read.wrong();
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].starts_with("2:4 m.b: must be between 0"));
  }
}

TEST_CASE("map reader: whole numbers, as people write them") {
  Read read("a: 1e3\nb: +5\nc: 1.5\nd: 99999999999999999999\ne: x\n");
  static constexpr KeySpec kKeys[] = {whole_key("a"), whole_key("b"), whole_key("c", "7"),
                                      whole_key("d"), whole_key("e"), whole_key("f", "9")};
  static constexpr KeyTable kTable{.keys = kKeys};
  MapReader reader = read.reader(kTable);
  CHECK(reader.integer("a") == 1000);
  CHECK(reader.integer("b", Bounds{5, 5}) == 5);
  CHECK(reader.integer("c") == 7);
  CHECK(reader.integer("d") == 1);
  CHECK(reader.integer("e") == 1);
  CHECK(reader.count("f") == 9);
  reader.done();
  CHECK(read.wrong() ==
        Messages{"3:4 m.c: expected a whole number, got '1.5'",
                 "4:4 m.d: must be between 1 and 1000000, got '99999999999999999999'",
                 "5:4 m.e: expected a whole number, got 'x'"});
  CHECK(read.resolved.find("a")->text == "1000");
}

TEST_CASE("map reader: one of several names, the nearest where it is misspelt") {
  Read read("a: green\nb: bleu\nc: xxxxxx\nd: [red, gren, {x: 1}]\ne: yes\n");
  static constexpr KeySpec kKeys[] = {
      colour_key("a"),
      colour_key("b", ValueKind::name),
      colour_key("c"),
      colour_key("f", ValueKind::choice, "red"),
      colour_key("d", ValueKind::name),
      colour_key("g", ValueKind::name, "[blue, red]"),
      {.name = "e", .kind = ValueKind::flag, .fallback = "true"},
      {.name = "h", .kind = ValueKind::flag, .fallback = "false"},
  };
  static constexpr KeyTable kTable{.keys = kKeys};
  MapReader reader = read.reader(kTable);
  CHECK(reader.choice("a") == "green");
  CHECK(reader.one_of("b", kColours) == "blue");
  CHECK(!reader.choice("c"));
  CHECK(reader.choice("f") == "red");
  CHECK(reader.some_of("d", kColours) == std::vector<std::string>{"red"});
  CHECK(reader.some_of("g", kColours) == std::vector<std::string>{"blue", "red"});
  CHECK(reader.flag("e"));
  CHECK(!reader.flag("h"));
  reader.done();
  CHECK(read.wrong() == Messages{"2:4 m.b: unknown colour 'bleu'; did you mean 'blue'?",
                                 "3:4 m.c: unknown colour 'xxxxxx'; valid: red, green, blue",
                                 "4:10 m.d: unknown colour 'gren'; did you mean 'green'?",
                                 "4:16 m.d: expected a list of names, got a map",
                                 "5:4 m.e: unknown truth value 'yes'; valid: true, false"});
}

TEST_CASE("map reader: keys that are unknown or missing, once each") {
  static constexpr KeySpec kKeys[] = {whole_key("count"), text_key("name")};
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("cuont: 1\nother: 2\nmore: 3\n");
  MapReader reader = read.reader(kTable);
  reader.integer("count");
  reader.text("name");
  reader.missing({"x", "y"}, "m: 'x' or 'y' is missing");
  reader.done();
  CHECK(read.wrong() == Messages{"1:1 unknown key 'm.cuont'; did you mean 'count'?",
                                 "2:1 unknown key 'm.other'; valid: count, name",
                                 "3:1 unknown key 'm.more'", "1:1 'm.name' is missing",
                                 "1:1 m: 'x' or 'y' is missing"});
}

TEST_CASE("map reader: an error that only follows from another one is not reported") {
  static constexpr KeySpec kKeys[] = {text_key("kind"), text_key("name")};
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("kind: x\nrest: 1\n");
  MapReader reader = read.reader(kTable);
  reader.raw("kind");
  reader.text("name");
  reader.ignore_rest();
  reader.done();
  CHECK(read.wrong().empty());
}

TEST_CASE("map reader: maps below, and values that are not maps") {
  static constexpr KeySpec kBelow[] = {text_key("b"), whole_key("d", "", {2, 9}), text_key("f")};
  static constexpr KeyTable kBelowKeys{.keys = kBelow};
  static constexpr KeySpec kKeys[] = {{.name = "NAME", .below = &kBelowKeys}};
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("a: {b: 1}\nc: 5\n");
  MapReader reader = read.reader(kTable);
  MapReader below = reader.map("a");
  CHECK(below.keys() == std::vector<std::string>{"b"});
  CHECK(below.place("b").column == 8);
  below.error("b", "is odd");
  below.raw("b");
  below.done();
  MapReader no_map = reader.map("c");
  CHECK(!no_map.present());
  CHECK(no_map.integer("d") == 2);
  no_map.done();  // One error is one message: 'd' is not missing as well.
  MapReader optional = reader.map("g", false);
  CHECK(!optional.present());
  MapReader absent = reader.map("e");
  absent.text("f");
  absent.done();
  reader.done();
  CHECK(read.wrong() ==
        Messages{"1:8 m.a.b: is odd", "2:4 m.c: expected a map, got '5'", "1:1 'm.e' is missing"});
  CHECK(read.resolved.find("c")->find("d")->text == "2");
}

TEST_CASE("map reader: declared parameters") {
  Read read("period: 2 s\nlimit: 3\n");
  MapReader reader = read.reader(kNoKeys);
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
  MapReader reader = read.reader(kNoKeys);
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
  Read read("valid-1_é: 1\n\"a.b\": 2\n\"\": 3\n");
  static constexpr KeyTable kTable{.names_are_plain = true};
  MapReader reader = read.reader(kTable);
  CHECK(reader.names("tier").size() == 3);
  const Messages found = read.wrong();
  REQUIRE(found.size() == 2);
  CHECK(found[0] ==
        "2:8 m: 'a.b' is not a valid name for a tier: expected at most 64 letters, digits, '-' and "
        "'_'");
  CHECK(found[1].starts_with("3:5 m: '' is not a valid name for a tier"));
  MapReader of_other_table = read.reader(kNoKeys);
  CHECK_THROWS_AS(of_other_table.names("tier"), std::logic_error);
}

TEST_CASE("map reader: lists of maps, and a map that a short form stands for") {
  static constexpr KeySpec kBelow[] = {whole_key("n", "3")};
  static constexpr KeyTable kBelowKeys{.keys = kBelow};
  static constexpr KeySpec kKeys[] = {{.name = "a", .lists = Lists::only, .below = &kBelowKeys},
                                      {.name = "b", .below = &kBelowKeys}};
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("a: [{n: 1}, {}, {n: x}]\n");
  MapReader reader = read.reader(kTable);
  std::vector<std::int64_t> values;
  for (MapReader& item : reader.maps("a")) {
    values.push_back(item.integer("n"));
    item.done();
  }
  CHECK(values == std::vector<std::int64_t>{1, 3, 3});
  CHECK(read.wrong() == Messages{"1:21 m.a.n: expected a whole number, got 'x'"});
  CHECK(read.resolved.find("a")->items[1].find("n")->text == "3");

  YamlNode node{.kind = YamlNode::Kind::map};
  node.add("n", YamlNode::scalar("7"));
  YamlNode resolved;
  MapReader stand_in = reader.map_from(node, "b", resolved);
  CHECK(stand_in.path() == "m.b");
  CHECK(stand_in.integer("n") == 7);
}

TEST_CASE("map reader: a key that belongs elsewhere is one error, and no suggestion") {
  static constexpr KeySpec kKeys[] = {text_key("name")};
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("name: x\nplan: 1\nplam: 2\n");
  MapReader reader = read.reader(kTable);
  reader.text("name");
  reader.reject("plan", "belongs elsewhere");
  reader.reject("other", "is not there");
  reader.done();
  CHECK(read.wrong() ==
        Messages{"2:7 m.plan: belongs elsewhere", "3:1 unknown key 'm.plam'; valid: name"});
}

TEST_CASE("map reader: no key without a declaration, or with another than it is read by") {
  static constexpr KeySpec kKeys[] = {time_key("time"), text_key("text"), whole_key("whole"),
                                      colour_key("choice")};
  static constexpr KeyTable kTable{.keys = kKeys};
  Read read("time: 1 s\ntext: x\nwhole: 1\nchoice: red\n");
  MapReader reader = read.reader(kTable);
  for (const char* key : {"undeclared", "Time"}) {
    CHECK_THROWS_AS(reader.raw(key), std::logic_error);
    CHECK_THROWS_AS(reader.text(key), std::logic_error);
    CHECK_THROWS_AS(reader.map(key), std::logic_error);
    CHECK_THROWS_AS(reader.declaration(key), std::logic_error);
  }
  CHECK_THROWS_AS(reader.quantity<Bytes>("time"), std::logic_error);
  CHECK_THROWS_AS(reader.number("time"), std::logic_error);
  CHECK_THROWS_AS(reader.number("whole"), std::logic_error);
  CHECK_THROWS_AS(reader.integer("time"), std::logic_error);
  CHECK_THROWS_AS(reader.flag("text"), std::logic_error);
  CHECK_THROWS_AS(reader.text("whole"), std::logic_error);
  CHECK_THROWS_AS(reader.choice("text"), std::logic_error);
  CHECK_THROWS_AS(reader.one_of("choice", kColours), std::logic_error);
  CHECK_THROWS_AS(reader.some_of("choice", kColours), std::logic_error);
  CHECK_THROWS_AS(reader.map("text"), std::logic_error);
  CHECK_THROWS_AS(reader.maps("text"), std::logic_error);
  CHECK(read.wrong().empty());
}

}  // namespace offcut::scenario::map_reader_test
