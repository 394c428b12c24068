#pragma once

#include <string>

#include "sim/cli/interruption.h"
#include "sim/study/under_load/choose.h"

namespace offcut::cli {

/// Searches with a progress bar. `budget` is the text of --budget.
study::LoadChoice choose_shown(experiment::Experiment& experiment,
                               const scenario::Registries& registries, Seconds budget,
                               const Interruption& interruption);

/// Returns the text of a choice: how it was found, the cuts and policies, and if `explain` is true
/// what each kind of choice brought.
std::string load_choice_text(const experiment::Experiment& experiment,
                             const study::LoadChoice& choice, bool explain);

}  // namespace offcut::cli
