#include "sim/runtime/service/json_cursor.h"

#include <doctest/doctest.h>

#include "sim/runtime/service/request_error.h"

namespace offcut::runtime::json_cursor_test {
namespace {

/// Returns the error of a text, "" if it is valid.
std::string error_of(const std::string& text) {
  try {
    JsonCursor cursor(text);
    cursor.skip();
    cursor.end();
    return "";
  } catch (const RequestError& error) {
    CHECK(error.status() == 400);
    return error.what();
  }
}

std::string string_of(const std::string& text) { return JsonCursor(text).string(); }

}  // namespace

TEST_CASE("JsonCursor: valid texts") {
  for (const char* text :
       {"{}", "[]", "0", "-0", "-1.5e+10", "1E9", "\"\"", "\"a\\\"b\\\\\"", "true", "false", "null",
        " \t\r\n[ 1 , { \"a\" : [ ] , \"b\" : null } ] \n"}) {
    CHECK(error_of(text) == "");
  }
}

TEST_CASE("JsonCursor: invalid texts") {
  for (const char* text : {"",       " ",       "{",        "[",       "[1",         "[1,]", "[,1]",
                           "[1 2]",  "{\"a\"}", "{\"a\":}", "{a:1}",   "{\"a\":1,}", "01",   "+1",
                           "1.",     ".5",      "1e",       "-",       "1e+",        "nul",  "tru",
                           "falsey", "\"a",     "\"a\\",    "1 1",     "{} {}",      "'a'",  "[1]]",
                           "0x10",   "\x01",    "\"\xff\"", "\"\\x\"", "\"\n\""}) {
    CAPTURE(text);
    CHECK(error_of(text).starts_with("invalid JSON at byte "));
  }
  CHECK(error_of("[1, 2 3]") == "invalid JSON at byte 6: expected ',' or ']'");
}

TEST_CASE("JsonCursor: NaN and infinities are named") {
  for (const char* text : {"[NaN]", "[Infinity]", "[-Infinity]"}) {
    CHECK(error_of(text) ==
          "invalid JSON at byte 1: JSON has no NaN and no infinity; binary tensor data can carry "
          "them");
  }
}

TEST_CASE("JsonCursor: the depth is bounded") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(error_of(nested(32)) == "");
  CHECK(error_of(nested(33)) == "invalid JSON at byte 32: nested deeper than 32 levels");
  CHECK(error_of(std::string(10'000'000, '[')) ==
        "invalid JSON at byte 32: nested deeper than 32 levels");
}

TEST_CASE("JsonCursor: strings") {
  CHECK(string_of(R"("a\n\"\\\/\u00e9\ud83d\ude00")") == "a\n\"\\/\u00e9\U0001f600");
  for (const char* text : {"\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\"\\x\"", "\"\\ud83d\"",
                           "\"\\u12\"", "\"\n\""}) {
    CHECK_THROWS_AS(string_of(text), RequestError);
  }
  CHECK(string_of('"' + std::string(4094, 'a') + '"').size() == 4094);
  CHECK_THROWS_AS(string_of('"' + std::string(4095, 'a') + '"'), RequestError);
}

}  // namespace offcut::runtime::json_cursor_test
