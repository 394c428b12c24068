// The times, bytes and orders of a client's work, from the job's settings. Times are sums of those
// of single steps, so that a forecast and a simulation add the same terms.

#include "sim/training/work_time.h"

#include <algorithm>
#include <cmath>

#include "models/base/random.h"

namespace offcut::training {
namespace {

std::int64_t full_batch(std::int64_t samples, std::int64_t batch) {
  return batch == 0 ? samples : std::min(batch, samples);
}

/// How often a client goes through its samples in a round, and in which batches.
struct Amount {
  std::int64_t epochs, batch;
};

Amount amount_of(const Job& job) {
  return job.aggregator != nullptr && job.aggregator->single_step
             ? Amount{1, 0}
             : Amount{job.settings.local_epochs, job.settings.batch};
}

}  // namespace

std::int64_t steps_per_epoch(std::int64_t samples, std::int64_t batch) {
  const std::int64_t full = full_batch(samples, batch);
  return full == 0 ? 0 : (samples + full - 1) / full;
}

Seconds time_of_steps(const StepTimes& times, Machine machine, std::int64_t samples,
                      std::int64_t batch, std::int64_t steps) {
  const std::int64_t full = full_batch(samples, batch);
  const std::int64_t each = steps_per_epoch(samples, batch);
  if (each == 0 || steps <= 0) {
    return {};
  }
  const std::int64_t rest = samples - (each - 1) * full;  // The last batch of an epoch.
  const std::int64_t small = rest < full ? steps / each : 0;
  Seconds time =
      static_cast<double>(steps - small) * times.of(machine.group, machine.level, full).all();
  if (small > 0) {
    time += static_cast<double>(small) * times.of(machine.group, machine.level, rest).all();
  }
  return time;
}

Seconds time_of_work(const StepTimes& times, Machine machine, const LocalWork& work) {
  return time_of_steps(times, machine, static_cast<std::int64_t>(work.samples.size()), work.batch,
                       work.steps());
}

std::int64_t steps_within(const StepTimes& times, Machine machine, const LocalWork& work,
                          Seconds limit) {
  std::int64_t most = work.steps();
  std::int64_t least = 1;
  const auto samples = static_cast<std::int64_t>(work.samples.size());
  while (least < most) {  // The time grows with the steps.
    const std::int64_t middle = least + (most - least + 1) / 2;
    if (time_of_steps(times, machine, samples, work.batch, middle) <= limit) {
      least = middle;
    } else {
      most = middle - 1;
    }
  }
  return least;
}

Seconds time_of_loss(const StepTimes& times, Machine machine, std::int64_t samples,
                     std::int64_t batch) {
  const std::int64_t full = full_batch(samples, batch);
  const std::int64_t each = steps_per_epoch(samples, batch);
  if (each == 0) {
    return {};
  }
  return static_cast<double>(each - 1) * times.forward(machine.group, machine.level, full) +
         times.forward(machine.group, machine.level, samples - (each - 1) * full);
}

Bytes bytes_of_sample(const Graph& network, const dataset::Samples& samples, double share) {
  double bytes = 0;
  for (const TensorId input : network.inputs()) {
    bytes += share * network.wire_bytes(input);
  }
  if (!samples.targets.absent()) {
    bytes += static_cast<double>(samples.targets.bytes().size()) /
             static_cast<double>(std::max<std::int64_t>(1, samples.count()));
  } else if (!samples.labels.absent()) {
    std::int64_t values = 256;
    for (bytes += 1; values < samples.classes(); values *= 256) {
      bytes += 1;
    }
  }
  return Bytes(bytes);
}

Bytes bytes_of_model(const Graph& network) {
  double bytes = 0;
  for (TensorId id = 0; id < network.tensor_count(); ++id) {
    const TensorNode& tensor = network.tensor(id);
    if (tensor.is_parameter()) {
      bytes += static_cast<double>(tensor.type.bytes());
    }
  }
  return Bytes(bytes);
}

double rate_in(const StrategySettings& settings, std::int64_t round) {
  return settings.rate * std::pow(settings.rate_decay, static_cast<double>(round - 1));
}

LocalWork work_of(const Job& job, std::size_t client, std::int64_t round) {
  const Amount amount = amount_of(job);
  return {.samples = job.data->samples[client],
          .epochs = amount.epochs,
          .batch = amount.batch,
          .rate = rate_in(job.settings, round),
          .seed = random_stream(job.seed, "client work", client)(),
          .round = static_cast<std::uint64_t>(round)};
}

Seconds time_of_client(const Job& job, Machine machine, std::size_t client) {
  const Amount amount = amount_of(job);
  const std::int64_t samples = job.data->samples.count(client);
  return time_of_steps(*job.times, machine, samples, amount.batch,
                       amount.epochs * steps_per_epoch(samples, amount.batch));
}

}  // namespace offcut::training
