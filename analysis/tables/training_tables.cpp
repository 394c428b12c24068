// The columns of the files of a training job: its rounds, its clients, and what these hold.

#include "analysis/tables/training_tables.h"

#include <algorithm>
#include <array>
#include <map>

namespace offcut::analysis {
namespace {

/// An energy, which is unknown without the power draws of devices.
template <class Row>
std::optional<Joules> energy_of(const Row& row) {
  return row.knows_energy ? std::optional(row.record.energy) : std::nullopt;
}

constexpr auto kRoundColumns = std::to_array<Column<RoundRow>>({
    {"round", "",
     "The number of the round, from 1 on. Of a strategy without rounds, a global step or an update "
     "of the server. The last row may be a round that was under way when the training ended.",
     [](const RoundRow& row) { return row.record.round; }},
    {"start_s", "s", "The simulated time at which the round began.",
     [](const RoundRow& row) { return row.record.start; }},
    {"end_s", "s", "The simulated time at which the server had its new state.",
     [](const RoundRow& row) { return row.record.end; }},
    {"round_s", "s", "`end_s` - `start_s`: the sum of the three parts below.",
     [](const RoundRow& row) { return row.record.end - row.record.start; }},
    {"selected", "", "The devices that were selected: the sum of the next three columns.",
     [](const RoundRow& row) { return row.record.selected; }},
    {"participants", "", "The devices whose updates count.",
     [](const RoundRow& row) { return row.record.participants; }},
    {"late", "", "The devices whose updates came after the end of the round.",
     [](const RoundRow& row) { return row.record.late; }},
    {"lost", "",
     "The devices of which a machine or a link went down before their update was there.",
     [](const RoundRow& row) { return row.record.lost; }},
    {"up_bytes", "bytes",
     "The bytes that messages carried away from the devices since the round before ended, over "
     "all hops, as `task_bytes` of links.csv counts it: a payload that crosses two hops counts "
     "twice, and a message that a failure cut short does not count.",
     [](const RoundRow& row) { return row.record.bytes_up; }},
    {"down_bytes", "bytes", "The same towards the devices.",
     [](const RoundRow& row) { return row.record.bytes_down; }},
    {"compute_s", "s",
     "The computing time on the slowest way through the round: the tasks of the slowest "
     "participant and of the server, each of which began when the one before had ended.",
     [](const RoundRow& row) { return row.record.compute; }},
    {"communication_s", "s",
     "The time of messages on that way, from their sending to their arrival: contention for links "
     "included.",
     [](const RoundRow& row) { return row.record.communication; }},
    {"waiting_s", "s",
     "The rest of the round: queues of machines, deadlines, and what was down. It is the whole of "
     "a round that the end of the run cut short.",
     [](const RoundRow& row) { return row.record.waiting; }},
    {"rate", "", "The learning rate of the devices.",
     [](const RoundRow& row) { return row.record.rate; }},
    {"loss", "",
     "The mean loss over the participants' samples, while they trained. Empty without a "
     "participant.",
     [](const RoundRow& row) {
       return row.record.participants > 0 ? std::optional(row.record.loss) : std::nullopt;
     }},
    {"test_loss", "",
     "The loss of the server's new state on the test samples. Empty if it was not judged.",
     [](const RoundRow& row) { return row.record.test_loss; }},
    {"accuracy", "",
     "The share of right answers of the server's new state among the test samples, or among those "
     "for training if the data set has none for tests. Empty if it was not judged, and for a "
     "regression.",
     [](const RoundRow& row) { return row.record.accuracy; }},
    {"energy_j", "J",
     "The energy of all devices during the round, machines and radios. Empty if a power draw is "
     "unknown.",
     [](const RoundRow& row) { return energy_of(row); }},
});

constexpr auto kClientColumns = std::to_array<Column<ClientRow>>({
    {"client", "", "The number of the device, from 0 on.",
     [](const ClientRow& row) { return row.client; }},
    {"group", "", "The name of its group of devices, or of its tier.",
     [](const ClientRow& row) { return std::string_view(row.group); }},
    {"samples", "", "The training samples that it holds.",
     [](const ClientRow& row) { return row.record.samples; }},
    {"selected", "",
     "The number of rounds for which it was selected: the sum of the next three columns.",
     [](const ClientRow& row) { return row.record.selected; }},
    {"counted", "", "The rounds in which its update counted.",
     [](const ClientRow& row) { return row.record.counted; }},
    {"late", "", "The rounds that had ended before its update came.",
     [](const ClientRow& row) { return row.record.late; }},
    {"lost", "", "The rounds in which its machine or link went down.",
     [](const ClientRow& row) { return row.record.lost; }},
    {"steps", "", "The steps of its optimiser.",
     [](const ClientRow& row) { return row.record.steps; }},
    {"compute_s", "s", "The time for which it computed.",
     [](const ClientRow& row) { return row.record.compute; }},
    {"communication_s", "s",
     "The time for which messages on its way were under way, from their sending to their arrival, "
     "and it did not compute.",
     [](const ClientRow& row) { return row.record.communication; }},
    {"waiting_s", "s",
     "The time for which it was part of a round and did neither. Work after the end of the round, "
     "of a late device, is no waiting.",
     [](const ClientRow& row) { return row.record.waiting; }},
    {"up_bytes", "bytes",
     "The bytes that messages on its way carried away from the devices, over all hops, as in "
     "rounds.csv, loading included.",
     [](const ClientRow& row) { return row.record.bytes_up; }},
    {"down_bytes", "bytes", "The same towards the devices.",
     [](const ClientRow& row) { return row.record.bytes_down; }},
    {"energy_j", "J",
     "Its energy over the run, machine and radio. Empty if a power draw is unknown.",
     [](const ClientRow& row) { return energy_of(row); }},
});

constexpr auto kShareColumns = std::to_array<Column<ShareRow>>({
    {"client", "", "The number of the device, from 0 on.",
     [](const ShareRow& row) { return row.client; }},
    {"group", "", "The name of its group of devices, or of its tier.",
     [](const ShareRow& row) { return std::string_view(row.group); }},
    {"samples", "", "The training samples that it holds.",
     [](const ShareRow& row) { return row.samples; }},
    {"features", "",
     "The numbers of each sample that it holds: all of them, unless the data is split by feature.",
     [](const ShareRow& row) { return row.features; }},
    {"class", "", "A class of which it holds samples. Empty for a regression, and without samples.",
     [](const ShareRow& row) { return row.label; }},
    {"class_samples", "",
     "Its samples of this class; of a regression, all of them. 0 without samples.",
     [](const ShareRow& row) { return row.of_label; }},
});

constexpr ColumnTable<RoundRow> kRoundTable{
    "rounds.csv",
    "A row per round of a training job, in the order of their ends; of the chosen run. Only with "
    "`training`.",
    kRoundColumns,
    "`analysis/tables/training_tables.cpp`, from `RoundRecord` in `sim/training/strategy.h`. "
    "Rounds are counted in `sim/training/round_books.cpp`, their bytes in "
    "`sim/training/task_book.cpp`."};

constexpr ColumnTable<ClientRow> kClientTable{
    "clients.csv", "A row per device of a training job; of the chosen run. Only with `training`.",
    kClientColumns,
    "`analysis/tables/training_tables.cpp`, from `ClientRecord` in `sim/training/strategy.h`."};

constexpr ColumnTable<ShareRow> kShareTable{
    "data.csv",
    "The data of each device of a training job: a row per device and class. Only with `training`.",
    kShareColumns,
    "`analysis/tables/training_tables.cpp`, from `ClientData` in `sim/training/split.h`, which the "
    "splits in `sim/training/splits` make."};

void write_rounds(const training::TrainingRecord& record, bool knows_energy,
                  const std::string& path) {
  TableWriter<RoundRow> file(path, kRoundColumns);
  for (const training::RoundRecord& round : record.rounds) {
    file.add({round, knows_energy});
  }
  file.close();
}

void write_clients(const training::TrainingRecord& record, const ClientGroups& groups,
                   bool knows_energy, const std::string& path) {
  TableWriter<ClientRow> file(path, kClientColumns);
  for (std::size_t client = 0; client < record.clients.size(); ++client) {
    file.add({client, groups.of(client), record.clients[client], knows_energy});
  }
  file.close();
}

void write_shares(const dataset::Samples& samples, const training::ClientData& data,
                  const ClientGroups& groups, const std::string& path) {
  TableWriter<ShareRow> file(path, kShareColumns);
  const std::int64_t all_features = elements(samples.item());
  for (std::size_t client = 0; client < data.samples.size(); ++client) {
    const std::vector<std::int64_t> own = data.samples[client];
    ShareRow row{.client = client,
                 .group = groups.of(client),
                 .samples = static_cast<std::int64_t>(own.size()),
                 .features = data.features.empty()
                                 ? all_features
                                 : static_cast<std::int64_t>(data.features.at(client).size()),
                 .label = std::nullopt,
                 .of_label = static_cast<std::int64_t>(own.size())};
    if (own.empty() || samples.labels.absent()) {
      file.add(row);
      continue;
    }
    std::map<std::int64_t, std::int64_t> by_label;
    const auto labels = samples.labels.values<std::int64_t>();
    for (const std::int64_t sample : own) {
      ++by_label[labels[static_cast<std::size_t>(sample)]];
    }
    for (const auto& [label, count] : by_label) {
      row.label = label;
      row.of_label = count;
      file.add(row);
    }
  }
  file.close();
}

}  // namespace

const ColumnTable<RoundRow>& round_table() { return kRoundTable; }
const ColumnTable<ClientRow>& client_table() { return kClientTable; }
const ColumnTable<ShareRow>& share_table() { return kShareTable; }

const std::string& ClientGroups::of(std::size_t client) const {
  const auto after = std::upper_bound(firsts.begin(), firsts.end(), client);
  return names.at(static_cast<std::size_t>(after - firsts.begin()) - 1);
}

void write_training_tables(const training::TrainingRecord& record, const dataset::Samples& samples,
                           const training::ClientData& data, const ClientGroups& groups,
                           bool knows_energy, const TrainingFiles& files) {
  if (!files.rounds.empty()) {
    write_rounds(record, knows_energy, files.rounds);
  }
  if (!files.clients.empty()) {
    write_clients(record, groups, knows_energy, files.clients);
  }
  if (!files.shares.empty()) {
    write_shares(samples, data, groups, files.shares);
  }
}

}  // namespace offcut::analysis
