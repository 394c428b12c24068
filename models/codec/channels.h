#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::codec {

/// A tensor's channels: runs of elements in row-major order that belong to the channels 0, 1, ...,
/// 0, 1, ... in turn. Axis 1 where there are two or more (N, C, H, W), or else axis 0.
struct Channels {
  std::size_t count = 1;
  std::size_t run = 1;  // elements

  std::size_t of(std::size_t element) const { return element / run % count; }
};

Channels channels_of(const Shape& shape);

/// The same where each channel has numbers of its own to send: a matrix counts as one channel, for
/// a range for each of its columns would be larger than they are.
Channels ranged_channels_of(const Shape& shape);

/// Parses "0-3,7": channel numbers and ranges of them. Throws std::invalid_argument.
std::vector<std::size_t> parse_channels(const std::string& text);

}  // namespace offcut::codec
