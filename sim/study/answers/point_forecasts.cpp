// At each prepared point, lists what can be chosen there, and predicts all combinations. Slices
// of the points, or of the combinations at few points, are predicted by child processes, which find
// the models that were loaded before they were forked.

#include "sim/study/answers/point_forecasts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/scenario/predictable_load.h"
#include "sim/study/answers/plan_options.h"
#include "sim/study/answers/policy_options.h"
#include "sim/study/answers/prepared_points.h"
#include "sim/study/answers/system_figures.h"
#include "sim/study/isolate.h"

namespace offcut::study {
namespace {

using nlohmann::json;

constexpr std::size_t kMostPlans = 256;       // At a point.
constexpr std::size_t kLeastPolicies = 64;    // At a point, whatever the number of points.
constexpr std::size_t kMostPolicies = 5'000;  // At a point.
constexpr std::size_t kSlicesEach = 16;  // Of a process: so many that all end at the same time.

/// A part of the work: points, and every so many of their combinations.
struct ForecastSlice {
  std::vector<std::size_t> points;
  std::size_t residue = 0, modulus = 1;  // Of combinations.
};

json to_json(const std::optional<double>& value) { return value ? json(*value) : json(); }

std::optional<double> number_in(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

json to_json(const std::vector<ChoiceOption>& options) {
  json list = json::array();
  for (const ChoiceOption& option : options) {
    list.push_back({option.text, option.values});
  }
  return list;
}

std::vector<ChoiceOption> options_in(const json& list) {
  std::vector<ChoiceOption> options;
  for (const json& option : list) {
    options.push_back({option.at(0), option.at(1).get<std::vector<std::string>>()});
  }
  return options;
}

json to_json(const Forecast& forecast) {
  json figures = json::array();
  for (const std::optional<double>& figure : forecast.figures) {
    figures.push_back(to_json(figure));
  }
  return {to_json(forecast.goal), figures, forecast.load, forecast.requests, forecast.hash};
}

Forecast forecast_in(const json& values) {
  Forecast forecast{.goal = number_in(values.at(0)),
                    .figures = {},
                    .load = values.at(2),
                    .requests = values.at(3),
                    .hash = values.at(4)};
  for (const json& figure : values.at(1)) {
    forecast.figures.push_back(number_in(figure));
  }
  return forecast;
}

/// Returns the scenario at a point as it is written.
scenario::YamlNode written_scenario(const Sweep& sweep, std::size_t point) {
  std::vector<Diagnostic> ignored;
  scenario::YamlNode root = scenario::read_yaml(sweep.base, ignored);
  for (const scenario::Override& setting : sweep.settings_of(point, 0)) {
    scenario::set_path(root, setting.keys(), setting.value, setting.place());
  }
  return root;
}

/// Predicts the configurations of points.
class PointPredictor {
 public:
  PointPredictor(const ForecastQuestion& question, const scenario::Registries& registries)
      : question_(question), registries_(registries), points_(question.sweep, registries) {
    const std::size_t points = question.sweep.point_count();
    most_policies_ = std::clamp(kMostConfigurations / points, kLeastPolicies, kMostPolicies);
    constexpr double kPlanSeconds = 4, kLeastPlanSeconds = 0.01, kMostPlanSeconds = 1;
    plan_budget_ = Seconds(std::clamp(kPlanSeconds / static_cast<double>(points), kLeastPlanSeconds,
                                      kMostPlanSeconds));
  }

  /// Returns the forecasts of every `modulus`th combination at the point, from the residue on.
  /// Throws InputError if the scenario is invalid there.
  PointForecasts at(std::size_t point, const ForecastSlice& slice) {
    const PreparedPoint& prepared = points_.at(point);
    PointForecasts result;
    result.unpredicted = reason_unpredicted(prepared.experiment.scenario);
    if (result.unpredicted.empty()) {
      predict(prepared, point, slice, result);
    }
    if (!result.unpredicted.empty()) {
      if (question_.plans || question_.policies) {
        throw InputError({question_.sweep.base},
                         fmt::format("plans and policies are chosen by predicted waits: {}",
                                     result.unpredicted));
      }
      result.plans = result.policies = {{}};
      result.forecasts = {unknown()};
    }
    return result;
  }

  PreparedPoints& points() { return points_; }

 private:
  Forecast unknown() const {
    return {.goal = {},
            .figures = std::vector<std::optional<double>>(question_.conditions.size()),
            .load = 0,
            .requests = 0,
            .hash = 0};
  }

  std::string reason_unpredicted(const scenario::Scenario& scenario) const {
    const std::vector<std::string> reasons = scenario::reasons_unpredictable(scenario);
    if (!reasons.empty()) {
      return reasons.front();
    }
    return scenario.under_load && !question_.plans
               ? "each run chooses its plan under load (plan.under): expected 'plan' in --over"
               : "";
  }

  void predict(const PreparedPoint& prepared, std::size_t point, const ForecastSlice& slice,
               PointForecasts& result) const {
    const experiment::Experiment& experiment = prepared.experiment;
    std::vector<PlanOption> plans;
    if (question_.plans) {
      plans = plan_options(experiment, prepared.own_plans, written_scenario(question_.sweep, point),
                           registries_, plan_budget_, kMostPlans);
    } else if (std::optional<PlanOption> own = own_plan_option(experiment, prepared.own_plans)) {
      plans.push_back(std::move(*own));
    } else {
      result.unpredicted = "a plan is more than one assignment for all requests";
      return;
    }
    PolicyOptions policies{.options = {own_policy_option(experiment)}};
    if (question_.policies) {
      policies = policy_options(experiment, registries_,
                                std::max(kLeastPolicies, most_policies_ / plans.size()));
    } else {
      policies.options.front().values.clear();
    }
    result.has_all_policies = policies.are_all;
    for (const PlanOption& plan : plans) {
      result.plans.push_back({plan.text, plan.values});
    }
    for (const PolicyOption& option : policies.options) {
      result.policies.push_back(
          {option.text.empty() ? "default policies" : option.text, option.values});
    }
    const LoadModel model(experiment, gaps_);
    std::size_t number = 0;
    for (const PlanOption& plan : plans) {
      for (const PolicyOption& option : policies.options) {
        if (number++ % slice.modulus == slice.residue) {
          result.forecasts.push_back(forecast(experiment, model, plan, option));
        }
      }
    }
  }

  Forecast forecast(const experiment::Experiment& experiment, const LoadModel& model,
                    const PlanOption& plan, const PolicyOption& policies) const {
    SystemChoice choice{.cuts = {}, .scheduling = &policies.scheduling};
    for (const Cut& cut : plan.cuts) {
      choice.cuts.push_back(&cut);
    }
    const PredictedSystem system{experiment, model, choice, model.predict(choice)};
    Forecast forecast{.goal = predicted_figure(question_.goal, system),
                      .figures = {},
                      .load = inescapable_load(system),
                      .requests = 0,
                      .hash = prediction_hash(system)};
    for (const Condition& condition : question_.conditions) {
      forecast.figures.push_back(predicted_figure(condition.figure, system));
    }
    for (const Stream& stream : model.streams()) {
      forecast.requests += stream.rate.si() * model.horizon().si();
    }
    return forecast;
  }

  const ForecastQuestion& question_;
  const scenario::Registries& registries_;
  PreparedPoints points_;
  std::shared_ptr<DispatchGaps> gaps_ = std::make_shared<DispatchGaps>();
  std::size_t most_policies_;
  Seconds plan_budget_;
};

std::string forecast_slice(PointPredictor& predictor, const ForecastSlice& slice,
                           const engine::ProgressSink& progress) {
  json points = json::array();
  for (const std::size_t point : slice.points) {
    try {
      const PointForecasts found = predictor.at(point, slice);
      json forecasts = json::array();
      for (const Forecast& forecast : found.forecasts) {
        forecasts.push_back(to_json(forecast));
      }
      points.push_back({"", found.unpredicted, to_json(found.plans), to_json(found.policies),
                        found.has_all_policies, std::move(forecasts)});
    } catch (const InputError& error) {
      points.push_back({error.what()});
    }
    if (progress) {
      progress(static_cast<double>(points.size()) / static_cast<double>(slice.points.size()));
    }
  }
  return points.dump();
}

/// Divides the points, or their combinations if there are few points, among processes.
std::vector<ForecastSlice> slices_of(const std::vector<std::size_t>& points, std::size_t parallel) {
  std::vector<ForecastSlice> slices;
  if (points.size() < parallel) {
    for (const std::size_t point : points) {
      for (std::size_t residue = 0; residue < parallel; ++residue) {
        slices.push_back({{point}, residue, parallel});
      }
    }
    return slices;
  }
  const std::size_t size = std::max<std::size_t>(1, points.size() / (parallel * kSlicesEach));
  for (std::size_t first = 0; first < points.size(); first += size) {
    const std::size_t end = std::min(points.size(), first + size);
    slices.push_back(
        {{points.begin() + std::ptrdiff_t(first), points.begin() + std::ptrdiff_t(end)}, 0, 1});
  }
  return slices;
}

/// Adds the result of a slice.
void add_slice(const json& found, const ForecastSlice& slice, std::vector<PointForecasts>& all) {
  for (std::size_t i = 0; i < found.size(); ++i) {
    PointForecasts& point = all[slice.points[i]];
    const json& values = found[i];
    point.invalid = values.at(0);
    if (!point.invalid.empty()) {
      continue;
    }
    point.unpredicted = values.at(1);
    point.plans = options_in(values.at(2));
    point.policies = options_in(values.at(3));
    point.has_all_policies = values.at(4);
    point.forecasts.resize(point.plans.size() * point.policies.size());
    std::size_t number = slice.residue;
    for (const json& forecast : values.at(5)) {
      point.forecasts[number] = forecast_in(forecast);
      number += slice.modulus;
    }
  }
}

}  // namespace

std::vector<PointForecasts> forecast_points(const ForecastQuestion& question,
                                            const scenario::Registries& registries,
                                            std::size_t parallel,
                                            const engine::ProgressSink& progress) {
  PointPredictor predictor(question, registries);
  std::vector<PointForecasts> all(question.sweep.point_count());
  predictor.points().load_models();
  const std::vector<ForecastSlice> slices = slices_of(predictor.points().order(), parallel);
  std::vector<IsolatedJob> jobs;
  for (const ForecastSlice& slice : slices) {
    jobs.emplace_back([&predictor, &slice](const engine::ProgressSink& sink) {
      return forecast_slice(predictor, slice, sink);
    });
  }
  const std::vector<std::string> found = run_isolated(jobs, parallel, progress);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    add_slice(json::parse(found[i]), slices[i], all);
  }
  if (std::all_of(all.begin(), all.end(),
                  [](const PointForecasts& point) { return !point.invalid.empty(); })) {
    predictor.at(0, {});  // Throws its errors.
  }
  return all;
}

}  // namespace offcut::study
