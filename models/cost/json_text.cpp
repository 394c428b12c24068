#include "models/cost/json_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"

namespace offcut::cost {
namespace {

/// Returns the error about a number that no double can hold. The parser's message ends in its
/// text: "number overflow parsing '1e999'"; its place is the first that it has in the file.
InputError out_of_range_error(const std::string& path, const std::string& text,
                              std::string_view message) {
  const std::size_t begin = message.find('\'');
  const std::size_t end = message.rfind('\'');
  const std::string_view number =
      begin < end ? message.substr(begin + 1, end - begin - 1) : std::string_view();
  const std::size_t offset = number.empty() ? std::string::npos : text.find(number);
  if (offset == std::string::npos) {
    return {{path}, "a number is out of range"};
  }
  const auto at = text.begin() + static_cast<std::ptrdiff_t>(offset);
  const auto line = std::count(text.begin(), at, '\n') + 1;
  const std::size_t before = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  const std::size_t column = before == std::string::npos ? offset + 1 : offset - before;
  return {{path, static_cast<int>(line), static_cast<int>(column)},
          fmt::format("number out of range: {}", shortened(number))};
}

}  // namespace

nlohmann::json parse_json_array(const std::string& path, const std::string& text) {
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t offset = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
    const auto line = std::count(text.begin(), end, '\n') + 1;
    const std::size_t before = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
    const std::size_t column = before == std::string::npos ? offset + 1 : offset - before;
    throw InputError({path, static_cast<int>(line), static_cast<int>(column)},
                     offset >= text.size()
                         ? "the JSON ends too early: did the profiling run finish?"
                         : "not JSON");
  } catch (const nlohmann::json::out_of_range& error) {
    throw out_of_range_error(path, text, error.what());
  }
  if (!document.is_array()) {
    throw InputError({path}, "expected a JSON array of events");
  }
  return document;
}

}  // namespace offcut::cost
