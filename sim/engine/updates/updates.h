#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::engine {

/// When messages of a kind are sent: at given times, and from `first` on every so often.
struct UpdateSchedule {
  std::vector<Seconds> at;       // Ascending.
  std::optional<Seconds> every;  // None: only at the given times.
  Seconds first;

  /// Returns the time of the n-th one, from 0; none if there is none.
  std::optional<Seconds> time_of(std::size_t n) const;
};

/// New versions of a model's weights, pushed from the last tier towards the devices.
struct ModelUpdate {
  std::vector<std::size_t> classes;  // Those that run the model, ascending. At least one.
  UpdateSchedule schedule;
  /// By tier: the weights that each of its sites, or each device, gets. 0: the tier gets none. The
  /// last tier has a version as soon as it is pushed.
  std::vector<Bytes> bytes;
  bool is_background = false;
};

/// Data that each device, or each site of a later tier, uploads to the last tier for training.
struct DataUpload {
  std::size_t tier = 0;
  Bytes bytes;
  UpdateSchedule schedule;
  bool is_background = true;
};

/// The traffic of a run beside its requests.
///
/// A message of an update crosses one hop after the other and is received whole before it is sent
/// on. A push crosses a hop between two later tiers once for each site of the nearer one that
/// serves a device, with the weights of that tier and of all nearer ones; then each device gets its
/// own. Messages share links max-min with all others; those in the background progress only while
/// no message of a request is under way on any of their links. A message that is lost is sent again
/// as a whole when its link is up. None has TCP's stalls, keeps a run alive, or takes energy.
struct Updates {
  std::vector<ModelUpdate> models;
  std::vector<DataUpload> uploads;
};

}  // namespace offcut::engine
