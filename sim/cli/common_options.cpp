#include "sim/cli/common_options.h"

namespace offcut::cli {

CLI::Option* add_repeated(CLI::App* command, const std::string& name,
                          std::vector<std::string>& values, const std::string& type,
                          const std::string& help) {
  return command->add_option(name, values, help)->type_name(type)->allow_extra_args(false);
}

CLI::Option* add_text(CLI::App* command, const std::string& name, std::string& value,
                      const std::string& type, const std::string& help) {
  return command->add_option(name, value, help)->type_name(type);
}

void add_bind(CLI::App* command, std::vector<std::string>& bind) {
  add_repeated(command, "--bind", bind, "NAME=N[,NAME=N]",
               "Set the extents of a model's open dimensions: NAME, or INPUT:AXIS without a name");
}

void add_fix(CLI::App* command, std::vector<std::string>& fix) {
  add_repeated(command, "--fix", fix, "NAME=VALUE[,NAME=VALUE]",
               "Give inputs of an ONNX model constant values, as in sr=16000");
}

void add_changes(CLI::App* command, ScenarioChanges& changes) {
  add_repeated(command, "--set", changes.set, "KEY=VALUE",
               "Change a value of the scenario, as in tiers.device.count=10");
  add_bind(command, changes.bind);
}

}  // namespace offcut::cli
