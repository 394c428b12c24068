#include "models/cost/json_text.h"

#include <algorithm>

#include "models/base/error.h"

namespace offcut::cost {

nlohmann::json parse_json_array(const std::string& path, const std::string& text) {
  nlohmann::json document;
  try {
    document = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t at = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(at);
    const auto line = std::count(text.begin(), end, '\n') + 1;
    const std::size_t before = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
    const std::size_t column = before == std::string::npos ? at + 1 : at - before;
    throw InputError(
        {path, static_cast<int>(line), static_cast<int>(column)},
        at >= text.size() ? "the JSON ends too early: was the profile finished?" : "not JSON");
  }
  if (!document.is_array()) {
    throw InputError({path}, "expected a JSON array of events");
  }
  return document;
}

}  // namespace offcut::cost
