// The commands that help to write scenarios, with their options.

#include "sim/cli/editing_commands.h"

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/offers.h"

namespace offcut::cli {

void CommandLine::add_init() {
  CLI::App* command = add_command(
      "init", "Write a commented scenario to start from",
      "Example: offcut init --from digits --out mine.yaml",
      [this](const auto& /*registries*/) { return cli::init(init_); });
  CLI::Option* from =
      add_text(command, "--from", init_.from, "NAME",
               "Template: sizing (how many servers a load needs), paper (algorithms compared, with "
               "intervals) or digits (the real math of a network, with accuracy)")
          ->capture_default_str();
  offer_choices(from, {"digits", "paper", "sizing"});
  add_text(command, "--out", init_.out, "FILE",
           "File to write (default: the template's name, with .yaml)");
  command->add_flag("--overwrite", init_.overwrite, "Replace the file if it exists");
  add_quiet(command);
}

void CommandLine::add_schema() {
  CLI::App* command = add_command(
      "schema", "Print a JSON Schema, by which editors check and complete YAML files",
      "Example: offcut schema > scenario.json",
      [this](const auto& registries) { return cli::schema(schema_, registries); });
  CLI::Option* kind =
      command->add_option("KIND", schema_, "scenario, sweep, devices, links or fitted")
          ->capture_default_str();
  offer_choices(kind, kSchemas);
}

}  // namespace offcut::cli
