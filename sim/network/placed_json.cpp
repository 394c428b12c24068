// The reader is handed a cursor over the text that says how far it is. Lines are counted only where
// there is an error to place.

#include "sim/network/placed_json.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

#include "models/base/text_file.h"

namespace offcut::network {
namespace {

/// Walks through a text, and says how far the reader is.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** reached) : at_(at), reached_(reached) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    ++at_;
    *reached_ = at_;
    return *this;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** reached_;
};

}  // namespace

PlacedJson::PlacedJson(const std::string& path, const std::string& expected)
    : path_(path), text_(read_text_file(path, expected)) {}

void PlacedJson::read(Events& events) {
  reached_ = text_.data();
  nlohmann::json::sax_parse(Cursor(text_.data(), &reached_),
                            Cursor(text_.data() + text_.size(), &reached_), &events);
}

std::size_t PlacedJson::position() const {
  const auto read = static_cast<std::size_t>(reached_ - text_.data());
  return read > 0 ? read - 1 : 0;
}

Place PlacedJson::token() const {
  std::size_t begin = position();
  if (text_.empty()) {
    return place_of(0);
  }
  if (text_[begin] == '"') {
    begin = begin > 0 ? text_.rfind('"', begin - 1) : begin;
  }
  const auto is_letter = [this](std::size_t at) {
    return std::isalpha(static_cast<unsigned char>(text_[at])) != 0;
  };
  while (begin > 0 && is_letter(begin) && is_letter(begin - 1)) {
    --begin;
  }
  return place_of(begin);
}

Place PlacedJson::number() const {
  constexpr std::string_view kOfNumbers = "0123456789+-.eE";
  const std::size_t last = text_.find_last_of(kOfNumbers, position());
  const std::size_t before = text_.find_last_not_of(kOfNumbers, last);
  return place_of(before == std::string::npos ? 0 : before + 1);
}

Place PlacedJson::place_of(std::size_t position) const {
  const std::size_t last = text_.empty() ? 0 : text_.size() - 1;
  const std::string_view before = std::string_view(text_).substr(0, std::min(position, last));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t feed = before.rfind('\n');
  const std::size_t begin = feed == std::string_view::npos ? 0 : feed + 1;
  return {path_, static_cast<int>(lines) + 1, static_cast<int>(before.size() - begin) + 1};
}

}  // namespace offcut::network
