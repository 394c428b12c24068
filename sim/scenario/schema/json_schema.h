#pragma once

#include <string>
#include <string_view>

#include "sim/scenario/catalogue.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// Returns a JSON Schema of the files whose top map has the keys of this table, for editors that
/// check, complete and explain YAML. It is of draft 7, which all of them know, and ends with a line
/// feed. It accepts all that the reader accepts; it can't check what depends on other files or on
/// names that the file itself defines. Names of the catalogue are suggested, and any others are
/// accepted, since the file may define them.
std::string json_schema(const KeyTable& table, std::string_view title, const Registries& registries,
                        const Catalogue& catalogue);

}  // namespace offcut::scenario
