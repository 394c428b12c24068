#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace offcut::runtime {

/// Walks once through a JSON text, without a tree of its values. Copies are positions in the text,
/// which must outlive them. Everything throws RequestError (400) with the byte if the text is
/// invalid, nested deeper than kMostDepth, or not what was asked for.
class JsonCursor {
 public:
  enum class Kind { object, array, string, number, boolean, null };
  static constexpr int kMostDepth = 32;
  static constexpr std::size_t kMostStringBytes = 4096;

  explicit JsonCursor(std::string_view text) : text_(text) {}

  Kind kind();                // Of the next value, which stays the next one.
  std::string string();       // At most kMostStringBytes, in valid UTF-8.
  std::string_view number();  // As it is written.
  bool boolean();
  void skip();  // Any value.
  void end();   // Nothing but blanks may follow.

  /// Calls `each` with each key. REQUIRES: it consumes the value.
  template <std::invocable<const std::string&> Each>
  void object(Each each) {
    open('{', "an object");
    for (bool first = true; more('}', first); first = false) {
      const std::string key = string();
      colon();
      each(key);
    }
    --depth_;
  }
  /// Calls `each` before each element. REQUIRES: it consumes the element.
  template <std::invocable Each>
  void array(Each each) {
    open('[', "an array");
    for (bool first = true; more(']', first); first = false) {
      each();
    }
    --depth_;
  }

  /// Throws RequestError about the next byte.
  [[noreturn]] void fail(const std::string& text) const;

 private:
  char next();  // The next byte that is not blank, or 0 at the end.
  void open(char bracket, const char* expected);
  bool more(char bracket, bool first);
  void colon();
  bool word(std::string_view expected);
  void digits();
  std::string_view quoted();  // With its quotes. Looks for the end alone.
  void skip_string();

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

std::string_view to_text(JsonCursor::Kind kind);  // "an object"

}  // namespace offcut::runtime
