#include "sim/study/sweep/axis_values.h"

#include <doctest/doctest.h>

namespace offcut::study::axis_values_test {
namespace {

using Texts = std::vector<std::string>;

/// Returns the values of an axis, or the messages of its errors.
Texts values(const std::string& yaml) {
  std::vector<Diagnostic> diagnostics;
  const std::string text = quote_lists_with_units("x: " + yaml);
  const scenario::YamlNode root = scenario::parse_yaml(text, {"file"});
  const Texts found = axis_values(*root.find("x"), "x", diagnostics);
  if (diagnostics.empty()) {
    return found;
  }
  Texts messages;
  for (const Diagnostic& diagnostic : diagnostics) {
    messages.push_back(diagnostic.message);
  }
  return messages;
}

}  // namespace

TEST_CASE("axis values: lists, with and without a common unit") {
  CHECK(values("[1, 2.5, 1e3]") == Texts{"1", "2.5", "1e3"});
  CHECK(values("[1 Mbit/s, 2 Mbit/s]") == Texts{"1 Mbit/s", "2 Mbit/s"});
  CHECK(values("[1, 2, 5, 10] Mbit/s") == Texts{"1 Mbit/s", "2 Mbit/s", "5 Mbit/s", "10 Mbit/s"});
  CHECK(values("[10, 20] %  # shares") == Texts{"10 %", "20 %"});
  CHECK(values("'[1, 2] ms'") == Texts{"1 ms", "2 ms"});
  CHECK(values("[[1, 2], {is: t4}]") == Texts{"[1, 2]", "{is: t4}"});
  CHECK(values("[exact, multi-tier]") == Texts{"exact", "multi-tier"});
}

TEST_CASE("axis values: ranges of whole numbers, and single values") {
  CHECK(values("1..4") == Texts{"1", "2", "3", "4"});
  CHECK(values("-1..1") == Texts{"-1", "0", "1"});
  CHECK(values("7..7") == Texts{"7"});
  CHECK(values("wifi") == Texts{"wifi"});
  CHECK(values("{is: t4, cores: 4}") == Texts{"{is: t4, cores: 4}"});
}

TEST_CASE("axis values: ranges by points, steps and factors end at their bounds") {
  CHECK(values("{from: 1, to: 100, points: 3, scale: log}") == Texts{"1", "10", "100"});
  CHECK(values("{from: 1 ms, to: 2 ms, points: 5}") ==
        Texts{"1 ms", "1.25 ms", "1.5 ms", "1.75 ms", "2 ms"});
  CHECK(values("{from: 0.1, to: 0.5, step: 0.1}") == Texts{"0.1", "0.2", "0.3", "0.4", "0.5"});
  CHECK(values("{from: 1, to: 64, factor: 2}") == Texts{"1", "2", "4", "8", "16", "32", "64"});
  CHECK(values("{from: 1, to: 10, step: 4}") == Texts{"1", "5", "9"});
  CHECK(values("{from: 1, to: 5, points: 9, scale: log, whole: true}") ==
        Texts{"1", "2", "3", "4", "5"});
  CHECK(values("{from: 1, to: 1000, points: 4, scale: log}") == Texts{"1", "10", "100", "1000"});
}

TEST_CASE("axis values: every error says what was expected") {
  CHECK(values("{from: 1 ms, to: 2 s, points: 2}") ==
        Texts{"x.to: expected the unit of 'from', 'ms', got 's'"});
  CHECK(values("{from: 2, to: 1, points: 2}") == Texts{"x.to: expected more than 'from'"});
  CHECK(values("{from: 0, to: 1, points: 2, scale: log}") ==
        Texts{"x.from: expected a number above 0 on a log scale"});
  CHECK(values("{from: 1, to: 2}") == Texts{"x: expected one of points, step and factor"});
  CHECK(values("{from: 1, to: 2, points: 1}") ==
        Texts{"x.points: expected a whole number from 2 to 1000000, got '1'"});
  CHECK(values("{from: 1, to: 2, points: 2, scale: square}") ==
        Texts{"x.scale: expected linear or log, got 'square'"});
  CHECK(values("{from: 1, to: 2, point: 2}") ==
        Texts{"x: unknown key 'point'; did you mean 'points'?",
              "x: expected one of points, step and factor"});
  CHECK(values("{from: 1 m, to: 2 m, step: 1}") == Texts{"x.step: expected a number above 0 in m"});
  CHECK(values("5..2").front().starts_with("x: expected from 1 to 1000000 numbers"));
  CHECK(values("1..99999999").front().starts_with("x: expected from 1 to 1000000 numbers"));
  CHECK(values("[]") == Texts{"x: expected values, got an empty list"});
  CHECK(values("[a, 2] ms") == Texts{"x: expected numbers before the common unit, got 'a'"});
}

TEST_CASE("axis values: only lists with a unit get quotes") {
  CHECK(quote_lists_with_units("a: [1, 2]\nb: [1] ms\n  c: [3] s # x\n") ==
        "a: [1, 2]\nb: '[1] ms'\n  c: '[3] s' # x\n");
  CHECK(quote_lists_with_units("{a: [1, 2] /s, b: [3] ms }") == "{a: '[1, 2] /s', b: '[3] ms' }");
  CHECK(quote_lists_with_units("a: it's\nb: [1] s") == "a: it's\nb: '[1] s'");
  for (const char* text :
       {"a: {b: [1, 2]}", "a: '[1] ms'", "# a: [1] ms", "a: [1, 2] # ms", "a: \"b: [1] ms\"",
        "a: [[1], 2]", "a: [1, 2", "a: x # b: [1] ms", "a: [{b: 1}]", "a: ['x'] y"}) {
    CHECK(quote_lists_with_units(text) == text);
  }
}

}  // namespace offcut::study::axis_values_test
