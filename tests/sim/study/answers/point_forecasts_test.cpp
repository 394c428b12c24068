// Forecasts of small scenarios, compared with those of single configurations and with queueing
// theory.

#include "sim/study/answers/point_forecasts.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <set>

#include "analysis/theory/queueing.h"
#include "sim/experiment/plan_runs.h"
#include "sim/scenario/policy_text.h"
#include "sim/study/answers/plan_options.h"
#include "sim/study/answers/policy_options.h"
#include "sim/study/answers/recommendation.h"
#include "sim/study/answers/system_figures.h"
#include "tests/temporary_folder.h"

namespace offcut::study::point_forecasts_test {
namespace {

const scenario::Registries& all_registries() {
  static const scenario::Registries all;
  return all;
}

constexpr const char* kThreeLayers =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,edge_s,cloud_s\n"
    "image,,60000,0,0,0,0,0\n"
    "conv,image,20000,0,1000,0.03,0.006,0.001\n"
    "pool,conv,5000,0,1000,0.01,0.002,0.001\n"
    "dense,pool,40,0,1000,0.09,0.012,0.002\n";

constexpr const char* kThreeTiers =
    "offcut: 1\nstop: {requests: 6000}\nmodel: {layers: net.csv}\n"
    "tiers:\n"
    "  device: {is: column:phone, count: 10}\n"
    "  edge: {is: column:edge, count: 2, noise: {kind: lognormal, cv: 0.5}}\n"
    "  cloud: {is: column:cloud, price: 2}\n"
    "network:\n"
    "  device-edge: {up: 40 Mbit/s, down: 40 Mbit/s, latency: 2 ms}\n"
    "  edge-cloud: {up: 200 Mbit/s, down: 200 Mbit/s, latency: 5 ms}\n"
    "plan: {algorithm: multi-tier, compare: none}\n"
    "workload: {arrivals: poisson, rate: 5 /s}\n";

/// A scenario in a folder.
struct SmallSystem {
  explicit SmallSystem(const std::string& yaml) {
    folder.write("net.csv", kThreeLayers);
    path = folder.write("system.yaml", yaml);
  }

  ForecastQuestion question(std::vector<Axis> axes) const {
    ForecastQuestion asked{
        .sweep = {.name = "s", .base = path}, .goal = "latency_p95_s", .conditions = {}};
    asked.sweep.axes = std::move(axes);
    asked.conditions = {{.figure = "money", .is = Condition::Is::below, .bound = 1, .text = ""}};
    return asked;
  }
  experiment::Experiment read(const std::vector<scenario::Override>& overrides) const {
    return experiment::read_experiment(path, overrides, all_registries());
  }

  TemporaryFolder folder;
  std::string path;
};

const std::vector<Axis> kCountsAndRates = {
    {.paths = {"tiers.edge.count"}, .steps = {{"1"}, {"2"}, {"3"}}, .place = {}},
    {.paths = {"network.device-edge.up"}, .steps = {{"10 Mbit/s"}, {"80 Mbit/s"}}, .place = {}}};

void check_equal(const Forecast& one, const Forecast& other) {
  CHECK(one.goal == other.goal);
  CHECK(one.figures == other.figures);
  CHECK(one.load == other.load);
  CHECK(one.hash == other.hash);
}

TEST_CASE("forecasts do not depend on the number of processes, nor on other points") {
  const SmallSystem system(kThreeTiers);
  ForecastQuestion question = system.question(kCountsAndRates);
  question.plans = question.policies = true;
  const auto one = forecast_points(question, all_registries(), 1, {});
  const auto several = forecast_points(question, all_registries(), 8, {});
  REQUIRE(one.size() == 6);
  for (std::size_t point = 0; point < 6; ++point) {
    CHECK(one[point].invalid.empty());
    REQUIRE(one[point].forecasts.size() == one[point].plans.size() * one[point].policies.size());
    REQUIRE(one[point].forecasts.size() == several[point].forecasts.size());
    for (std::size_t i = 0; i < one[point].forecasts.size(); ++i) {
      check_equal(one[point].forecasts[i], several[point].forecasts[i]);
    }
  }
}

TEST_CASE("the forecast of a configuration is that of its scenario") {
  const SmallSystem system(kThreeTiers);
  RecommendQuestion question{.forecast = system.question(kCountsAndRates)};
  question.forecast.plans = question.forecast.policies = true;
  const Predicted predicted = predict_configurations(question, all_registries(), 2, {});
  for (std::size_t i = 0; i < predicted.configurations.size(); i += 97) {
    const auto settings = settings_of(question, predicted, i);
    ForecastQuestion alone = system.question({});
    alone.sweep.settings = settings;
    const auto found = forecast_points(alone, all_registries(), 1, {});
    CAPTURE(i);
    REQUIRE(found.front().invalid.empty());
    check_equal(found.front().forecasts.front(), predicted.forecast_of(i));
  }
}

TEST_CASE(
    "points that differ in the load alone share what is prepared, and are what they are alone") {
  const SmallSystem system(kThreeTiers);
  const std::vector<Axis> axes = {
      {.paths = {"tiers.edge.count"}, .steps = {{"1"}, {"3"}}, .place = {}},
      {.paths = {"tiers.edge.is"}, .steps = {{"column:edge"}, {"column:phone"}}, .place = {}},
      {.paths = {"workload.rate"}, .steps = {{"1 /s"}, {"2 /s"}}, .place = {}},
      {.paths = {"tiers.device.count"}, .steps = {{"2"}, {"5"}}, .place = {}},
      {.paths = {"stop.requests"}, .steps = {{"100"}, {"500"}}, .place = {}}};
  ForecastQuestion question = system.question(axes);
  question.conditions.front().figure = "requests_late";
  question.plans = true;
  const auto together = forecast_points(question, all_registries(), 1, {});
  for (std::size_t point = 0; point < together.size(); ++point) {
    ForecastQuestion alone = question;
    alone.sweep.axes.clear();
    alone.sweep.settings = question.sweep.settings_of(point, 0);
    const auto found = forecast_points(alone, all_registries(), 1, {});
    CAPTURE(point);
    REQUIRE(together[point].forecasts.size() == found.front().forecasts.size());
    check_equal(together[point].forecasts.front(), found.front().forecasts.front());
    check_equal(together[point].forecasts.back(), found.front().forecasts.back());
  }
  CHECK(together[0].forecasts[0].goal != together[4].forecasts[0].goal);
}

TEST_CASE("plan options: all cuts of a short chain, each as the scenario that has it") {
  const SmallSystem system(kThreeTiers);
  const experiment::Experiment experiment = system.read({});
  std::vector<Diagnostic> diagnostics;
  const auto options = plan_options(experiment, experiment::own_plans(experiment),
                                    scenario::read_yaml(system.path, diagnostics), all_registries(),
                                    Seconds(0.1), 256);
  // Three layers on three tiers, none before that of its input: two dividers among four places.
  CHECK(options.size() == 10);
  std::set<partition::Assignment> seen;
  for (const PlanOption& option : options) {
    REQUIRE(option.values.size() == 1);
    const auto plans =
        experiment::own_plans(system.read({{.path = "plan", .value = option.values.front()}}));
    CAPTURE(option.text);
    CHECK(plans.front().tier_of == option.cuts.front().plan.tier_of);
    CHECK(seen.insert(plans.front().tier_of).second);
  }
  CHECK(options.front().text == "multi-tier");
  CHECK(options.front().cuts.front().plan.tier_of ==
        experiment::own_plans(experiment).front().tier_of);
}

TEST_CASE("plan options: each of several models has a section of its own") {
  std::string yaml = kThreeTiers;
  yaml.replace(yaml.find("model: {layers: net.csv}"), 24,
               "models: {a: {layers: net.csv}, b: {layers: net.csv, plan: {algorithm: fixed, "
               "after: [conv]}}}");
  yaml.replace(yaml.find("workload:"), std::string::npos,
               "workload:\n  classes:\n    one: {model: a, arrivals: poisson, rate: 1 /s}\n"
               "    two: {model: b, arrivals: poisson, rate: 1 /s}\n");
  const SmallSystem system(yaml);
  const experiment::Experiment experiment = system.read({});
  CHECK(plan_paths(experiment.scenario) ==
        std::vector<std::string>{"plan", "models.a.plan", "models.b.plan"});
  std::vector<Diagnostic> diagnostics;
  const auto options = plan_options(experiment, experiment::own_plans(experiment),
                                    scenario::read_yaml(system.path, diagnostics), all_registries(),
                                    Seconds(0.1), 256);
  CHECK(options.size() == 100);
  for (std::size_t i = 0; i < options.size(); i += 9) {
    std::vector<scenario::Override> overrides;
    for (std::size_t k = 0; k < 3; ++k) {
      overrides.push_back(
          {.path = plan_paths(experiment.scenario)[k], .value = options[i].values[k]});
    }
    const auto plans = experiment::own_plans(system.read(overrides));
    CHECK(plans[0].tier_of == options[i].cuts[0].plan.tier_of);
    CHECK(plans[1].tier_of == options[i].cuts[1].plan.tier_of);
  }
}

TEST_CASE("policy options: the scenario's own first, each as the scenario that has it") {
  const SmallSystem system(kThreeTiers);
  const experiment::Experiment experiment = system.read({});
  const PolicyOptions found = policy_options(experiment, all_registries(), 500);
  REQUIRE(found.options.size() > 10);
  CHECK(found.options.size() <= 500);
  CHECK(found.options.front().text.empty());
  const std::vector<std::string> paths = policy_paths(experiment.scenario);
  CHECK(paths ==
        std::vector<std::string>{"scheduling.device", "scheduling.edge", "scheduling.cloud"});
  for (std::size_t i = 0; i < found.options.size(); i += 7) {
    std::vector<scenario::Override> overrides;
    for (std::size_t tier = 0; tier < paths.size(); ++tier) {
      overrides.push_back({.path = paths[tier], .value = found.options[i].values[tier]});
    }
    const experiment::Experiment read = system.read(overrides);
    for (std::size_t tier = 0; tier < paths.size(); ++tier) {
      CHECK(scenario::policies_text(read.scenario.tiers[tier].scheduling) ==
            scenario::policies_text(found.options[i].scheduling[tier]));
    }
  }
}

TEST_CASE("system figures: M/M/1 in the cloud, and the money of its hours") {
  const SmallSystem system(
      "offcut: 1\nstop: {after: 1000 s}\nmodel: {layers: net.csv}\n"
      "tiers:\n  device: {is: column:phone, count: 4}\n"
      "  cloud: {is: column:edge, noise: {kind: exponential}, price: 3.6}\n"
      "network: {device-cloud: {up: 100 Gbit/s, down: 100 Gbit/s, latency: 0 ms}}\n"
      "plan: {algorithm: cloud-only, compare: none}\n"
      "workload: {arrivals: poisson, rate: 10 /s}\n");
  const double service = 0.02, rate = 40;
  const experiment::Experiment experiment = system.read({});
  const LoadModel model(experiment);
  const PlanOption plan = *own_plan_option(experiment, experiment::own_plans(experiment));
  const PolicyOption policies = own_policy_option(experiment);
  const SystemChoice choice{.cuts = {&plan.cuts.front()}, .scheduling = &policies.scheduling};
  const PredictedSystem predicted{experiment, model, choice, model.predict(choice)};
  const auto figure = [&](const char* name) { return *predicted_figure(name, predicted); };
  const double sojourn = 1 / (1 / service - rate);
  CHECK(figure("latency_mean_s") == doctest::Approx(sojourn).epsilon(0.01));
  CHECK(figure("latency_p95_s") == doctest::Approx(-sojourn * std::log(0.05)).epsilon(0.1));
  CHECK(figure("latency_p50_s") < figure("latency_p90_s"));
  CHECK(figure("latency_p90_s") < figure("latency_p99_s"));
  CHECK(figure("throughput_per_s") == doctest::Approx(rate));
  CHECK(figure("goodput_per_s") == doctest::Approx(rate));
  CHECK(figure("requests_dropped") == 0);
  CHECK(figure("money") == doctest::Approx(3.6 * 1000 / 3600));
  CHECK(inescapable_load(predicted) == doctest::Approx(rate * service));
  CHECK_FALSE(predicted_figure("energy_per_answer_j", predicted));  // The power is unknown.
  CHECK_FALSE(predicted_figure("accuracy", predicted));
}

TEST_CASE("forecasts: what can't be predicted says why, and invalid points are named") {
  std::string yaml = kThreeTiers;
  yaml.replace(yaml.find("workload:"), std::string::npos,
               "workload: {arrivals: closed-loop, think: 1 s}\n");
  const SmallSystem closed(yaml);
  const auto found = forecast_points(closed.question({}), all_registries(), 1, {});
  CHECK(found.front().unpredicted.find("is a closed loop") != std::string::npos);
  CHECK(found.front().forecasts.size() == 1);
  CHECK_FALSE(found.front().forecasts.front().goal);
  const SmallSystem system(kThreeTiers);
  const auto points = forecast_points(
      system.question({{.paths = {"tiers.edge.count"}, .steps = {{"0"}, {"1"}}, .place = {}}}),
      all_registries(), 2, {});
  CHECK_FALSE(points[0].invalid.empty());
  CHECK(points[1].invalid.empty());
  CHECK_THROWS_AS(
      forecast_points(
          system.question({{.paths = {"tiers.edge.count"}, .steps = {{"0"}}, .place = {}}}),
          all_registries(), 2, {}),
      InputError);
}

}  // namespace
}  // namespace offcut::study::point_forecasts_test
