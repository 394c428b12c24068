#pragma once

#include "sim/cli/commands.h"
#include "sim/cli/json_document.h"

namespace offcut::cli {

/// Adds the list to the document: "kind", and "entries"; of columns "tables", of keys "blocks".
/// REQUIRES: the kind is one of kLists. Throws InputError as `offcut list` does.
void add_list_json(Json& document, const std::string& kind, const std::string& name,
                   const scenario::Registries& registries);

}  // namespace offcut::cli
