#pragma once

#include <string>

#include "models/base/column_table.h"
#include "models/dataset/samples.h"
#include "sim/training/split.h"
#include "sim/training/strategy.h"

namespace offcut::analysis {

/// A client of a training job.
struct ClientRow {
  std::size_t client;
  const std::string& group;
  const training::ClientRecord& record;
  bool knows_energy;
};

/// A round of a training job.
struct RoundRow {
  const training::RoundRecord& record;
  bool knows_energy;
};

/// The samples of a class that a client holds; of a regression, or if it holds none, all of them.
struct ShareRow {
  std::size_t client;
  const std::string& group;
  std::int64_t samples;
  std::int64_t features;  // Of each sample.
  std::optional<std::int64_t> label;
  std::int64_t of_label;
};

/// The columns of rounds.csv, clients.csv and data.csv.
const ColumnTable<RoundRow>& round_table();
const ColumnTable<ClientRow>& client_table();
const ColumnTable<ShareRow>& share_table();

/// The groups of devices, for a column of names: that of a client is the last one that begins at or
/// before it.
struct ClientGroups {
  std::vector<std::size_t> firsts;  // The first client of each.
  std::vector<std::string> names;

  const std::string& of(std::size_t client) const;
};

/// The paths of files, which are not written if they are empty.
struct TrainingFiles {
  std::string rounds, clients, shares;
};

/// Writes the files. `knows_energy` says whether the power draw of the devices is known.
void write_training_tables(const training::TrainingRecord& record,
                           const dataset::Samples& samples, const training::ClientData& data,
                           const ClientGroups& groups, bool knows_energy,
                           const TrainingFiles& files);

}  // namespace offcut::analysis
