#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "models/base/error.h"

namespace offcut::network {

/// A JSON text that nlohmann's reader reports event by event, with the places of errors: these come
/// from the position of the reader's last character in the text.
class PlacedJson {
 public:
  using Events = nlohmann::json_sax<nlohmann::json>;

  /// `expected` names the content in messages. Throws InputError as read_text_file() does.
  PlacedJson(const std::string& path, const std::string& expected);

  /// Reports the text to `events`, until one of its functions returns false.
  void read(Events& events);

  /// Return the place of the bracket, word or text that was read last, and of the number that was,
  /// with one character beyond it.
  Place token() const;
  Place number() const;
  /// Returns the position in the text of the last character that was read.
  std::size_t position() const;
  /// Returns the place of a position, or that of the end of the text for a later one.
  Place place_of(std::size_t position) const;
  /// Returns the place of a syntax error, from the position that parse_error() is told.
  Place syntax_error(std::size_t position) const {
    return place_of(position > 0 ? position - 1 : 0);
  }

 private:
  std::string path_;
  std::string text_;
  const char* reached_ = nullptr;
};

}  // namespace offcut::network
