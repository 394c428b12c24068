#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/base/units.h"

namespace offcut::cost {

/// A measured latency of a whole network, as a user has it.
struct LatencyRow {
  std::string network;  // A name or a file: "resnet50", "mine/detector.onnx".
  std::int64_t batch = 1;
  std::string precision = "fp32";
  Seconds latency;  // Of the whole batch.
  Place place;      // Of the network.
};

/// Reads a CSV file with the columns network and latency_s, and maybe batch and precision (fp32,
/// tf32, fp16, bf16 or int8). Throws InputError with every error.
std::vector<LatencyRow> read_latencies(const std::string& path);

}  // namespace offcut::cost
