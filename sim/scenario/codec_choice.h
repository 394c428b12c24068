#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/codec/choose.h"

namespace offcut::scenario {

/// The codecs of the tensors that cross a link: one for all, one for each of some tensors, or
/// candidates from which the algorithm chooses.
struct CodecChoice {
  struct Named {
    std::string tensor;  // Or a layer: then all tensors that it makes.
    codec::NamedCodec codec;
    Place place;
  };

  std::optional<codec::NamedCodec> all;
  std::vector<Named> some;
  std::vector<codec::NamedCodec> candidates;
  std::string cache;  // Folder of the candidates' measures; empty: that of the model's file.
  Place place;

  bool none() const { return !all && some.empty() && candidates.empty(); }
};

}  // namespace offcut::scenario
