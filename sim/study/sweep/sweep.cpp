#include "sim/study/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace offcut::study {
namespace {

/// Whether a setting chooses a model or a trace. The weights of the zoo depend on the seed.
bool chooses_file(const std::string& path) {
  return path.starts_with("model") || path == "seed" || path.find(".trace") != std::string::npos;
}

}  // namespace

std::size_t Sweep::point_count() const {
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    count *= axis.steps.size();
  }
  return count;
}

std::vector<std::string> Sweep::parameters() const {
  std::vector<std::string> names;
  for (const Axis& axis : axes) {
    names.insert(names.end(), axis.paths.begin(), axis.paths.end());
  }
  return names;
}

std::vector<std::string> Sweep::values_at(std::size_t point) const {
  std::vector<std::vector<std::string>> steps(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    steps[i] = axes[i].steps[point % axes[i].steps.size()];
    point /= axes[i].steps.size();
  }
  std::vector<std::string> values;
  for (const std::vector<std::string>& step : steps) {
    values.insert(values.end(), step.begin(), step.end());
  }
  return values;
}

std::vector<scenario::Override> Sweep::settings_of(std::size_t point, std::size_t variant) const {
  std::vector<scenario::Override> all = settings;
  const std::vector<std::string> values = values_at(point);
  std::size_t value = 0;
  for (const Axis& axis : axes) {
    for (const std::string& path : axis.paths) {
      all.push_back({.path = path, .value = values[value++], .stated = axis.place});
    }
  }
  const std::vector<scenario::Override>& own = variants[variant].settings;
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

std::vector<Job> Sweep::runs_with_other_files(std::size_t most) const {
  const std::vector<std::string> varied = parameters();
  const std::size_t points =
      std::any_of(varied.begin(), varied.end(), chooses_file) ? point_count() : 1;
  std::vector<Job> runs;
  std::set<std::string> seen;
  for (std::size_t point = 0; point < points; ++point) {
    for (std::size_t variant = 0; variant < variants.size(); ++variant) {
      std::string key;
      for (const scenario::Override& setting : settings_of(point, variant)) {
        key +=
            chooses_file(setting.path) ? fmt::format("{}={}\n", setting.path, setting.value) : "";
      }
      if (seen.insert(key).second) {
        runs.push_back({.point = point, .variant = variant});
      }
      if (runs.size() == most) {
        return runs;
      }
    }
  }
  return runs;
}

std::uint64_t Sweep::number_of(const Job& job) const {
  return (std::uint64_t{job.point} * variants.size() + job.variant) * most_replications() +
         job.replication;
}

Job Sweep::job_of(std::uint64_t number) const {
  const std::uint64_t replications_of_all = most_replications();
  const std::uint64_t place = number / replications_of_all;
  return {.point = static_cast<std::size_t>(place / variants.size()),
          .variant = static_cast<std::size_t>(place % variants.size()),
          .replication = static_cast<std::size_t>(number % replications_of_all)};
}

}  // namespace offcut::study
