#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "models/base/error.h"
#include "models/base/units.h"
#include "models/cost/layer_features.h"
#include "models/graph/measured_times.h"

namespace offcut::cost {

/// The measured time of a layer.
struct ProfileRow {
  std::string model;
  std::int64_t batch = 1;
  std::int64_t threads = 1;
  std::string layer;
  std::string kernel;  // The measuring tool's name of the kernel.
  double median = 0;   // Seconds.
  double spread = 0;   // The interquartile range over rounds, in seconds.
  LayerFeatures features;
  Place place;  // Of the layer's name, if a file was read.
};

/// Measured layer times of one or several models.
struct Profile {
  std::string path;  // The file that it was read from.
  std::vector<ProfileRow> rows;
};

/// Returns a row for each layer, without times.
std::vector<ProfileRow> profile_rows(const Graph& graph, std::int64_t batch, std::int64_t threads);

/// Reads a profile as write_profile() and `offcut profile` write it. The columns may be in any
/// order; all but `layer` and `median_s` are optional. Throws InputError with every error.
Profile read_profile(const std::string& path);

/// Throws InputError if the file can't be written.
void write_profile(const std::vector<ProfileRow>& rows, const std::string& path);

/// Returns the descriptions of the columns of a profile.
TableText profile_table_text();

/// Returns the times of each layer of `graph`, by id, at all batch sizes of the profile. If the
/// profile has several models, only the one with the graph's name counts; if it has one, its name
/// does not matter. Throws InputError at `place` for `key` if batch 1 was not measured, and with
/// the layers that are missing at a batch size and the nearest names; and at a row whose layer was
/// measured with other work than it has in the graph.
MeasuredTimes times_from(const Profile& profile, const Graph& graph, const Place& place,
                         const std::string& key);

}  // namespace offcut::cost
