#pragma once

#include <string>
#include <vector>

#include "sim/study/child.h"

namespace offcut::study {

/// Runs each job in a forked child, at most `parallel` at a time, and returns their results in
/// order. An exception in a child is thrown here as one of the same kind: InputError with its
/// errors, or std::runtime_error, which also reports a child that dies, with its signal. `progress`
/// is called with the mean progress of all jobs about ten times a second. If it throws, the
/// children are ended, as they are when this process ends. REQUIRES: this process has one thread.
std::vector<std::string> run_isolated(const std::vector<IsolatedJob>& jobs, std::size_t parallel,
                                      const engine::ProgressSink& progress = {});

}  // namespace offcut::study
