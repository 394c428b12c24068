#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/yaml/key_table.h"

namespace offcut::scenario {

// JSON Schemas of single values. A schema sees values as YAML 1.2 reads them, so that 4 is a number,
// `true` a truth value and `20 ms` a text, while MapReader sees the text of each. Each schema
// accepts quoted texts, too, since MapReader does.

using Json = nlohmann::ordered_json;

/// Returns the value for which a plain text stands in YAML: 4, true, or the text itself.
Json plain_value(std::string_view text);

/// A quantity with a unit, or, of the dimension `number`, a plain number or a percentage. Bounds
/// other than the sign are checked on plain numbers only.
Json quantity_schema(Dimension dimension, Bounds bounds,
                     const std::vector<std::string>& more_units = {});

Json whole_number_schema(Bounds bounds);
Json flag_schema();
/// Any single value.
Json text_schema();

/// One of these texts, with a description each if there are descriptions.
Json choice_schema(const std::vector<std::string>& texts, const std::vector<std::string>& docs = {});

/// A text that begins with one of these names, as in "quantized:bits=4+zstd".
Json named_text_schema(const std::vector<std::string>& names);

}  // namespace offcut::scenario
