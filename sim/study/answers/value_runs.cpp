#include "sim/study/answers/value_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "models/base/error.h"

namespace offcut::study {
namespace {

ValueRuns runs_of(const RunMemory& memory, std::size_t point,
                  const std::vector<std::size_t>& positions) {
  ValueRuns runs{.replications = memory.sweep().replications};
  runs.figures.resize(positions.size());
  for (std::size_t i = 0; i < runs.replications; ++i) {
    const RememberedRun& run = memory.run({.point = point, .variant = 0, .replication = i});
    if (run.is_saturated()) {
      ++runs.saturated;
    } else if (!run.is_used()) {
      ++runs.without_result;
    } else {
      for (std::size_t figure = 0; figure < positions.size(); ++figure) {
        if (const auto& value = run.figures.numbers[positions[figure]]) {
          runs.figures[figure].push_back(*value);
        }
      }
    }
  }
  return runs;
}

/// Notes the figures of which the runs have values. Throws InputError if some run is stable, and no
/// run so far has a value of a figure.
void check_figures(const std::vector<ValueRuns>& all, const std::vector<std::string>& figures,
                   std::vector<bool>& known) {
  bool has_stable = false;
  for (const ValueRuns& runs : all) {
    has_stable |= runs.saturated + runs.without_result < runs.replications;
    for (std::size_t i = 0; i < figures.size(); ++i) {
      known[i] = known[i] || !runs.figures[i].empty();
    }
  }
  const auto unknown = std::find(known.begin(), known.end(), false);
  if (has_stable && unknown != known.end()) {
    refuse_figure_without_values(figures[static_cast<std::size_t>(unknown - known.begin())]);
  }
}

struct Number {
  double value = 0;
  std::string unit;
};

std::optional<Number> number_with_unit(const std::string& text) {
  Number number;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number.value);
  if (error != std::errc()) {
    return std::nullopt;
  }
  number.unit.assign(rest, end);
  number.unit.erase(0, std::min(number.unit.size(), number.unit.find_first_not_of(' ')));
  return number;
}

}  // namespace

RunValues values_of_sweep(RunMemory& memory, const std::vector<std::string>& figures) {
  std::vector<std::size_t> positions;
  for (const std::string& figure : figures) {
    positions.push_back(memory.position_of(figure));
  }
  return [&memory, &figures, positions, known = std::vector<bool>(figures.size())](
             const std::vector<std::size_t>& values) mutable {
    std::vector<Job> jobs;
    for (const std::size_t value : values) {
      for (std::size_t i = 0; i < memory.sweep().replications; ++i) {
        jobs.push_back({.point = value, .variant = 0, .replication = i});
      }
    }
    memory.simulate(jobs);
    std::vector<ValueRuns> all;
    for (const std::size_t value : values) {
      all.push_back(runs_of(memory, value, positions));
    }
    check_figures(all, figures, known);
    return all;
  };
}

void refuse_figure_without_values(const std::string& figure) {
  throw InputError({figure},
                   "has no value in the runs of this scenario (offcut list columns summary.csv "
                   "says when it is empty)");
}

std::optional<std::vector<std::size_t>> points_by_size(const Sweep& sweep) {
  if (sweep.axes.size() != 1 || sweep.axes.front().paths.size() != 1) {
    return std::nullopt;
  }
  std::vector<double> numbers;
  std::string unit;
  for (const std::vector<std::string>& step : sweep.axes.front().steps) {
    const std::optional<Number> number = number_with_unit(step.front());
    if (!number || (!numbers.empty() && number->unit != unit)) {
      return std::nullopt;
    }
    numbers.push_back(number->value);
    unit = number->unit;
  }
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
  return order;
}

}  // namespace offcut::study
