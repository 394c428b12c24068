#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "sim/network/rate.h"

namespace offcut::network {

/// The stated figures of one link, around which its rate moves.
struct LinkFigures {
  bool upwards = true;
  double bandwidth = 0;   // In B/s, headers included.
  double payload = 1;     // The share of it that carries messages.
  std::uint64_t key = 0;  // The seed of the link's own random streams, the same both ways.
};

/// The course of bandwidths over time, without a link.
class RateModel {
 public:
  virtual ~RateModel() = default;
  /// Returns the rate at which the link carries messages. A model that is random makes all of its
  /// draws from streams of the link's key; both directions of a link rise and fall together.
  virtual Rate rate(const LinkFigures& link) const = 0;
  /// Returns the mean of the bandwidth in the long run.
  virtual double mean(bool /*upwards*/, double bandwidth) const { return bandwidth; }
  /// Returns whether all links with the same figures have the same rate.
  virtual bool is_common() const { return false; }
};

/// A kind of rates that move. Registered by one file of sim/network/rates/kinds/.
struct RateKind {
  std::string name;
  std::string doc;
  std::vector<ParameterSpec> parameters;
  /// Throws std::invalid_argument if a parameter does not fit the others: "NAME: message".
  std::unique_ptr<const RateModel> (*make)(const Parameters&);
};

/// Generated from sim/network/rates/kinds/*.cpp.
void register_rate_kinds(Registry<RateKind>& registry);

}  // namespace offcut::network
