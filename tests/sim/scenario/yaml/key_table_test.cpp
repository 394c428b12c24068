#include "sim/scenario/yaml/key_table.h"

#include <doctest/doctest.h>

namespace offcut::scenario::key_table_test {
namespace {

constexpr KeySpec kCommon[] = {{.name = "memory"}, {.name = "count"}};
constexpr KeyTable kCommonKeys{.keys = kCommon};
constexpr KeySpec kOwn[] = {{.name = "count", .doc = "own"}};
constexpr KeyTable kOwnKeys{.keys = kOwn, .more = &kCommonKeys};
constexpr KeySpec kNames[] = {{.name = "all"}, {.name = "TIER"}};
constexpr KeyTable kNamesKeys{.keys = kNames};

}  // namespace

TEST_CASE("key table: its own keys, those of further tables, and names of the user's") {
  REQUIRE(kOwnKeys.find("count") != nullptr);
  CHECK(kOwnKeys.find("count")->doc == "own");
  CHECK(kOwnKeys.find("memory") == &kCommon[0]);
  CHECK(kOwnKeys.find("Memory") == nullptr);
  CHECK(kNamesKeys.find("all") == &kNames[0]);
  CHECK(kNamesKeys.find("edge") == &kNames[1]);
  CHECK(kNames[1].is_placeholder());
  CHECK(!kNames[0].is_placeholder());
}

TEST_CASE("key table: a key is required if nothing says what holds without it") {
  CHECK(KeySpec{.name = "a"}.required());
  CHECK(!KeySpec{.name = "a", .fallback = "1"}.required());
  CHECK(!KeySpec{.name = "a", .absent = "none"}.required());
}

TEST_CASE("key table: bounds in words") {
  CHECK(bounds_text({}, Dimension::time) == "at least 0 s");
  CHECK(bounds_text({1, 16}, Dimension::number) == "between 1 and 16");
  CHECK(bounds_text({1, 1}, Dimension::number) == "1");
}

TEST_CASE("key table: lists in a text") {
  CHECK(split_list("off, every") == std::vector<std::string>{"off", "every"});
  CHECK(split_list("[device-only, none]") == std::vector<std::string>{"device-only", "none"});
  CHECK(split_list("one") == std::vector<std::string>{"one"});
  CHECK(split_list("").empty());
  CHECK(split_list("[]").empty());
}

}  // namespace offcut::scenario::key_table_test
