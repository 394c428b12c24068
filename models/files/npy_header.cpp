// Parses the header of a .npy file, which is a Python dictionary, with a recursive-descent parser
// for the few literals that NumPy writes.
#include "models/files/npy_header.h"

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::files {
namespace {

/// Reads the few kinds of Python literals in such a header.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text), rest_(text) {}

  NpyHeader parse() {
    NpyHeader header;
    int keys = 0;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        if (peek() == '[') {
          throw std::invalid_argument("contains records of several fields; expected plain numbers");
        }
        header.descr = string();
        keys |= 1;
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
        keys |= 2;
      } else if (key == "shape") {
        header.shape = shape();
        keys |= 4;
      } else {
        refuse();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    constexpr int kAll = 7;
    if (keys != kAll || header.descr.empty() || peek() != '\0') {
      refuse();
    }
    return header;
  }

 private:
  [[noreturn]] void refuse() const {
    throw std::invalid_argument(
        fmt::format("has a header that NumPy does not write: {}", in_quotes(text_)));
  }

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  char peek() {
    skip_blanks();
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool accept(char wanted) {
    if (peek() != wanted) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) {
      refuse();
    }
  }

  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') {
      refuse();
    }
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) {
      refuse();
    }
    std::string value(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return value;
  }

  bool boolean() {
    skip_blanks();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>("True", true),
                                      std::pair<std::string_view, bool>("False", false)}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return value;
      }
    }
    refuse();
  }

  Shape shape() {
    Shape extents;
    expect('(');
    while (!accept(')')) {
      skip_blanks();
      std::int64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc() || extent < 0) {
        refuse();
      }
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      accept('L');  // Python 2 ended long integers with it.
      extents.push_back(extent);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text) { return HeaderParser(text).parse(); }

}  // namespace offcut::files
