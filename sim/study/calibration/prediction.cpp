// Simulates measured runs. A run is one simulated system with the measured plan and the measured
// times of arrival; replications differ in their seeds, and so in the noise alone.

#include "sim/study/calibration/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "models/base/error.h"
#include "models/base/quantile.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/model_cache.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/isolate.h"

namespace offcut::study {
namespace {

namespace fs = std::filesystem;

/// Returns a path as YAML.
std::string quoted(const std::string& path) {
  std::string text = "'";
  for (const char letter : path) {
    text += letter == '\'' ? "''" : std::string(1, letter);
  }
  return text + "'";
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    throw InputError({path}, "cannot be written");
  }
}

scenario::Override setting(const std::string& path, const std::string& value) {
  return {.path = path, .value = value, .given = "offcut calibrate"};
}

/// Returns the arrivals of the run as the workload of a scenario.
std::string workload_of(const MeasuredRun& run, const std::string& file) {
  if (run.is_closed) {
    std::vector<double> pauses;
    for (std::size_t i = 1; i < run.requests.size(); ++i) {
      pauses.push_back(std::max(0.0, run.requests[i].arrival - run.requests[i - 1].completion));
    }
    return fmt::format("{{arrivals: closed-loop, think: {:.9g} s}}", quantile(pauses, 0.5));
  }
  std::string text = "time_s\n";
  for (const MeasuredRequest& request : run.requests) {
    text += fmt::format("{:.9f}\n", request.arrival - run.requests.front().arrival);
  }
  write_text(file, text);
  return fmt::format("{{arrivals: trace, file: {}}}", quoted(file));
}

std::vector<scenario::Override> overrides_for(const ComparableRun& run, std::size_t number,
                                              const experiment::Experiment& given,
                                              const PredictionSettings& settings) {
  const auto file = [&](const char* kind) {
    return (fs::path(settings.folder) / fmt::format("{}-{}.csv", kind, number)).string();
  };
  write_plan(run.plan, given, file("plan"));
  return {setting("plan", fmt::format("{{algorithm: file, file: {}}}", quoted(file("plan")))),
          setting("workload", workload_of(*run.run, file("arrivals"))),
          setting("stop", fmt::format("{{requests: {}}}", run.run->requests.size()))};
}

/// Simulates in this process, which then ends. Returns the parts and latencies of all answers.
std::string simulate_once(experiment::Experiment& experiment, std::uint64_t seed) {
  experiment.scenario.seed = seed;
  const experiment::CompiledRun run =
      experiment::compile(experiment, experiment::own_plans(experiment), {.math = false});
  LatencyParts sums{};
  std::size_t answers = 0;
  std::string latencies;
  const engine::Observers observers{.request = [&](const engine::RequestRecord& request) {
    if (request.completed()) {
      const LatencyParts parts = {request.device_wait.si(),
                                  request.device_compute.si(),
                                  (request.upload_wait + request.upload).si(),
                                  request.server_wait.si(),
                                  request.server_compute.si(),
                                  request.download.si()};
      for (std::size_t i = 0; i < parts.size(); ++i) {
        sums[i] += parts[i];
      }
      ++answers;
      latencies += fmt::format(" {:.12g}", request.latency().si());
    }
  }};
  engine::simulate(run.simulation, observers, *run.controller);
  std::string text;
  for (const double sum : sums) {
    text += fmt::format("{:.12g} ", sum / static_cast<double>(std::max<std::size_t>(1, answers)));
  }
  return text + latencies;
}

std::vector<double> numbers_in(const std::string& text) {
  std::vector<double> numbers;
  for (const char *next = text.data(), *end = next + text.size(); next < end;) {
    double number = 0;
    const auto parsed = std::from_chars(next, end, number);
    if (parsed.ptr == next) {
      ++next;
    } else {
      numbers.push_back(number);
      next = parsed.ptr;
    }
  }
  return numbers;
}

}  // namespace

std::vector<scenario::Override> overrides_of(const Calibration& calibration,
                                             const std::string& folder) {
  std::vector<scenario::Override> overrides;
  for (const auto& [name, text] : calibration.files) {
    write_text((fs::path(folder) / name).string(), text);
  }
  for (const FittedKey& key : calibration.keys) {
    overrides.push_back(setting(key.path(), key.value_in(folder)));
  }
  return overrides;
}

std::vector<Prediction> predict_runs(const std::vector<ComparableRun>& runs,
                                     const Calibration* calibration,
                                     const PredictionSettings& settings,
                                     const scenario::Registries& registries) {
  experiment::ModelCache cache;
  std::vector<scenario::Override> common = settings.overrides;
  if (calibration != nullptr) {
    const auto fitted = overrides_of(*calibration, settings.folder);
    common.insert(common.end(), fitted.begin(), fitted.end());
  }
  const experiment::Experiment base =
      experiment::read_experiment(settings.scenario, common, registries, &cache);
  std::vector<Prediction> predictions;
  for (std::size_t number = 0; number < runs.size(); ++number) {
    std::vector<scenario::Override> overrides = common;
    const auto own = overrides_for(runs[number], number, base, settings);
    overrides.insert(overrides.end(), own.begin(), own.end());
    experiment::Experiment experiment =
        experiment::read_experiment(settings.scenario, overrides, registries, &cache);
    const std::uint64_t seed = experiment.scenario.seed;
    std::vector<IsolatedJob> jobs;
    for (std::size_t i = 0; i < settings.replications; ++i) {
      jobs.emplace_back([&experiment, seed, i](const engine::ProgressSink&) {
        return simulate_once(experiment, seed + i);
      });
    }
    const MeasuredPlan plan = plan_of(*runs[number].run, experiment);
    Prediction& prediction = predictions.emplace_back();
    for (const std::string& result : run_isolated(jobs, settings.parallel)) {
      const std::vector<double> numbers = numbers_in(result);
      const auto parts = prediction.parts.size();
      for (std::size_t i = 0; i < parts; ++i) {
        prediction.parts[i] += numbers[i] / static_cast<double>(settings.replications);
      }
      prediction.latencies.emplace_back(numbers.begin() + static_cast<std::ptrdiff_t>(parts),
                                        numbers.end());
    }
    // The engine counts the time per request as computing.
    for (std::size_t tier = 0; tier < plan.per_request.size(); ++tier) {
      const std::size_t wait = tier == 0 ? 0 : static_cast<std::size_t>(MeasuredPart::server_wait);
      prediction.parts[wait] += plan.per_request[tier];
      prediction.parts[wait + 1] -= plan.per_request[tier];
    }
  }
  return predictions;
}

}  // namespace offcut::study
