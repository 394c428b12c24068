#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Returns whether the precision of a tier, or of a group of its machines, is to be chosen.
bool lists_precisions(const scenario::Scenario& scenario);

/// Reads and prepares the scenario with each combination of the precisions that it lists, and calls
/// `use` with a text such as "device int8, edge fp32". The scenario as read is `listed`. Throws
/// InputError as with_best_precisions() does.
void each_precision(const scenario::Scenario& listed, const std::string& path,
                    const std::vector<scenario::Override>& overrides,
                    const scenario::Registries& registries, ModelCache* cache,
                    const std::function<void(const std::string& text, Experiment)>& use);

/// Reads and prepares a scenario that lists precisions, with those whose plan has the least
/// latency. Every combination is planned by the scenario's own algorithm, which counts what the
/// precisions cost in accuracy: cut, precisions and codecs are chosen together, and the choice is
/// exact if the algorithm is. Latencies of several models are added. Among equals, the first named
/// precisions are chosen.
///
/// `listed` is the scenario as read. Throws InputError if an algorithm does not count accuracy, if
/// there are too many combinations, if no combination has a plan, and for the errors of a scenario.
Experiment with_best_precisions(const scenario::Scenario& listed, const std::string& path,
                                const std::vector<scenario::Override>& overrides,
                                const scenario::Registries& registries, ModelCache* cache);

}  // namespace offcut::experiment
