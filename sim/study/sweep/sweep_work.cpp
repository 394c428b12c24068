// Prepares and simulates single runs of a sweep, and says what identifies them.

#include "sim/study/sweep/sweep_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/tables/summary_table.h"
#include "models/base/content_hash.h"
#include "sim/experiment/plan_runs.h"
#include "sim/experiment/training_job.h"
#include "sim/study/comparison.h"
#include "sim/study/under_load/choose.h"

namespace offcut::study {
namespace {

using analysis::SummaryRow;

/// More models than this are not loaded before the first run.
constexpr std::size_t kMostLoaded = 64;

/// Returns the columns of summary.csv that are a run's figures.
std::span<const Column<SummaryRow>> figure_columns() {
  static const std::vector<Column<SummaryRow>> kColumns = [] {
    std::vector<Column<SummaryRow>> columns;
    for (const Column<SummaryRow>& column : analysis::summary_table().columns) {
      if (column.name != "scenario" && column.name != "seed") {
        columns.push_back(column);
      }
    }
    return columns;
  }();
  return kColumns;
}

/// Quotes a text for a shell, unless it needs no quotes.
std::string shell_quoted(const std::string& text) {
  const bool is_plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_-./=+:,@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (is_plain) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

/// Adds the contents of a file; nothing if it can't be read.
void add_file(const std::string& path, ContentHash& hash) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 1U << 16U> buffer;
  hash.add(std::string_view(path));
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
    hash.add(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
  }
}

/// Returns whether the scenario states algorithms with which its plan is compared.
bool states_comparison(const std::string& base, const std::vector<scenario::Override>& settings) {
  std::vector<Diagnostic> ignored;
  scenario::YamlNode root = scenario::read_yaml(base, ignored);
  for (const scenario::Override& setting : settings) {
    scenario::set_path(root, setting.keys(), setting.value, setting.place());
  }
  const scenario::YamlNode* plan = root.find("plan");
  return plan != nullptr && plan->find("compare") != nullptr;
}

}  // namespace

SweepWork::SweepWork(const Sweep& sweep, const std::vector<std::string>& inputs,
                     const scenario::Registries& registries, ProgramVersion program, Seconds budget)
    : sweep_(sweep), registries_(registries), program_(std::move(program)), budget_(budget) {
  std::vector<Diagnostic> diagnostics;
  for (std::size_t variant = 0; variant < sweep_.variants.size(); ++variant) {
    try {
      const scenario::Scenario first =
          scenario::read_scenario(sweep_.base, sweep_.settings_of(0, variant), registries_);
      base_seed_ = variant == 0 ? first.seed : base_seed_;
      compares_.push_back(!first.has_requests ||
                          states_comparison(sweep_.base, sweep_.settings_of(0, variant)));
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  ContentHash hash;
  for (const std::string& input : std::set<std::string>(inputs.begin(), inputs.end())) {
    add_file(input, hash);
  }
  inputs_hash_ = hash.value();
  load_models();
}

/// Loads each model and trace once. The errors in them are reported by the runs that have them.
void SweepWork::load_models() {
  for (const Job& job : sweep_.runs_with_other_files(kMostLoaded)) {
    try {
      experiment::read_experiment(sweep_.base, overrides_of(job), registries_, &models_);
    } catch (const std::exception&) {
    }
  }
}

std::optional<std::string> SweepWork::varied_seed(const Job& job) const {
  const auto settings = sweep_.settings_of(job.point, job.variant);
  std::optional<std::string> seed;
  for (std::size_t i = sweep_.settings.size(); i < settings.size(); ++i) {
    if (settings[i].path == "seed") {
      seed = settings[i].value;
    }
  }
  return seed;
}

std::string SweepWork::seed_of(const Job& job) const {
  return varied_seed(job).value_or(fmt::format("{}", base_seed_ + job.replication));
}

std::vector<scenario::Override> SweepWork::overrides_of(const Job& job) const {
  std::vector<scenario::Override> overrides = sweep_.settings_of(job.point, job.variant);
  if (!compares_[job.variant]) {
    overrides.push_back({.path = "plan.compare", .value = "none"});
  }
  if (!varied_seed(job)) {
    overrides.push_back({.path = "seed", .value = seed_of(job), .given = "--seed"});
  }
  return overrides;
}

std::string SweepWork::run(const Job& job) {
  experiment::Experiment experiment =
      experiment::read_experiment(sweep_.base, overrides_of(job), registries_, &models_);
  if (experiment.scenario.under_load) {
    const LoadChoice choice =
        choose_under_load(experiment, registries_, {.budget = budget_, .progress = {}});
    apply(choice, "", experiment);
  }
  std::string rows;
  for (const analysis::RunSummary& run : run_here(experiment)) {
    rows += csv_line(figure_columns(), SummaryRow{experiment.scenario, run});
  }
  return nlohmann::json{rows, models_.math().take_added()}.dump();
}

bool SweepWork::try_out(const Job& job) {
  const scenario::Scenario scenario =
      scenario::read_scenario(sweep_.base, overrides_of(job), registries_);
  if (!scenario.training) {
    run(job);
    return true;
  }
  const experiment::Experiment experiment =
      experiment::read_experiment(sweep_.base, overrides_of(job), registries_, &models_);
  experiment::plan_runs(experiment);
  experiment.training->start(1);
  return false;
}

std::string SweepWork::rows_of(const std::string& result) {
  const nlohmann::json json = nlohmann::json::parse(result);
  models_.math().merge(json.at(1).get<std::string>());
  return json.at(0);
}

std::vector<std::string> SweepWork::names_before() const {
  std::vector<std::string> names = {"point"};
  const std::vector<std::string> parameters = sweep_.parameters();
  names.insert(names.end(), parameters.begin(), parameters.end());
  names.insert(names.end(), {"variant", "replication"});
  if (std::find(parameters.begin(), parameters.end(), "seed") == parameters.end()) {
    names.emplace_back("seed");
  }
  return names;
}

std::vector<std::string> SweepWork::figure_names() {
  std::vector<std::string> names;
  for (const Column<SummaryRow>& column : figure_columns()) {
    names.emplace_back(column.name);
  }
  return names;
}

std::vector<bool> SweepWork::figures_are_texts() {
  std::vector<bool> texts;
  for (const Column<SummaryRow>& column : figure_columns()) {
    texts.push_back(column.is_text);
  }
  return texts;
}

std::vector<std::string> SweepWork::names_after() {
  return {"error", "version", "commit", "command"};
}

std::string SweepWork::before(const Job& job) const {
  std::vector<std::string> texts = {fmt::format("{}", job.point + 1)};
  for (const std::string& value : sweep_.values_at(job.point)) {
    texts.push_back(value);
  }
  texts.push_back(sweep_.variants[job.variant].name);
  texts.push_back(fmt::format("{}", job.replication + 1));
  if (names_before().back() == "seed") {
    texts.push_back(seed_of(job));
  }
  return csv_line(texts);
}

std::string SweepWork::after(const Job& job, const std::string& error) const {
  return csv_line({error, program_.version, program_.commit, command_of(job)});
}

std::string SweepWork::failed_row() {
  std::vector<std::string> texts;
  for (const Column<SummaryRow>& column : figure_columns()) {
    texts.emplace_back(column.name == "outcome" ? "failed" : "");
  }
  return csv_line(texts);
}

std::string SweepWork::command_of(const Job& job) const {
  std::string command = fmt::format("offcut run {}", shell_quoted(sweep_.base));
  for (const scenario::Override& setting : overrides_of(job)) {
    if (setting.path == "seed") {
      continue;
    }
    command +=
        setting.dimension.empty()
            ? fmt::format(" --set {}",
                          shell_quoted(fmt::format("{}={}", setting.path, setting.value)))
            : fmt::format(" --bind {}",
                          shell_quoted(fmt::format("{}={}", setting.dimension, setting.value)));
  }
  return fmt::format("{} --seed {}", command, shell_quoted(seed_of(job)));
}

std::uint64_t SweepWork::hash_of(const Job& job) const {
  ContentHash hash;
  hash.add(fmt::format("{} {} {} {}", program_.version, program_.commit, inputs_hash_,
                       to_text(budget_)));
  hash.add(command_of(job));
  return hash.value();
}

std::string SweepWork::sweep_hash() const {
  ContentHash hash;
  hash.add(fmt::format("{} {} {} {} {} {}", program_.version, program_.commit, inputs_hash_,
                       sweep_.base, base_seed_, to_text(budget_)));
  const auto add_settings = [&](const std::vector<scenario::Override>& settings) {
    for (const scenario::Override& setting : settings) {
      hash.add(fmt::format("{}={}", setting.path, setting.value));
    }
  };
  add_settings(sweep_.settings);
  for (const Variant& variant : sweep_.variants) {
    hash.add(variant.name);
    add_settings(variant.settings);
  }
  for (const Axis& axis : sweep_.axes) {
    for (const std::string& path : axis.paths) {
      hash.add(path);
    }
    for (const std::vector<std::string>& step : axis.steps) {
      for (const std::string& value : step) {
        hash.add(value);
      }
    }
  }
  hash.add(fmt::format("{} {}", sweep_.replications, sweep_.most_replications()));
  if (sweep_.precision) {
    hash.add(fmt::format("{} {}", sweep_.precision->share, sweep_.precision->figure));
  }
  return hash.text();
}

FarmWork farm_work(SweepWork& work) {
  return {.run = [&](std::uint64_t number) { return work.run(work.sweep().job_of(number)); },
          .take = [&](const std::string& result) { return work.rows_of(result); }};
}

}  // namespace offcut::study
