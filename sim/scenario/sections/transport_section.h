#pragma once

#include <optional>

#include "partition/transport.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kTransportKeys;

/// Reads the transport of a link from the key `transport`: none, or TCP with its settings. Without
/// the key, it is `base`.
std::optional<partition::Tcp> read_transport(MapReader& link,
                                             const std::optional<partition::Tcp>& base);

}  // namespace offcut::scenario
