// Writes the scenario that a search has chosen.

#include "sim/cli/chosen_scenario.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "sim/cli/output_file.h"
#include "sim/experiment/experiment.h"
#include "sim/scenario/resolved_paths.h"

namespace offcut::cli {

void write_chosen_scenario(const std::string& path, const std::string& base,
                           const std::vector<scenario::Override>& settings,
                           const std::string& comment, const scenario::Registries& registries) {
  const experiment::Experiment experiment = experiment::read_experiment(base, settings, registries);
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
  const std::string text = fmt::format(
      "# {}.\n{}", comment,
      scenario::to_yaml(scenario::with_paths_from(experiment.scenario.resolved, folder)));
  write_beside(path, [&](const std::string& beside) {
    std::ofstream file(beside, std::ios::binary);
    file << text;
    file.close();
    if (!file) {
      throw InputError({beside}, "cannot be written");
    }
  });
}

}  // namespace offcut::cli
