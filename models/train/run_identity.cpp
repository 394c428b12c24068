// Recognises the run that a saved state belongs to.

#include "models/train/run_identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/content_hash.h"
#include "models/graph/parameter_value.h"

namespace offcut::train {
namespace {

template <class T>
void add_named(ContentHash& hash, const Named& named, const Registry<T>& registry) {
  hash.add(named.name + ":");
  for (const ParameterSpec& spec : registry.find(named.name)->parameters) {
    hash.add(spec.is_text   ? named.parameters.text(spec.name)
             : spec.is_list ? fmt::format("{}", fmt::join(named.parameters.list(spec.name), ","))
                            : fmt::format("{}", named.parameters.at(spec.name)));
  }
}

void add_options(ContentHash& hash, const Libraries& libraries, const TrainerOptions& options) {
  hash.add(fmt::format("{} {} {} {} {} {} {}", options.epochs, options.batch, options.rate,
                       options.clip.value_or(0), options.clip.has_value(), options.seed,
                       options.checkpoints));
  add_named(hash, options.loss, libraries.losses);
  add_named(hash, options.optimizer, libraries.optimizers);
  for (const Named& schedule : options.schedules) {
    add_named(hash, schedule, libraries.schedules);
  }
  for (const Named& augmentation : options.augmentations) {
    add_named(hash, augmentation, libraries.augmentations);
  }
  hash.add(fmt::format("{}; {}", fmt::join(options.weights.only, ","),
                       fmt::join(options.weights.freeze, ",")));
  for (const Exit& exit : options.exits) {
    hash.add(fmt::format("{}={}", exit.output, exit.weight));
  }
  for (const auto& [name, rule] : options.rules) {
    hash.add(name);
  }
}

void add_graph(ContentHash& hash, const Graph& graph) {
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    hash.add(graph.layer(id).name + "/" + graph.layer(id).op_name);
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    hash.add(tensor.name + " " + to_text(tensor.type));
    if (tensor.is_parameter()) {
      hash.add(read_parameter(tensor).bytes());
    }
  }
}

}  // namespace

std::uint64_t run_identity(const Graph& network, const dataset::Samples& training,
                           const Libraries& libraries, const TrainerOptions& options) {
  ContentHash hash;
  add_options(hash, libraries, options);
  add_graph(hash, network);
  if (options.teacher != nullptr) {
    add_graph(hash, *options.teacher);
  }
  for (const Tensor* const tensor : {&training.inputs, &training.labels, &training.targets}) {
    hash.add(to_text(tensor->type()));
    hash.add(tensor->bytes());
  }
  return hash.value();
}

}  // namespace offcut::train
