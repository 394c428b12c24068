// Removed channels on real data: what half of the work costs the digits network, and what a short
// training gives back.

#include <doctest/doctest.h>

#include "models/dataset/open.h"
#include "models/onnx/import.h"
#include "tests/compress/networks.h"
#include "tests/paths.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::compress::channel_accuracy_test {
namespace {

double share_right(const Graph& network, const dataset::Samples& samples) {
  return train::judge(network, samples, all_libraries(),
                      named_from("cross-entropy", "loss", all_libraries().losses))
      .accuracy;
}

/// Trains for two epochs by Adam, with a cosine schedule.
Graph shortly_tuned(const Graph& network, const dataset::Samples& samples) {
  constexpr std::int64_t kEpochs = 2;
  train::TrainerOptions options{.epochs = kEpochs, .batch = 50, .rate = 0.002};
  options.loss = named_from("cross-entropy", "loss", all_libraries().losses);
  options.optimizer = named_from("adam", "optimiser", all_libraries().optimizers);
  options.schedules = {named_from("cosine", "schedule", all_libraries().schedules)};
  train::Trainer trainer(network, samples, all_libraries(), options);
  while (trainer.epochs_done() < kEpochs) {
    trainer.run_epoch();
  }
  return trainer.network();
}

}  // namespace

TEST_CASE("channels: half of the digits network's work costs less than a point" *
          doctest::test_suite("slow")) {
  const dataset::Dataset data =
      dataset::open_dataset("digits", train::all_sets(), source_path("models/data"), "digits");
  const Network given{.graph = onnx::import_onnx(source_path("models/data/digits/digits_cnn.onnx"),
                                                 train::all_operators())};
  const Material material{.libraries = all_libraries(), .samples = &data.training};
  const ChosenPass half = make_pass("channels:macs=0.5,criterion=taylor,round=4", all_passes());
  const Network pruned = apply_pass(*half.pass, half.parameters, given, material);
  CHECK(pruned.graph.total_work().macs <= 0.5 * given.graph.total_work().macs);
  CHECK(pruned.graph.total_work().macs >= 0.45 * given.graph.total_work().macs);
  const double before = share_right(given.graph, data.test);
  CHECK(share_right(pruned.graph, data.test) < before - 0.1);  // Without training, it is lost.
  const double after = share_right(shortly_tuned(pruned.graph, data.training), data.test);
  MESSAGE("accuracy " << before << " -> " << after);
  CHECK(before >= 0.995);
  CHECK(after >= before - 0.01);
}

}  // namespace offcut::compress::channel_accuracy_test
