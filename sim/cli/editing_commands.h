#pragma once

#include <string>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::cli {

/// The kinds of YAML files of which `offcut schema` prints a JSON Schema.
inline const std::vector<std::string> kSchemas = {"scenario", "sweep", "devices", "links",
                                                  "fitted"};

/// Prints the JSON Schema of the files of a kind. Throws InputError if there is no such kind.
int schema(const std::string& kind, const scenario::Registries& registries);

struct InitArguments {
  std::string from = "sizing";  // The name of a file in scenarios/templates.
  std::string out;              // Empty: the template's name, in the working folder.
  bool overwrite = false;
};

/// Writes a commented scenario that runs as it is. Throws InputError if there is no such template,
/// or if the file exists and is not to be replaced.
int init(const InitArguments& arguments);

}  // namespace offcut::cli
