// The columns of summary.csv on a training job: sums and last figures of its rounds.

#include "analysis/tables/summary_training.h"

#include <array>

#include "analysis/statistics/energy_totals.h"

namespace offcut::analysis {
namespace {

/// A figure of the run's training; empty without one.
template <class Value>
struct OfTraining {
  auto operator()(const SummaryRow& row) const {
    const auto& training = row.run.training;
    return training ? std::optional(Value()(*training)) : std::nullopt;
  }
};

template <class Value>
constexpr OfTraining<Value> of_training(Value /*value*/) {
  return {};
}

/// The same of a figure that a training may lack.
template <auto kFigure>
struct IfKnown {
  auto operator()(const SummaryRow& row) const {
    const auto& training = row.run.training;
    return training ? (*training).*kFigure : std::nullopt;
  }
};

/// Returns the energy of the devices over all rounds.
std::optional<Joules> training_energy(const SummaryRow& row) {
  const auto& training = row.run.training;
  return training && device_energy(row.run.record) ? std::optional(training->energy) : std::nullopt;
}

constexpr auto kTrainingColumns = std::to_array<Column<SummaryRow>>({
    {"training", "",
     "The strategy or the aggregator by which the devices trained. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return std::string_view(t.strategy); })},
    {"rounds", "",
     "The rounds of the training that ended; rounds.csv has them. Empty without "
     "`training`.",
     of_training([](const TrainingSummary& t) { return t.rounds; })},
    {"time_to_accuracy_s", "s",
     "The simulated time at which the model had the accuracy at which the training stops. Empty if "
     "none is given, or it was not reached.",
     IfKnown<&TrainingSummary::reached>{}},
    {"training_target", "",
     "The accuracy at which the training stops. Empty if none is given, and without `training`.",
     IfKnown<&TrainingSummary::target>{}},
    {"training_end", "",
     "Why the training ended: after `all rounds`, at the `accuracy` or the `time` of its `stop`; "
     "`stuck` if its messages or computations failed again and again; `unfinished` if the run "
     "ended before. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return end_text(t.end); })},
    {"training_s", "s", "The simulated time at which the training ended. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.duration; })},
    {"training_accuracy", "",
     "The accuracy of the model at the last judgement, as in rounds.csv. Empty without one.",
     IfKnown<&TrainingSummary::accuracy>{}},
    {"training_best_accuracy", "", "The highest accuracy of all judgements. Empty without one.",
     IfKnown<&TrainingSummary::best_accuracy>{}},
    {"training_test_loss", "",
     "The loss on the test samples at the last judgement. Empty without one.",
     IfKnown<&TrainingSummary::test_loss>{}},
    {"training_up_bytes", "bytes",
     "The sum of `up_bytes` over rounds.csv. With `training_loading_up_bytes` and "
     "`training_after_up_bytes`, it is that of `task_bytes` over links.csv. Empty without "
     "`training`.",
     of_training([](const TrainingSummary& t) { return t.up; })},
    {"training_down_bytes", "bytes", "The same of `down_bytes`. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.down; })},
    {"training_energy_j", "J",
     "The energy of all devices during the rounds. Empty if a power draw is unknown.",
     [](const SummaryRow& row) { return training_energy(row); }},
    {"training_compute_s", "s", "The sum of `compute_s` over rounds.csv. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.compute; })},
    {"training_communication_s", "s",
     "The sum of `communication_s` over rounds.csv. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.communication; })},
    {"training_waiting_s", "s", "The sum of `waiting_s` over rounds.csv. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.waiting; })},
    {"training_updates", "", "The updates of devices that counted. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.participants; })},
    {"training_late", "",
     "The updates that came after the end of their round. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.late; })},
    {"training_lost", "",
     "The updates that failures of machines and links prevented. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.lost; })},
    {"training_loading_s", "s",
     "The time of loading samples and models, summed over devices: T = sum T_i(D_i). "
     "Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.loading_total(); })},
    {"training_loading_longest_s", "s",
     "The time of loading until the first round could begin: that of the slowest device. Empty "
     "without `training`.",
     of_training([](const TrainingSummary& t) { return t.loading_longest(); })},
    {"training_sync_s", "s",
     "The time of all messages of rounds, summed over devices: S = sum S_i(D_i). Empty "
     "without `training`.",
     of_training([](const TrainingSummary& t) { return t.sync; })},
    {"training_loading_up_bytes", "bytes",
     "The bytes that messages carried away from the devices before the first round, over all "
     "hops. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.of_loading.up; })},
    {"training_loading_down_bytes", "bytes",
     "The same towards the devices. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.of_loading.down; })},
    {"training_after_up_bytes", "bytes",
     "The bytes that messages carried away from the devices after the end of the training, over "
     "all hops: updates of late devices. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.after_end.up; })},
    {"training_after_down_bytes", "bytes",
     "The same towards the devices. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.after_end.down; })},
    {"training_sites_up_bytes", "bytes",
     "The bytes that sites sent to the server for all of their devices, over all hops. Its rounds "
     "have it, but no device in clients.csv. 0 unless the strategy is `hierarchical`. Empty "
     "without `training`.",
     of_training([](const TrainingSummary& t) { return t.of_sites.up; })},
    {"training_sites_down_bytes", "bytes",
     "The same from the server to the sites. Empty without `training`.",
     of_training([](const TrainingSummary& t) { return t.of_sites.down; })},
});

}  // namespace

std::span<const Column<SummaryRow>> training_columns() { return kTrainingColumns; }

}  // namespace offcut::analysis
