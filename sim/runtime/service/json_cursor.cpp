// Reads JSON in one pass. A request is mostly an array of numbers, which nlohmann's parser reads
// seven times slower than std::from_chars does; this reader hands out numbers as they are written.
// Strings, with their escapes and their UTF-8, are left to nlohmann's parser.

#include "sim/runtime/service/json_cursor.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/runtime/service/request_error.h"

namespace offcut::runtime {
namespace {

constexpr const char* kInvalidString =
    "the string has invalid UTF-8, an invalid escape or a control character";

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string_view to_text(JsonCursor::Kind kind) {
  switch (kind) {
    case JsonCursor::Kind::object:
      return "an object";
    case JsonCursor::Kind::array:
      return "an array";
    case JsonCursor::Kind::string:
      return "a string";
    case JsonCursor::Kind::number:
      return "a number";
    case JsonCursor::Kind::boolean:
      return "true or false";
    case JsonCursor::Kind::null:
      break;
  }
  return "null";
}

void JsonCursor::fail(const std::string& text) const {
  throw RequestError(400, fmt::format("invalid JSON at byte {}: {}", at_, text));
}

char JsonCursor::next() {
  while (at_ < text_.size() && is_blank(text_[at_])) {
    ++at_;
  }
  return at_ < text_.size() ? text_[at_] : '\0';
}

JsonCursor::Kind JsonCursor::kind() {
  const char c = next();
  switch (c) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    case 'N':
    case 'I':
      fail("JSON has no NaN and no infinity; binary tensor data can carry them");
    default:
      break;
  }
  if (c == '-' && text_.substr(at_ + 1, 1) == "I") {
    fail("JSON has no NaN and no infinity; binary tensor data can carry them");
  }
  if (c != '-' && !is_digit(c)) {
    fail(at_ < text_.size() ? "expected a value" : "the text ends where a value is expected");
  }
  return Kind::number;
}

std::string_view JsonCursor::quoted() {
  if (kind() != Kind::string) {
    fail("expected a string");
  }
  const std::size_t begin = at_++;
  while (at_ < text_.size() && text_[at_] != '"') {
    at_ += text_[at_] == '\\' ? 2U : 1U;
  }
  if (at_ >= text_.size()) {
    at_ = begin;
    fail("the string has no end");
  }
  ++at_;
  return text_.substr(begin, at_ - begin);
}

void JsonCursor::skip_string() {
  const JsonCursor before = *this;
  if (!nlohmann::json::accept(quoted())) {
    before.fail(kInvalidString);
  }
}

std::string JsonCursor::string() {
  const JsonCursor before = *this;
  const std::string_view text = quoted();
  if (text.size() > kMostStringBytes) {
    before.fail(
        fmt::format("the string has {} bytes, expected at most {}", text.size(), kMostStringBytes));
  }
  const auto read = nlohmann::json::parse(text, nullptr, false);
  if (!read.is_string()) {
    before.fail(kInvalidString);
  }
  return read.get<std::string>();
}

void JsonCursor::digits() {
  if (at_ >= text_.size() || !is_digit(text_[at_])) {
    fail("expected a digit");
  }
  while (at_ < text_.size() && is_digit(text_[at_])) {
    ++at_;
  }
}

std::string_view JsonCursor::number() {
  if (const Kind found = kind(); found != Kind::number) {
    fail(fmt::format("expected a number, got {}", to_text(found)));
  }
  const std::size_t begin = at_;
  at_ += text_[at_] == '-' ? 1U : 0U;
  if (at_ < text_.size() && text_[at_] == '0') {
    ++at_;
  } else {
    digits();
  }
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    digits();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    at_ += at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-') ? 1U : 0U;
    digits();
  }
  return text_.substr(begin, at_ - begin);
}

bool JsonCursor::word(std::string_view expected) {
  if (text_.substr(at_, expected.size()) != expected) {
    return false;
  }
  at_ += expected.size();
  return true;
}

bool JsonCursor::boolean() {
  if (kind() != Kind::boolean) {
    fail("expected true or false");
  }
  if (word("true")) {
    return true;
  }
  if (!word("false")) {
    fail("expected true or false");
  }
  return false;
}

void JsonCursor::open(char bracket, const char* expected) {
  if (next() != bracket) {
    fail(fmt::format("expected {}", expected));
  }
  if (++depth_ > kMostDepth) {
    fail(fmt::format("nested deeper than {} levels", kMostDepth));
  }
  ++at_;
}

bool JsonCursor::more(char bracket, bool first) {
  const char c = next();
  if (c == bracket) {
    ++at_;
    return false;
  }
  if (!first) {
    if (c != ',') {
      fail(fmt::format("expected ',' or '{}'", bracket));
    }
    ++at_;
    if (next() == bracket) {
      fail("expected another one after ','");
    }
  }
  return true;
}

void JsonCursor::colon() {
  if (next() != ':') {
    fail("expected ':'");
  }
  ++at_;
}

void JsonCursor::skip() {
  switch (kind()) {
    case Kind::object:
      return object([&](const std::string&) { skip(); });
    case Kind::array:
      return array([&] { skip(); });
    case Kind::string:
      skip_string();
      return;
    case Kind::number:
      number();
      return;
    case Kind::boolean:
      boolean();
      return;
    case Kind::null:
      if (!word("null")) {
        fail("expected null");
      }
  }
}

void JsonCursor::end() {
  if (next(); at_ < text_.size()) {
    fail("expected the end of the text");
  }
}

}  // namespace offcut::runtime
