// Keeps what was prepared for the last points, by the values on which it depends, and puts the
// scenario of the next point in place of the old one.

#include "sim/study/answers/prepared_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>

#include "sim/experiment/plan_runs.h"
#include "sim/scenario/read_scenario.h"

namespace offcut::study {
namespace {

constexpr std::size_t kMostPrepared = 16;
constexpr std::size_t kMostPreloaded = 64;

/// Returns the paths of the numbers of servers of later tiers, of which all are alike.
std::set<std::string> server_counts(const scenario::Scenario& scenario) {
  std::set<std::string> paths;
  for (std::size_t tier = scenario.groups; tier < scenario.tiers.size(); ++tier) {
    if (scenario.tiers[tier].machines.empty()) {
      paths.insert(fmt::format("tiers.{}.count", scenario.tiers[tier].name));
    }
  }
  return paths;
}

bool is_rate_or_end(const std::string& path) {
  static const std::regex pattern(R"(workload\.(classes\.[^.]+\.)?rate|stop\.(requests|after))");
  return std::regex_match(path, pattern);
}

}  // namespace

PreparedPoints::PreparedPoints(const Sweep& sweep, const scenario::Registries& registries)
    : sweep_(sweep), registries_(registries), is_of_load_(sweep.parameters().size()) {
  std::vector<Diagnostic> ignored;
  std::set<std::string> counts;
  try {
    counts = server_counts(
        scenario::read_scenario(sweep.base, sweep.settings_of(0, 0), registries, ignored));
  } catch (const InputError&) {
  }
  const std::vector<std::string> paths = sweep.parameters();
  std::transform(paths.begin(), paths.end(), is_of_load_.begin(), [&](const std::string& path) {
    return counts.contains(path) || is_rate_or_end(path);
  });
}

std::string PreparedPoints::key_of(std::size_t point) const {
  const std::vector<std::string> values = sweep_.values_at(point);
  std::string key;
  for (std::size_t i = 0; i < values.size(); ++i) {
    key += is_of_load_[i] ? "" : values[i] + "\n";
  }
  return key;
}

const PreparedPoint& PreparedPoints::at(std::size_t point) {
  const std::string key = key_of(point);
  const std::vector<scenario::Override> settings = sweep_.settings_of(point, 0);
  const auto found = prepared_.find(key);
  if (found == prepared_.end()) {
    experiment::Experiment experiment =
        experiment::read_experiment(sweep_.base, settings, registries_, &models_);
    std::vector<partition::Plan> plans = experiment::own_plans(experiment);
    if (prepared_.size() == kMostPrepared) {
      prepared_.clear();
    }
    return prepared_.emplace(key, PreparedPoint{std::move(experiment), std::move(plans)})
        .first->second;
  }
  PreparedPoint& known = found->second;
  known.experiment.scenario =
      scenario::read_scenario(sweep_.base, settings, registries_, models_.traces());
  for (experiment::PreparedModel& model : known.experiment.models) {
    model.tiers = experiment::tiers_of(known.experiment.scenario, model.group);
  }
  return known;
}

void PreparedPoints::load_models() {
  for (const Job& job : sweep_.runs_with_other_files(kMostPreloaded)) {
    try {
      experiment::read_experiment(sweep_.base, sweep_.settings_of(job.point, job.variant),
                                  registries_, &models_);
    } catch (const std::exception&) {
    }
  }
}

std::vector<std::size_t> PreparedPoints::order() const {
  std::map<std::string, std::vector<std::size_t>> by_key;
  for (std::size_t point = 0; point < sweep_.point_count(); ++point) {
    by_key[key_of(point)].push_back(point);
  }
  std::vector<std::size_t> order;
  for (const auto& [key, points] : by_key) {
    order.insert(order.end(), points.begin(), points.end());
  }
  return order;
}

}  // namespace offcut::study
