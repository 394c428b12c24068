// The report of training jobs for people: what `offcut run` and `offcut plan` print of them.

#include "sim/cli/training_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "analysis/statistics/energy_totals.h"
#include "models/base/readable.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/experiment/training_job.h"
#include "sim/training/job_run.h"

namespace offcut::cli {
namespace {

std::string accuracy_text(const std::optional<double>& accuracy) {
  return accuracy ? fmt::format("{:.2f} %", 100 * *accuracy) : "";
}

/// Returns "19 % compute, 80 % communication, 1 % waiting".
std::string parts_text(Seconds compute, Seconds communication, Seconds waiting) {
  const Seconds all = compute + communication + waiting;
  const auto share = [&](Seconds part) {
    return to_percent(all > Seconds(0) ? part.si() / all.si() : 0);
  };
  return fmt::format("{} compute, {} communication, {} waiting", share(compute),
                     share(communication), share(waiting));
}

/// Returns the cell of devices that are late or lost, which is empty without one.
std::string missed_text(std::int64_t devices) {
  return devices > 0 ? fmt::format("{}", devices) : "";
}

std::string rounds_table(const analysis::TrainingSummary& training, bool knows_energy) {
  TextTable table({">round", ">time", ">devices", ">late", ">lost", ">up", ">down", ">compute",
                   ">communication", ">waiting", ">loss", ">accuracy", ">energy"});
  table.set_least_important({"waiting", "down", "up", "energy", "communication", "compute"});
  table.set_complete_in("rounds.csv");
  for (const training::RoundRecord& round : training.shown) {
    table.add({fmt::format("{}", round.round), to_readable(round.end),
               fmt::format("{}", round.participants), missed_text(round.late),
               missed_text(round.lost), to_readable(round.bytes_up), to_readable(round.bytes_down),
               to_readable(round.compute), to_readable(round.communication),
               to_readable(round.waiting),
               round.participants > 0 ? fmt::format("{:.4g}", round.loss) : "",
               accuracy_text(round.accuracy), knows_energy ? to_readable(round.energy) : ""});
  }
  table.drop_empty_columns();
  return table.text();
}

/// Returns what ended the run before the training, as a clause.
std::string end_of_run(const scenario::Scenario& scenario, const engine::RunRecord& record) {
  const auto devices = static_cast<std::int64_t>(device_count(scenario));
  if (record.batteries.empty == devices) {
    return "the batteries of all devices were empty";
  }
  if (scenario.stop.after) {
    return fmt::format("the run was stopped after {}", to_readable(*scenario.stop.after));
  }
  return scenario.stop.requests
             ? "the run ended with its last request"
             : "the devices, machines or links that it waited for did not come up any more";
}

/// Returns why the training ended, as a clause.
std::string end_clause(const experiment::Experiment& experiment, const analysis::RunSummary& run) {
  const analysis::TrainingSummary& training = *run.training;
  using End = training::TrainingRecord::End;
  const training::StopRule& stop = experiment.scenario.training->stop;
  switch (training.end) {
    case End::rounds:
      return "all rounds are done";
    case End::accuracy:
      return fmt::format("the accuracy of {} was reached", percent(stop.accuracy.value_or(0), 4));
    case End::time:
      return fmt::format("its time of {} was over", to_readable(stop.after.value_or(Seconds(0))));
    case End::stuck:
      return fmt::format(
          "stuck: {} messages or computations failed, and none brought it on",
          training::kMostFutile + training::kMostFutileOfDevice *
                                      static_cast<std::int64_t>(device_count(experiment.scenario)));
    case End::unfinished:
      break;
  }
  return end_of_run(experiment.scenario, run.record);
}

/// Returns the origin of a forecast.
std::string origin_line(const experiment::Experiment& experiment,
                        const study::TrainingForecast& forecast) {
  if (forecast.rehearsed == 0) {
    return fmt::format(
        "from a closed form, which is exact for alike devices that share no link or queue: {}\n",
        forecast.reason);
  }
  const std::int64_t last = forecast.first + forecast.rehearsed - 1;
  std::string text = "from a simulation of ";
  text += forecast.rehearsed == 1 ? fmt::format("round {}", last)
                                  : fmt::format("rounds {} to {}", forecast.first, last);
  text += " without training";
  const auto* const selection = experiment.training->job().selection;
  if (selection != nullptr && selection->reads_losses) {
    text += ", as if all devices had the same loss";
  }
  const std::string shortest = to_readable(forecast.shortest);
  const std::string longest = to_readable(forecast.longest);
  if (shortest != longest) {
    text += fmt::format("; they take {} to {}", shortest, longest);
  } else if (forecast.rehearsed > 1) {
    text += "; they take equal times";
  }
  if (forecast.late > 0) {
    text += fmt::format("; of {}, {} late", counted(forecast.selected, "selection"),
                        forecast.late == 1 ? "1 is" : fmt::format("{} are", forecast.late));
  }
  return text + "\n";
}

std::string loading_lines(const analysis::TrainingSummary& training) {
  std::string text;
  for (const training::LoadingRecord& phase : training.loading) {
    text +=
        fmt::format("loading {}: {} in {} over all devices, the longest {}\n", phase.what,
                    to_readable(phase.bytes), to_readable(phase.total), to_readable(phase.longest));
  }
  return text;
}

/// Returns a warning if the loss at the end is far above that of guessing, or no number; for
/// targets in place of classes, far above the first one.
std::string divergence_line(const analysis::TrainingSummary& training, std::int64_t classes) {
  constexpr double kFar = 10;
  const double loss = std::max(training.loss, training.test_loss.value_or(training.loss));
  const double usual =
      classes > 1 ? std::log(static_cast<double>(classes)) : training.shown.front().loss;
  return std::isfinite(loss) && (loss <= kFar * usual || usual <= 0)
             ? ""
             : fmt::format(
                   "warning: the training diverged: its loss is {:.4g}; a lower rate or "
                   "'clip' may help\n",
                   loss);
}

}  // namespace

std::string training_heading(const experiment::Experiment& experiment) {
  const experiment::TrainingJob& job = *experiment.training;
  const scenario::TrainingChoice& choice = *experiment.scenario.training;
  const Graph& network = job.network();
  const LayerWork work = network.total_work();
  const std::int64_t tests = job.test_samples().count();
  return fmt::format("{}: {}, {} M MACs, {} of weights\n{}: {}{} on {}, split {}\n", network.name(),
                     counted(network.layer_count(), "layer"), significant(work.macs / 1e6, 4),
                     to_readable(Bytes(work.parameter_bytes)),
                     choice.dataset.substr(0, choice.dataset.find(':')),
                     counted(job.training_samples().count(), "sample"),
                     tests > 0 ? fmt::format(" and {} for tests", tests) : "",
                     counted(device_count(experiment.scenario), "device"), choice.split.kind->name);
}

std::string training_text(const experiment::Experiment& experiment,
                          const analysis::RunSummary& run) {
  const analysis::TrainingSummary& training = *run.training;
  const bool knows_energy = analysis::device_energy(run.record).has_value();
  std::string text =
      fmt::format("{}: {} in {}; {}\n", training.strategy, counted(training.rounds, "round"),
                  to_readable(training.duration), end_clause(experiment, run));
  if (training.shown.empty()) {
    return fitted(text + loading_lines(training));
  }
  text += "\n" + rounds_table(training, knows_energy) + "\n";
  std::string totals = divergence_line(training, experiment.training->training_samples().classes());
  if (training.accuracy) {
    totals += fmt::format(
        "accuracy: {} at the end{}{}\n", accuracy_text(training.accuracy),
        training.best_accuracy ? fmt::format(", {} at best", accuracy_text(training.best_accuracy))
                               : "",
        training.reached ? fmt::format("; {} reached after {}",
                                       percent(*experiment.scenario.training->stop.accuracy, 4),
                                       to_readable(*training.reached))
                         : "");
  }
  totals += fmt::format("time of rounds: {}\n",
                        parts_text(training.compute, training.communication, training.waiting));
  totals +=
      fmt::format("bytes: {} up, {} down; synchronisation: {} over all devices\n",
                  to_readable(training.up), to_readable(training.down), to_readable(training.sync));
  totals += loading_lines(training);
  if (training.late + training.lost > 0) {
    totals +=
        fmt::format("of {}, {} counted, {} late, {} lost to failures{}\n",
                    counted(training.selected, "selection"), training.participants,
                    training.late == 1 ? "1 was" : fmt::format("{} were", training.late),
                    training.lost, run.record.batteries.empty > 0 ? " or empty batteries" : "");
  }
  if (knows_energy) {
    totals +=
        fmt::format("energy of the devices during rounds: {}\n", to_readable(training.energy));
  }
  for (const std::string& note : experiment.training->notes()) {
    totals += fmt::format("note: {}\n", note);
  }
  return text + fitted(totals);
}

std::string forecast_text(const experiment::Experiment& experiment,
                          const study::TrainingForecast& predicted) {
  const training::RoundForecast& forecast = predicted.mean;
  const scenario::TrainingChoice& choice = *experiment.scenario.training;
  std::string text = fmt::format(
      "{}: a round takes {} in an idle system: {}\n", choice.method(), to_readable(forecast.round),
      parts_text(forecast.compute, forecast.communication, forecast.waiting));
  text += fmt::format("bytes of a round: {} up, {} down\n", to_readable(forecast.bytes_up),
                      to_readable(forecast.bytes_down));
  if (forecast.loading > Seconds(0)) {
    text += fmt::format("loading before the first round: {}\n", to_readable(forecast.loading));
  }
  text +=
      fmt::format("{}: {}\n", counted(choice.settings.rounds, "round"), to_readable(predicted.all));
  text += origin_line(experiment, predicted);
  if (!forecast.note.empty()) {
    text += fmt::format("{}\n", forecast.note);
  }
  for (const std::string& note : experiment.training->notes()) {
    text += fmt::format("note: {}\n", note);
  }
  return fitted(text);
}

}  // namespace offcut::cli
