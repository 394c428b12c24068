#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "sim/experiment/experiment.h"

namespace offcut::analysis {

/// A remark that a run prints on a plan, beside its figures.
struct PlanNote {
  std::string plan;
  std::string text;
};

/// Writes the page of a run from the files in its folder of results. Of the experiment, only texts
/// and networks are read. `notes` are shown if there are any. Throws InputError if a file of the
/// folder can't be read, and OutputError if the page can't be written.
void write_run_page(const std::filesystem::path& folder, const experiment::Experiment& experiment,
                    std::span<const PlanNote> notes, const std::string& path);

}  // namespace offcut::analysis
