#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::codec {

/// The channels of a tensor: in row-major order, runs of elements belong to the channels 0, 1, ...,
/// 0, 1, ... in turn. Channels are axis 1 if there are two or more axes (N, C, H, W), else axis 0.
struct Channels {
  std::size_t count = 1;
  std::size_t run = 1;  // The elements of a run.

  std::size_t channel_of(std::size_t element) const { return element / run % count; }
};

Channels channels_of(const Shape& shape);

/// Returns the channels for codecs that send a range with each of them. A matrix counts as one
/// channel, because the ranges of its columns would take more bytes than the columns.
Channels ranged_channels_of(const Shape& shape);

/// Parses channel numbers and ranges of them, such as "0-3,7". Throws std::invalid_argument.
std::vector<std::size_t> parse_channels(const std::string& text);

}  // namespace offcut::codec
