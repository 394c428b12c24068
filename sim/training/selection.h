#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/base/units.h"

namespace offcut::training {

/// The knowledge of a server about a client.
struct KnownClient {
  std::size_t client = 0;
  std::int64_t samples = 0;
  std::optional<double> loss;    // Mean, of its last work.
  std::optional<Seconds> took;   // From the beginning of its last work until its update was there.
  std::int64_t last_round = -1;  // In which it was selected.
};

/// Chooses the clients of a round. One object per run. The same seed gives the same choices.
class Selection {
 public:
  virtual ~Selection() = default;
  /// Returns at most `count` clients of `free` (by client number, ascending), in ascending order.
  virtual std::vector<std::size_t> choose(const std::vector<KnownClient>& free, std::size_t count,
                                          std::int64_t round) = 0;
  /// Returns the clients of which it must know the loss of the server's state, before choose();
  /// power-of-choice asks a candidate set. Those are given as KnownClient::loss.
  virtual std::vector<std::size_t> asks(const std::vector<KnownClient>& /*free*/,
                                        std::size_t /*count*/, std::int64_t /*round*/) {
    return {};
  }
};

/// Registered by one file of sim/training/selection/.
struct SelectionKind {
  std::string name;
  std::string doc;
  std::string citation;
  std::vector<ParameterSpec> parameters;
  bool reads_losses = false;  // So that forecasts can't know whom it chooses.
  std::unique_ptr<Selection> (*make)(const Parameters&, std::uint64_t seed);
};

void register_selections(Registry<SelectionKind>& registry);  // From sim/training/selection.

}  // namespace offcut::training
