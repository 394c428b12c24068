#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/base/table_target.h"

namespace offcut::cli {

/// Its keys stay in the order in which they are added.
using Json = nlohmann::ordered_json;

/// Begins the document that --json prints in place of all texts: "offcut", the version, and
/// "command". From now on, say() prints nothing.
void begin_json(const std::string& command);
bool is_json();

/// Returns what the document has besides. REQUIRES: is_json().
Json& json_content();

/// Prints the document. Throws OutputError if that is not possible.
void print_json();

/// Prints the document with "errors"; nothing if there is none, or if it is printed already.
void print_json_errors(const std::vector<Diagnostic>& errors);

/// Returns {"file": .., "line": .., "column": .., "message": ..} for each. Of an option or a
/// command, "file" names it, and the position is null.
Json to_json(const std::vector<Diagnostic>& errors);

/// Returns an object for each row, with the columns' names as keys. Numbers have all their digits;
/// fields that a CSV file leaves empty, and numbers that are not finite, are null.
Json to_json(const KeptTable& table);

/// Returns the value, or null.
template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace offcut::cli
