#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace offcut::cost {

/// Parses a JSON file's text, which must be an array. Throws InputError with line and column.
nlohmann::json parse_json_array(const std::string& path, const std::string& text);

}  // namespace offcut::cost
