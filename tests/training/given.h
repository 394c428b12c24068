#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/zoo/builder.h"
#include "sim/training/client_samples.h"
#include "sim/training/local_trainer.h"

namespace offcut::training {

const train::Libraries& given_libraries();
LocalSettings given_settings(const std::string& loss = "cross-entropy",
                             const std::string& optimizer = "sgd");

/// A network of the zoo, or one made by the function.
Graph zoo_network(const std::string& name);
Graph made_network(const std::function<TensorId(zoo::NetworkBuilder&)>& build,
                   std::uint64_t seed = 5);

/// The first shipped digits for training.
const dataset::Samples& given_digits();
dataset::Samples first_digits(std::int64_t count);

/// Samples 0 to count - 1.
std::vector<std::int64_t> first_numbers(std::int64_t count);

/// The samples of each client.
std::vector<ClientSamples::Numbers> lists(const ClientSamples& samples);

/// The largest difference of two states.
double largest_difference(const State& a, const State& b);

}  // namespace offcut::training
