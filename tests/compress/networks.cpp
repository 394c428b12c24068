#include "tests/compress/networks.h"

#include "models/graph/parameter_value.h"
#include "models/zoo/network.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::compress {

const Registry<Pass>& all_passes() { return train::filled_registry<Pass, register_passes>(); }

const train::Libraries& all_libraries() {
  static const train::Libraries libraries{train::all_operators(), train::all_gradients(),
                                          train::all_losses(), train::all_optimizers(),
                                          train::all_schedules()};
  return libraries;
}

Graph lenet5() {
  static const Registry<zoo::Network>& networks =
      train::filled_registry<zoo::Network, zoo::register_networks>();
  return networks.find("lenet5")->build(train::all_operators(), 1);
}

std::vector<SmallNetwork> small_networks() {
  std::vector<SmallNetwork> all;
  for (const train::ComparedNetwork& network : train::compared_networks()) {
    if (!network.from_file) {
      all.push_back({network.name, network.build()});
    }
  }
  return all;
}

dataset::Samples drawn_samples(const Graph& network, std::int64_t count) {
  const TensorType& input = network.tensor(network.inputs().front()).type;
  Shape shape = input.shape;
  shape[0] = count;
  dataset::Samples samples;
  samples.inputs = Tensor(TensorType{DataType::float32, shape});
  samples.labels = Tensor(TensorType{DataType::int64, {count}});
  RandomStream stream = random_stream(7, "samples");
  for (float& value : samples.inputs.values<float>()) {
    value = static_cast<float>(stream() % 1000) / 1000;
  }
  for (std::int64_t& label : samples.labels.values<std::int64_t>()) {
    label = static_cast<std::int64_t>(stream() % 4);
  }
  return samples;
}

std::vector<float> values_in(const Graph& graph, const std::string& parameter) {
  const Tensor value = parameter_value(graph.tensor(*graph.find_tensor(parameter)));
  return {value.values<float>().begin(), value.values<float>().end()};
}

Network applied(const std::string& text, const Network& network) {
  const ChosenPass chosen = make_pass(text, all_passes());
  return apply_pass(*chosen.pass, chosen.parameters, network, {.libraries = all_libraries()});
}

}  // namespace offcut::compress
