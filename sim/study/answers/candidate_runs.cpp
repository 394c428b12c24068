// Simulates the candidates of a race, and takes the figures that it compares.

#include "sim/study/answers/candidate_runs.h"

#include <algorithm>

#include "sim/study/answers/value_runs.h"

namespace offcut::study {
namespace {

Job job_of(const CandidateRun& run) {
  return {.point = run.candidate, .variant = 0, .replication = run.replication};
}

}  // namespace

RunCandidates runs_of_candidates(RunMemory& memory, const std::string& goal, bool less_is_better,
                                 const std::vector<Condition>& conditions) {
  std::vector<std::string> figures = {goal};
  for (const Condition& condition : conditions) {
    figures.push_back(condition.figure);
  }
  return [&memory, less_is_better, figures, known = std::vector<bool>(figures.size())](
             const std::vector<CandidateRun>& runs) mutable {
    std::vector<Job> jobs(runs.size());
    std::transform(runs.begin(), runs.end(), jobs.begin(), job_of);
    memory.simulate(jobs);
    bool has_stable = false;
    std::vector<std::optional<CandidateValues>> values(runs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const RememberedRun& run = memory.run(jobs[i]);
      if (!run.is_used() || run.is_saturated()) {
        continue;
      }
      has_stable = true;
      std::vector<double> found;
      for (std::size_t k = 0; k < figures.size(); ++k) {
        if (const auto& value = run.figures.numbers[memory.position_of(figures[k])]) {
          found.push_back(*value);
          known[k] = true;
        }
      }
      if (found.size() == figures.size()) {
        values[i] = CandidateValues{less_is_better ? found.front() : -found.front(),
                                    {found.begin() + 1, found.end()}};
      }
    }
    const auto unknown = std::find(known.begin(), known.end(), false);
    if (has_stable && unknown != known.end()) {
      refuse_figure_without_values(figures[static_cast<std::size_t>(unknown - known.begin())]);
    }
    return values;
  };
}

std::string reason_without_value(const RememberedRun& run) {
  return !run.error.empty()                   ? run.error
         : run.figures.outcome != "completed" ? run.figures.outcome
         : run.figures.verdict != "stable"    ? "saturated"
                                              : "a figure has no value";
}

}  // namespace offcut::study
