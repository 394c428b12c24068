// A child process runs the strategy and sends its rounds as lines of numbers; their mean is the
// forecast. A director between engine and strategy counts tasks, and ends the run when there are
// too many: what a strategy sends is known to itself alone.

#include "sim/study/training_rehearsal.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "sim/engine/controller.h"
#include "sim/engine/simulation.h"
#include "sim/engine/tasks/director.h"
#include "sim/experiment/idle_system.h"
#include "sim/experiment/training_job.h"
#include "sim/study/isolate.h"
#include "sim/training/client_pool.h"
#include "sim/training/job_run.h"
#include "sim/training/sync_round.h"

namespace offcut::study {
namespace {

using training::RoundRecord;

/// Ends the run after so many tasks, and closes the books while the engine still lives.
class Rehearsing final : public engine::Director {
 public:
  explicit Rehearsing(training::Strategy& strategy) : strategy_(strategy) {}

  void begins(engine::Tasks& tasks) override {
    tasks_ = &tasks;
    strategy_.begins(tasks);
  }
  void ended(const engine::TaskReport& report) override {
    strategy_.ended(report);
    if (++ended_ == kMostRehearsedTasks) {
      tasks_->end();
    }
  }
  void woken(std::size_t token) override { strategy_.woken(token); }
  void sent(std::size_t token, Bytes bytes) override { strategy_.sent(token, bytes); }
  void ends(Seconds end) override { record_ = strategy_.close(end); }

  /// Returns the rounds that ended.
  std::vector<RoundRecord> rounds() const {
    std::vector<RoundRecord> rounds = record_.rounds;
    if (record_.end == training::TrainingRecord::End::unfinished && !rounds.empty()) {
      rounds.pop_back();
    }
    return rounds;
  }

 private:
  training::Strategy& strategy_;
  engine::Tasks* tasks_ = nullptr;
  std::size_t ended_ = 0;
  training::TrainingRecord record_;
};

std::string text_of(const std::vector<RoundRecord>& rounds) {
  std::string text;
  for (const RoundRecord& r : rounds) {
    text += fmt::format("{} {} {} {} {} {} {} {} {}\n", r.start.si(), r.end.si(), r.compute.si(),
                        r.communication.si(), r.waiting.si(), r.bytes_up.si(), r.bytes_down.si(),
                        r.selected, r.late);
  }
  return text;
}

std::vector<RoundRecord> rounds_of(const std::string& text) {
  std::vector<RoundRecord> rounds;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    double start = 0, end = 0, compute = 0, communication = 0, waiting = 0, up = 0, down = 0;
    RoundRecord round;
    std::istringstream(line) >> start >> end >> compute >> communication >> waiting >> up >> down >>
        round.selected >> round.late;
    round.start = Seconds(start);
    round.end = Seconds(end);
    round.compute = Seconds(compute);
    round.communication = Seconds(communication);
    round.waiting = Seconds(waiting);
    round.bytes_up = Bytes(up);
    round.bytes_down = Bytes(down);
    rounds.push_back(round);
  }
  return rounds;
}

std::vector<RoundRecord> rehearse(const experiment::Experiment& experiment,
                                  const training::RoundForecast& closed, std::int64_t rounds) {
  const IsolatedJob job = [&](const engine::ProgressSink&) {
    const engine::Simulation simulation = experiment::idle_system(experiment.scenario);
    const experiment::TrainingJob::Rehearsal rehearsal =
        experiment.training->rehearse(closed, rounds);
    Rehearsing director(*rehearsal.strategy);
    engine::FixedPlans nobodys(simulation);
    engine::simulate(simulation, {}, nobodys, &director);
    return text_of(director.rounds());
  };
  return rounds_of(run_isolated({job}, 1).front());
}

bool is_asynchronous(const experiment::TrainingJob& job) {
  return job.strategy().aggregates &&
         job.strategy().schedule == training::AggregatorKind::Schedule::asynchronous;
}

/// Returns the states that an asynchronous server makes while each client at work sends an update.
/// Their times repeat if clients are alike. Otherwise 1: any round may be the first of a mean.
std::int64_t rounds_of_turn(const experiment::TrainingJob& job) {
  if (!is_asynchronous(job)) {
    return 1;
  }
  const std::size_t clients = training::clients_with_samples(*job.job().data).size();
  const auto at_work = static_cast<std::int64_t>(training::clients_per_round(job.job(), clients));
  const std::int64_t buffer = training::make_aggregator(job.job())->updates_per_state();
  return std::max<std::int64_t>(1, (at_work + buffer - 1) / buffer);
}

/// Returns why the job's rounds can't be rehearsed in a moment; empty: they can.
std::string reason_too_large(const experiment::TrainingJob& job, std::size_t devices) {
  const std::size_t clients = training::clients_with_samples(*job.job().data).size();
  const std::size_t in_round =
      job.strategy().aggregates
          ? std::min(clients, training::clients_to_select(
                                  job.job(), training::clients_per_round(job.job(), clients)))
          : clients;
  const auto beyond = [](std::size_t count, std::size_t most, const char* of) {
    return count > most ? fmt::format("{} devices {} are more than the {} that are simulated",
                                      count, of, most)
                        : std::string();
  };
  const std::string reason = beyond(devices, kMostRehearsedDevices, "in the system");
  return !reason.empty()
             ? reason
             : beyond(in_round,
                      job.strategy().aggregates ? kMostRehearsedClients : kMostRehearsedPeers,
                      "in a round");
}

/// Fills in the means over the rounds from `first` on, up to, but without, `end`.
void take_means(const std::vector<RoundRecord>& rounds, std::size_t first, std::size_t end,
                TrainingForecast& forecast) {
  training::RoundForecast& mean = forecast.mean;
  const double share = 1 / static_cast<double>(end - first);
  mean.round = Seconds(0);
  mean.compute = mean.communication = mean.waiting = Seconds(0);
  mean.bytes_up = mean.bytes_down = Bytes(0);
  mean.loading = rounds.front().start;
  forecast.rehearsed = static_cast<std::int64_t>(end - first);
  forecast.first = static_cast<std::int64_t>(first) + 1;
  forecast.shortest = forecast.longest = rounds[first].end - rounds[first].start;
  for (std::size_t i = first; i < end; ++i) {
    const RoundRecord& round = rounds[i];
    mean.round += share * (round.end - round.start);
    mean.compute += share * round.compute;
    mean.communication += share * round.communication;
    mean.waiting += share * round.waiting;
    mean.bytes_up += share * round.bytes_up;
    mean.bytes_down += share * round.bytes_down;
    forecast.shortest = std::min(forecast.shortest, round.end - round.start);
    forecast.longest = std::max(forecast.longest, round.end - round.start);
    forecast.selected += round.selected;
    forecast.late += round.late;
  }
}

}  // namespace

TrainingForecast forecast_training(const experiment::Experiment& experiment) {
  const experiment::TrainingJob& job = *experiment.training;
  const std::int64_t all = job.job().settings.rounds;
  TrainingForecast forecast;
  forecast.mean = job.forecast();
  forecast.all = forecast.mean.loading + static_cast<double>(all) * forecast.mean.round;
  forecast.reason = reason_too_large(job, scenario::device_count(experiment.scenario));
  if (!forecast.reason.empty()) {
    return forecast;
  }
  const std::int64_t turn = rounds_of_turn(job);
  const std::int64_t wanted =
      std::min(all, is_asynchronous(job) ? (1 + kRehearsedRounds) * turn : kRehearsedRounds);
  std::vector<RoundRecord> rounds = rehearse(experiment, forecast.mean, std::min(all, wanted + 1));
  if (rounds.size() > static_cast<std::size_t>(wanted)) {
    rounds.pop_back();  // Books count those who are at work when the last round ends as late.
  }
  const auto known = static_cast<std::int64_t>(rounds.size());
  if (known == 0 || (is_asynchronous(job) && known < all && known < 2 * turn)) {
    forecast.reason =
        fmt::format("{} more than {} computations and messages",
                    is_asynchronous(job) ? "two turns of all clients have" : "a round has",
                    kMostRehearsedTasks);
    return forecast;
  }
  std::size_t first = 0;
  std::size_t end = rounds.size();
  if (is_asynchronous(job) && known >= 2 * turn) {
    first = static_cast<std::size_t>(turn);
    end -= end % first;
  }
  take_means(rounds, first, end, forecast);
  forecast.all = rounds.back().end;
  if (known < all) {
    // The first round may open connections, which the later ones find open.
    TrainingForecast later;
    take_means(rounds, first == 0 && known > 1 ? 1 : first, end, later);
    forecast.all += static_cast<double>(all - known) * later.mean.round;
  }
  if (job.strategy().aggregates) {  // The closed form's own remark is about its limits.
    forecast.mean.note = is_asynchronous(job) ? "the mean time between two states" : "";
  }
  return forecast;
}

}  // namespace offcut::study
