#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/codec/choose.h"

namespace offcut::scenario {

/// With which codecs a plan sends what crosses: the same for all tensors, one for each of those
/// that are named, or one of several that the algorithm chooses.
struct CodecChoice {
  struct Named {
    std::string of;  // a tensor, or a layer: then all that it makes
    codec::NamedCodec codec;
    Place place;
  };

  std::optional<codec::NamedCodec> all;
  std::vector<Named> some;
  std::vector<codec::NamedCodec> candidates;
  std::string cache;  // folder of what was measured of candidates; empty: that of the model's file
  Place place;

  bool none() const { return !all && some.empty() && candidates.empty(); }
};

}  // namespace offcut::scenario
