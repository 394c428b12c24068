// Which samples a client adds to a step of data parallelism. Steps are numbered, so that all ways
// of synchronisation read the same samples.

#include "sim/training/joint_batch.h"

#include <algorithm>

#include "models/base/random.h"

namespace offcut::training {

std::vector<std::int64_t> share_of_batch(const Job& job, std::size_t client, std::int64_t step) {
  const std::vector<std::int64_t> own = job.data->samples[client];
  const auto count = static_cast<std::int64_t>(own.size());
  const std::int64_t batch = job.settings.batch;
  if (batch == 0 || batch >= count) {
    return own;
  }
  const std::int64_t each = steps_per_epoch(count, batch);
  const auto epoch = static_cast<std::uint64_t>((step - 1) / each);
  const std::uint64_t seed = random_stream(job.seed, "joint batch", client)();
  const std::vector<std::int64_t> order = dataset::shuffled(count, seed, epoch);
  const std::int64_t first = (step - 1) % each * batch;
  std::vector<std::int64_t> share;
  for (std::int64_t i = first; i < std::min(first + batch, count); ++i) {
    share.push_back(own[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])]);
  }
  return share;
}

Seconds time_of_gradient(const Job& job, std::size_t group, std::size_t client, std::int64_t step) {
  const std::int64_t count = job.data->samples.count(client);
  const std::int64_t full = job.settings.batch == 0 ? count : std::min(job.settings.batch, count);
  const std::int64_t each = steps_per_epoch(count, job.settings.batch);
  const bool is_last = step % each == 0;
  const StepParts step_parts = job.times->of(group, 0, is_last ? count - (each - 1) * full : full);
  return step_parts.forward + step_parts.backward;
}

}  // namespace offcut::training
