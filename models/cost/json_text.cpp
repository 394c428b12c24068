#include "models/cost/json_text.h"

#include <algorithm>

#include "models/base/error.h"

namespace offcut::cost {

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
  }
  if (!document.is_array()) {
    throw InputError({path}, "expected a JSON array of events");
  }
  return document;
}

}  // namespace offcut::cost
