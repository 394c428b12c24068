#pragma once

#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::network {

/// The speed of a client.
struct Capacity {
  Seconds computation;           // For a sample of the trace's reference model.
  BytesPerSecond communication;  // Of its link, each way.
};

/// Reads the capacities of clients in the form of FedScale (Lai et al., ICML 2022;
/// benchmark/dataset/data/device_info/README.md): `computation` in ms, and `communication` in
/// kbit/s. The file is JSON, a list or a map by client of maps with these two keys, or CSV with the
/// columns `client, computation, communication`.
///
/// Returns the clients in the order of the file. Throws InputError with every error in the file.
std::vector<Capacity> read_capacity_trace(const std::string& path);

/// Returns the mean time of a computation. REQUIRES: there is one.
Seconds mean_computation(const std::vector<Capacity>& clients);

}  // namespace offcut::network
