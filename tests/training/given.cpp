#include "tests/training/given.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/dataset/open.h"
#include "models/zoo/network.h"
#include "tests/paths.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::training {

const train::Libraries& given_libraries() {
  static const train::Libraries libraries{train::all_operators(), train::all_gradients(),
                                          train::all_losses(),    train::all_optimizers(),
                                          train::all_schedules(), train::all_augmentations()};
  return libraries;
}

LocalSettings given_settings(const std::string& loss, const std::string& optimizer) {
  return {.loss = named_from(loss, "loss", train::all_losses()),
          .optimizer = named_from(optimizer, "optimiser", train::all_optimizers())};
}

Graph zoo_network(const std::string& name) {
  const auto& networks = train::filled_registry<zoo::Network, zoo::register_networks>();
  return networks.find(name)->build(train::all_operators(), 1);
}

Graph made_network(const std::function<TensorId(zoo::NetworkBuilder&)>& build, std::uint64_t seed) {
  Graph graph("made");
  zoo::NetworkBuilder net(graph, train::all_operators(), seed);
  graph.add_output(build(net));
  return graph;
}

const dataset::Samples& given_digits() {
  static const dataset::Samples digits =
      dataset::open_dataset("digits", train::all_sets(), source_path("models/data"), "--dataset")
          .training;
  return digits;
}

dataset::Samples first_digits(std::int64_t count) { return given_digits().part(0, count); }

std::vector<std::int64_t> first_numbers(std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::vector<ClientSamples::Numbers> lists(const ClientSamples& samples) {
  std::vector<ClientSamples::Numbers> all;
  for (std::size_t client = 0; client < samples.size(); ++client) {
    all.push_back(samples[client]);
  }
  return all;
}

double largest_difference(const State& a, const State& b) {
  double most = a.size() == b.size() ? 0 : HUGE_VAL;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    most = std::max(most, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return most;
}

}  // namespace offcut::training
