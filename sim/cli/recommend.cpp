// `offcut recommend`: the best configuration among plans, policies and values of parameters, by
// prediction first, and then by a race of the most promising ones.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/tables/summary_table.h"
#include "models/base/csv_writer.h"
#include "sim/cli/answer_commands.h"
#include "sim/cli/chosen_scenario.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/program_version.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/recommend_text.h"
#include "sim/study/answers/candidate_runs.h"
#include "sim/study/answers/over_option.h"
#include "sim/study/sweep/sweep_file.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kMostReplications = 32;  // By default.
constexpr double kWorthwhile = 1e-3;           // Less is no reason to prefer a later configuration.

/// Reads which figure is minimised or maximised.
void read_goal(const RecommendArguments& arguments, study::RecommendQuestion& question) {
  if (arguments.minimise.empty() == arguments.maximise.empty()) {
    throw InputError({"--minimise"}, arguments.minimise.empty()
                                         ? "expected --minimise FIGURE or --maximise FIGURE"
                                         : "expected it or --maximise, not both");
  }
  question.less_is_better = arguments.maximise.empty();
  question.forecast.goal = question.less_is_better ? arguments.minimise : arguments.maximise;
  check_figures(question.less_is_better ? "--minimise" : "--maximise", {question.forecast.goal});
}

/// Reads the options that state the question. Throws InputError with all errors.
study::RecommendQuestion question_of(const RecommendArguments& arguments) {
  study::RecommendQuestion question;
  std::vector<Diagnostic> diagnostics;
  const auto note_errors = [&](const auto& read) { add_errors_of(read, diagnostics); };
  const study::Over over = study::read_over(arguments.over, "--over", diagnostics);
  question.forecast.plans = over.plan;
  question.forecast.policies = over.scheduling;
  note_errors([&] { read_goal(arguments, question); });
  for (const std::string& within : arguments.within) {
    for (study::Condition& condition : study::read_conditions(
             within, analysis::figures_of_summary(), {"--within"}, diagnostics)) {
      question.forecast.conditions.push_back(std::move(condition));
    }
  }
  note_errors([&] { question.confidence = confidence_of(arguments.common); });
  note_errors([&] {
    question.rounds.most = replications_of(arguments.common, kMostReplications, 2);
    question.forecast.sweep =
        study::sweep_of(arguments.scenario, {.vary = over.vary, .option = "--over"});
    refuse_seed("--over", question.forecast.sweep.parameters());
    question.forecast.sweep.settings = arguments.common.changes.overrides();
  });
  const std::size_t points = question.forecast.sweep.point_count();
  if (points > study::kMostConfigurations) {
    diagnostics.push_back({{"--over"},
                           fmt::format("expected at most {} combinations of values, got {}",
                                       study::kMostConfigurations, points)});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return question;
}

/// Runs the race with a progress bar.
void hold_race(const RecommendArguments& arguments, const scenario::Registries& registries,
               const Interruption& interruption, RecommendResult& result) {
  const study::ForecastQuestion& asked = result.question.forecast;
  const std::vector<std::size_t>& entrants = result.predicted.field.entrants;
  result.failures.resize(entrants.size());
  if (entrants.empty()) {
    return;
  }
  const study::Sweep sweep =
      study::sweep_of_entrants(result.question, result.predicted, registries);
  study::SweepWork work(sweep, {}, registries, {program_version(), program_commit()},
                        budget_of(arguments.common.budget));
  study::RunMemory memory(work, parallel_runs(arguments.common.jobs));
  ProgressBar bar("race");
  memory.on_progress = [&](std::size_t finished, std::size_t known) {
    interruption.check();
    bar.show_runs("race", finished, known);
  };
  result.race =
      study::race(entrants.size(),
                  {.first_replications = result.question.rounds.first,
                   .least_replications = result.question.rounds.least,
                   .most_replications = result.question.rounds.most,
                   .most_runs = result.predicted.field.most_runs,
                   .kept = result.question.rounds.kept,
                   .confidence = result.question.confidence,
                   .conditions = asked.conditions,
                   .worthwhile = kWorthwhile},
                  study::runs_of_candidates(memory, asked.goal, result.question.less_is_better,
                                            asked.conditions));
  for (const study::Contender& contender : result.race.ranking) {
    if (contender.end == study::RaceEnd::without_value) {
      const study::RememberedRun& run = memory.run(
          {.point = contender.candidate, .variant = 0, .replication = contender.values.size()});
      result.failures[contender.candidate] = study::reason_without_value(run);
    }
  }
}

/// Writes the rows of configurations, those that raced first.
class ConfigurationTable {
 public:
  ConfigurationTable(const RecommendResult& result, const std::string& path)
      : result_(result), csv_(path, header()) {}

  void write() {
    std::vector<const study::Contender*> contenders(result_.predicted.entries.size());
    for (const study::Contender& contender : result_.race.ranking) {
      const std::size_t configuration = result_.configuration_of(contender);
      contenders[configuration] = &contender;
      write_row(configuration, &contender);
    }
    for (const std::size_t configuration : result_.predicted.ranking.order) {
      if (contenders[configuration] == nullptr) {
        write_row(configuration, nullptr);
      }
    }
    csv_.close();
  }

 private:
  std::vector<std::string> header() {
    const study::ForecastQuestion& asked = result_.question.forecast;
    std::vector<std::string> names = asked.sweep.parameters();
    names.insert(names.end(), {"plan", "scheduling", "prediction", "load"});
    figures_.push_back(asked.goal);
    for (const study::Condition& condition : asked.conditions) {
      if (std::find(figures_.begin(), figures_.end(), condition.figure) == figures_.end()) {
        figures_.push_back(condition.figure);
      }
    }
    for (const std::string& figure : figures_) {
      names.push_back(figure + "_predicted");
    }
    names.insert(names.end(), {"race", "replications"});
    for (const std::string& figure : figures_) {
      names.insert(names.end(), {figure, figure + "_low", figure + "_high"});
    }
    return names;
  }

  void write_row(std::size_t configuration, const study::Contender* contender) {
    const study::ForecastQuestion& asked = result_.question.forecast;
    const study::Predicted& predicted = result_.predicted;
    const study::Forecast& forecast = predicted.forecast_of(configuration);
    for (const std::string& value :
         asked.sweep.values_at(predicted.configurations[configuration].point)) {
      csv_.text(value);
    }
    csv_.text(asked.plans ? predicted.plan_of(configuration).text : "");
    csv_.text(asked.policies ? predicted.policies_of(configuration).text : "");
    csv_.text(promise_word(predicted.ranking.promises[configuration]));
    csv_.number(forecast.load);
    for (const std::string& figure : figures_) {
      csv_.field(figure == asked.goal ? forecast.goal : forecast.figures[condition_of(figure)]);
    }
    csv_.text(contender != nullptr ? end_word(*contender) : "");
    csv_.integer(contender != nullptr ? std::int64_t(contender->values.size()) : 0);
    for (const std::string& figure : figures_) {
      write_interval(figure, contender);
    }
    csv_.end_row();
  }

  void write_interval(const std::string& figure, const study::Contender* contender) {
    std::optional<analysis::Interval> interval;
    if (contender != nullptr && contender->interval) {
      interval = figure == result_.question.forecast.goal
                     ? result_.goal_of(*contender)
                     : contender->figures[condition_of(figure)];
    }
    if (interval) {
      csv_.number(interval->estimate).number(interval->low).number(interval->high);
    } else {
      csv_.empty().empty().empty();
    }
  }

  std::size_t condition_of(const std::string& figure) const {
    const auto& conditions = result_.question.forecast.conditions;
    return static_cast<std::size_t>(
        std::find_if(conditions.begin(), conditions.end(),
                     [&](const study::Condition& one) { return one.figure == figure; }) -
        conditions.begin());
  }

  const RecommendResult& result_;
  std::vector<std::string> figures_;  // Each once.
  CsvWriter csv_;
};

}  // namespace

int recommend(const RecommendArguments& arguments, const scenario::Registries& registries) {
  RecommendResult result{
      .question = question_of(arguments), .predicted = {}, .race = {}, .failures = {}};
  const std::vector<std::string> inputs =
      scenario_inputs(arguments.scenario, result.question.forecast.sweep.settings);
  check_can_be_written({arguments.common.out, arguments.write});
  refuse_overwriting("--out", {arguments.common.out}, inputs);
  refuse_overwriting("--write", {arguments.write}, inputs);
  const Interruption interruption;
  {
    ProgressBar bar("prediction");
    result.predicted = study::predict_configurations(
        result.question, registries, parallel_runs(arguments.common.jobs), [&](double done) {
          interruption.check();
          bar.show(done);
        });
  }
  hold_race(arguments, registries, interruption, result);
  say("{}", recommend_text(result, arguments));
  if (!arguments.common.out.empty()) {
    write_beside(arguments.common.out,
                 [&](const std::string& path) { ConfigurationTable(result, path).write(); });
    say("configurations: {}\n", arguments.common.out);
  }
  if (arguments.write.empty()) {
    return kDone;
  }
  if (!result.race.has_winner()) {
    say("{} was not written\n", arguments.write);
    return kFailure;
  }
  const std::size_t chosen = result.configuration_of(result.race.ranking.front());
  write_chosen_scenario(
      arguments.write, arguments.scenario,
      study::settings_of(result.question, result.predicted, chosen),
      fmt::format("{} with {}, chosen by offcut recommend for the {} {}{}", arguments.scenario,
                  configuration_text(result, chosen),
                  result.question.less_is_better ? "lowest" : "highest",
                  result.question.forecast.goal,
                  arguments.within.empty()
                      ? ""
                      : fmt::format(" so that {}", fmt::join(arguments.within, " and "))),
      registries);
  say("scenario: {}\n", arguments.write);
  return kDone;
}

}  // namespace offcut::cli
