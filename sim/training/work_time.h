#pragma once

#include <cmath>
#include <cstdint>

#include "sim/training/local_trainer.h"
#include "sim/training/step_times.h"
#include "sim/training/strategy.h"

namespace offcut::training {

/// A machine on the way of a group's devices.
struct Machine {
  std::size_t group = 0;
  std::size_t level = 0;
};

/// Returns the steps of an epoch: the last one may have a smaller batch. Batch 0: one step.
std::int64_t steps_per_epoch(std::int64_t samples, std::int64_t batch);

/// Returns the time of a client's first `steps` steps: forward, backward and update of each, where
/// the last, smaller batch of an epoch has its own time.
Seconds time_of_steps(const StepTimes& times, Machine machine, std::int64_t samples,
                      std::int64_t batch, std::int64_t steps);
Seconds time_of_work(const StepTimes& times, Machine machine, const LocalWork& work);

/// Returns the most steps of the work that end within a time; at least one.
std::int64_t steps_within(const StepTimes& times, Machine machine, const LocalWork& work,
                          Seconds limit);

/// Returns the time of a loss over the samples, in batches.
Seconds time_of_loss(const StepTimes& times, Machine machine, std::int64_t samples,
                     std::int64_t batch);

/// Returns the bytes of a sample on its way: the network's inputs as at their source (an image has
/// a byte for each value), and its label in as few bytes as tell the classes apart, or its targets
/// as floats. `share` is that of the features.
Bytes bytes_of_sample(const Graph& network, const dataset::Samples& samples, double share = 1);

/// Returns a number of bytes that should be whole, without the errors of its arithmetic.
inline Bytes whole(Bytes bytes) { return Bytes(std::round(bytes.si())); }
/// Returns so many bytes rounded up, as messages are.
inline Bytes rounded_up(Bytes bytes) { return Bytes(std::ceil(bytes.si())); }

/// Returns the bytes of all parameters of a network, frozen ones included.
Bytes bytes_of_model(const Graph& network);

/// Returns what a client is to do in a round by the job's settings, without an aggregator's part.
LocalWork work_of(const Job& job, std::size_t client, std::int64_t round);
/// Returns the time of that work. Only the number of samples matters, so that forecasts for a
/// million clients don't ask for the samples themselves.
Seconds time_of_client(const Job& job, Machine machine, std::size_t client);
double rate_in(const StrategySettings& settings, std::int64_t round);

}  // namespace offcut::training
