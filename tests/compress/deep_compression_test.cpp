// Deep Compression of LeNet-5 on real digits: pruning, sharing, Huffman codes, with training after
// each step (Han, Mao, Dally, ICLR 2016). The paper has 12 times fewer weights and 39 times fewer
// bytes for a LeNet-5 of 431,000 weights; this one has 61,706.

#include <doctest/doctest.h>

#include "models/compress/size.h"
#include "models/dataset/open.h"
#include "tests/compress/networks.h"
#include "tests/paths.h"
#include "tests/train/registries.h"

namespace offcut::compress::deep_compression_test {
namespace {

dataset::Dataset digits() {
  static const Registry<dataset::SetKind>& sets =
      train::filled_registry<dataset::SetKind, dataset::register_sets>();
  return dataset::open_dataset("digits", sets, source_path("models/data"), "digits");
}

/// Trains the network by Adam with a cosine schedule, and keeps its rules.
void train_epochs(Network& network, const dataset::Samples& samples, std::int64_t epochs,
                  double rate) {
  train::TrainerOptions options{.epochs = epochs, .rate = rate};
  options.loss = named_from("cross-entropy", "loss", all_libraries().losses);
  options.optimizer = named_from("adam", "optimiser", all_libraries().optimizers);
  options.schedules = {named_from("cosine", "schedule", all_libraries().schedules)};
  options.rules = network.rules;
  train::Trainer trainer(network.graph, samples, all_libraries(), options);
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
    trainer.run_epoch();
  }
  network.graph = trainer.network();
}

double accuracy_of(const Network& network, const dataset::Samples& samples) {
  return train::judge(network.graph, samples, all_libraries(),
                      named_from("cross-entropy", "loss", all_libraries().losses))
      .accuracy;
}

}  // namespace

TEST_CASE("LeNet-5 on digits: 10 times fewer weights, 30 times fewer bytes, within 0.3 points" *
          doctest::test_suite("slow")) {
  const dataset::Dataset data = digits();
  Network network{.graph = lenet5()};
  train_epochs(network, data.training, 12, 0.002);
  const double before = accuracy_of(network, data.test);
  const Material material{.libraries = all_libraries(), .samples = &data.training};
  for (const auto& [text, epochs] :
       {std::pair("magnitude:rate=0.91,scope=global,steps=5", 3), {"kmeans:bits=4", 3}}) {
    const ChosenPass chosen = make_pass(text, all_passes());
    for (const Parameters& round : rounds_of(chosen)) {
      network = apply_pass(*chosen.pass, round, network, material);
      train_epochs(network, data.training, epochs, 0.001);
    }
  }
  const double after = accuracy_of(network, data.test);
  const Size size = size_of(network);
  MESSAGE("accuracy " << before << " -> " << after << ", " << size.nonzero << " weights, "
                      << size.huffman_bytes << " bytes, ratio "
                      << size.dense_bytes / size.huffman_bytes);
  for (const LayerSize& layer : layer_sizes(network)) {
    MESSAGE(layer.layer << " " << layer.size.nonzero / layer.size.weights << " "
                        << layer.size.huffman_bytes / layer.size.dense_bytes);
  }
  CHECK(before > 0.965);
  CHECK(after >= before - 0.003);
  CHECK(size.weights >= 10 * size.nonzero);
  CHECK(size.dense_bytes >= 30 * size.huffman_bytes);
}

}  // namespace offcut::compress::deep_compression_test
