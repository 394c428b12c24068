#pragma once

#include <string>
#include <vector>

#include "models/base/column_table.h"
#include "models/base/error.h"
#include "models/base/units.h"
#include "models/cost/layer_features.h"

namespace offcut::cost {

/// The measured time of a layer.
struct ProfileRow {
  std::string model;
  std::int64_t batch = 1;
  std::int64_t threads = 1;
  std::string layer;
  std::string kernel;  // what computed it, as the measuring tool calls it
  double median = 0;   // seconds
  double spread = 0;   // inter-quartile range of the rounds, seconds
  LayerFeatures features;
};

/// Measured layer times, of one model or of several.
struct Profile {
  std::string path;  // where it was read from
  std::vector<ProfileRow> rows;
};

/// A row for each layer, without times.
std::vector<ProfileRow> profile_rows(const Graph& graph, std::int64_t batch, std::int64_t threads);

/// Reads a profile as write_profile() and `offcut profile` write it. The columns may stand in any
/// order; all but `layer` and `median_s` may be left out. Throws InputError with every error.
Profile read_profile(const std::string& path);

/// Throws InputError if the file can't be written.
void write_profile(const std::vector<ProfileRow>& rows, const std::string& path);

/// What the columns of a profile mean.
TableText profile_table_text();

/// The time of each layer of `graph`, by id, from the rows of batch 1. Where the profile holds
/// several models, those of the graph's own name count; where it holds one, its name does not
/// matter. Throws InputError at `place` with the layers that are missing and the nearest names.
std::vector<Seconds> times_from(const Profile& profile, const Graph& graph, const Place& place,
                                const std::string& what);

}  // namespace offcut::cost
