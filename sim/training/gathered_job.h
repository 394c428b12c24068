#pragma once

#include <algorithm>

#include "sim/training/strategy.h"

namespace offcut::training {

/// A job with all samples on the first device, as where layers are divided instead of samples. A
/// base of strategies, before the one that reads the job.
struct GatheredJob {
  explicit GatheredJob(const Job& original) : gathered(original) {
    std::vector<ClientSamples::Numbers> by_client(original.data->samples.size());
    ClientSamples::Numbers& all = by_client.front();
    for (std::size_t client = 0; client < by_client.size(); ++client) {
      const ClientSamples::Numbers own = original.data->samples[client];
      all.insert(all.end(), own.begin(), own.end());
    }
    std::sort(all.begin(), all.end());
    data.samples = ClientSamples(std::move(by_client));
    gathered.data = &data;
  }
  GatheredJob(const GatheredJob&) = delete;
  GatheredJob& operator=(const GatheredJob&) = delete;

  ClientData data;
  Job gathered;
};

}  // namespace offcut::training
