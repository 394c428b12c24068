// Hands the runs that are missing to the farm, and reads the figures of the first row of each: that
// of the scenario's own plan.

#include "sim/study/answers/run_memory.h"

#include <set>

#include "models/base/error.h"
#include "sim/study/sweep/farm.h"

namespace offcut::study {
namespace {

/// Gives out a list of jobs.
class ListedJobs : public JobSource {
 public:
  ListedJobs(std::vector<std::uint64_t> jobs,
             std::function<void(std::uint64_t, JobOutcome)> on_finished,
             std::function<void(std::size_t)> on_progress)
      : jobs_(std::move(jobs)),
        on_finished_(std::move(on_finished)),
        on_progress_(std::move(on_progress)) {}

  std::optional<std::uint64_t> next() override {
    return next_ < jobs_.size() ? std::optional(jobs_[next_++]) : std::nullopt;
  }
  bool expects_more() const override { return next_ < jobs_.size(); }
  void finished(std::uint64_t job, JobOutcome outcome) override {
    on_finished_(job, std::move(outcome));
    ++finished_;
    poll();
  }
  void poll() override { on_progress_(finished_); }

 private:
  std::vector<std::uint64_t> jobs_;
  std::function<void(std::uint64_t, JobOutcome)> on_finished_;
  std::function<void(std::size_t)> on_progress_;
  std::size_t next_ = 0, finished_ = 0;
};

}  // namespace

RunMemory::RunMemory(SweepWork& work, std::size_t parallel) : work_(work), parallel_(parallel) {
  head_.figures = SweepWork::figure_names();
  head_.is_text = SweepWork::figures_are_texts();
  numbers_ = number_names(head_);
}

void RunMemory::simulate(const std::vector<Job>& jobs) {
  std::vector<std::uint64_t> missing;
  std::set<std::uint64_t> seen;
  for (const Job& job : jobs) {
    const std::uint64_t number = sweep().number_of(job);
    if (!runs_.contains(number) && seen.insert(number).second) {
      missing.push_back(number);
    }
  }
  const std::size_t before = runs_.size(), known = before + missing.size();
  const auto remember = [this](std::uint64_t number, JobOutcome outcome) {
    RememberedRun& run = runs_[number];
    run.error = std::move(outcome.error);
    if (run.error.empty()) {
      run.figures = figures_of_row(head_, outcome.result.substr(0, outcome.result.find('\n')));
    }
  };
  ListedJobs source(std::move(missing), remember, [this, before, known](std::size_t finished) {
    if (on_progress) {
      on_progress(before + finished, known);
    }
  });
  work_off(source, farm_work(work_), parallel_);
}

const RememberedRun& RunMemory::run(const Job& job) const {
  return runs_.at(sweep().number_of(job));
}

std::size_t RunMemory::position_of(const std::string& figure) const {
  return study::position_of(numbers_, figure);
}

Sweep without_compared_plans(const Sweep& sweep, const scenario::Registries& registries) {
  Sweep alone = sweep;
  alone.settings.insert(alone.settings.begin(), {.path = "plan.compare", .value = "none"});
  try {
    scenario::read_scenario(alone.base, alone.settings_of(0, 0), registries);
    return alone;
  } catch (const InputError&) {
    return sweep;
  }
}

}  // namespace offcut::study
