#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::study {

/// One run in a process of its own: returns what the parent shall get, in UTF-8.
using IsolatedJob = std::function<std::string(const engine::ProgressSink&)>;

/// Runs each job in a forked child, at most `parallel` at a time, and returns their results in
/// order. An exception in a child comes out here as one of the same kind (InputError with its
/// errors, or std::runtime_error); so does a child that dies, by its signal. `progress` hears the
/// mean progress of all jobs about ten times a second; it may throw, which ends the children, as
/// the end of this process does. REQUIRES: this process has one thread.
std::vector<std::string> run_isolated(const std::vector<IsolatedJob>& jobs, std::size_t parallel,
                                      const engine::ProgressSink& progress = {});

}  // namespace offcut::study
