#pragma once

#include <algorithm>

#include "sim/training/strategy.h"

namespace offcut::training {

/// A job with all samples on the first device, as where layers are divided instead of samples. A
/// base of strategies, before the one that reads the job.
struct GatheredJob {
  explicit GatheredJob(const Job& original) : gathered(original) {
    data.samples.resize(original.data->samples.size());
    std::vector<std::int64_t>& all = data.samples.front();
    for (const std::vector<std::int64_t>& samples : original.data->samples) {
      all.insert(all.end(), samples.begin(), samples.end());
    }
    std::sort(all.begin(), all.end());
    gathered.data = &data;
  }
  GatheredJob(const GatheredJob&) = delete;
  GatheredJob& operator=(const GatheredJob&) = delete;

  ClientData data;
  Job gathered;
};

}  // namespace offcut::training
