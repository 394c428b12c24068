#pragma once

#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/dataset/samples.h"
#include "sim/training/client_samples.h"

namespace offcut::training {

/// The data of each client. Horizontal splits give each sample to at most one client, unless they
/// overlap; `by-feature` gives each client all samples, with some of their features.
struct ClientData {
  ClientSamples samples;
  std::vector<std::vector<std::int64_t>> features;  // By client, of a vertical split; else empty.
};

/// A way to divide samples among clients. Registered by one file of sim/training/splits/.
struct SplitKind {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters;
  bool by_feature = false;
  bool overlaps = false;  // A sample may belong to several clients.
  /// The same seed gives the same split. Throws std::invalid_argument if it can't be: more clients
  /// than samples, or no labels.
  ClientData (*divide)(const Parameters&, const dataset::Samples&, std::size_t clients,
                       std::uint64_t seed);
};

void register_splits(Registry<SplitKind>& registry);  // Generated from sim/training/splits.

}  // namespace offcut::training
