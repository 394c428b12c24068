#pragma once

#include <cstdint>
#include <vector>

#include "sim/training/job_run.h"

namespace offcut::training {

/// Returns a client's share of the joint batch of a step of data parallelism, counted from 1: the
/// next `batch` of its samples in an order that each of its epochs draws anew. The last batch of an
/// epoch may be smaller; batch 0 is all of its samples.
std::vector<std::int64_t> share_of_batch(const Job& job, std::size_t client, std::int64_t step);

/// Returns the time of the share's gradient on the client's machine, in a step.
Seconds time_of_gradient(const Job& job, std::size_t group, std::size_t client, std::int64_t step);

}  // namespace offcut::training
