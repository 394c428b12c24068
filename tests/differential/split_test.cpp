// Checks the assumption that the simulator rests on: a network that is cut computes exactly the
// result of the whole network. For every legal cut, head and tail run by themselves, and their
// output is compared with that of the whole network, bit for bit.

#include <doctest/doctest.h>

#include <cstring>

#include "models/exec/segment.h"
#include "models/graph/cuts.h"
#include "models/graph/random_input.h"
#include "models/onnx/import.h"
#include "models/zoo/network.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/inference.h"
#include "tests/paths.h"

namespace offcut::differential::split_test {
namespace {

exec::TensorMap random_inputs(const Graph& graph, std::uint64_t seed) {
  exec::TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = random_input(graph, input, random_stream(seed, "test input", input));
  }
  return inputs;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

/// Runs the network whole and at every cut into two parts. Returns the number of cuts.
int check_every_cut(const Graph& graph, const exec::TensorMap& inputs) {
  const TensorId exit = graph.outputs().front();
  const Tensor expected = exec::run(graph, exec::whole(graph), inputs).at(exit);
  int cuts = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    std::vector<std::size_t> tier_of;
    for (const bool in_head : cut.in_head) {
      tier_of.push_back(in_head ? 0 : 1);
    }
    const runtime::Dataset unused{.tensors = true, .images = {{}}};
    runtime::Inference split(graph, tier_of, unused, 255, 1);
    const bool same = same_bits(split.run_split(inputs).at(exit), expected);
    CHECK_MESSAGE(same, "cut " << cuts << " of " << graph.name());
    ++cuts;
    return same;
  });
  return cuts;
}

struct Zoo {
  Registry<ops::Operator> operators;
  Registry<zoo::Network> networks;
  Zoo() {
    ops::register_operators(operators);
    zoo::register_networks(networks);
  }
  Graph build(const std::string& name) const { return networks.find(name)->build(operators, 1); }
};

}  // namespace

TEST_CASE("split: lenet5 gives the same bits at every legal cut") {
  const Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  // A chain of n layers has n + 1 cuts.
  CHECK(check_every_cut(graph, random_inputs(graph, 1)) ==
        static_cast<int>(graph.layer_count()) + 1);
}

TEST_CASE(
    "split: resnet18 gives the same bits at every legal cut, also those through both arms of a "
    "block") {
  const Zoo zoo;
  const Graph graph = zoo.build("resnet18");
  CHECK(check_every_cut(graph, random_inputs(graph, 2)) >
        static_cast<int>(graph.layer_count()) + 1);
}

TEST_CASE(
    "split: the digits network gives the same bits at every legal cut, and its accuracy, to the "
    "image") {
  const Zoo zoo;
  const std::string folder = source_path("models/data/digits/");
  const Graph graph = onnx::import_onnx(folder + "digits_cnn.onnx", zoo.operators);
  const runtime::Dataset data = runtime::read_dataset(folder + "test-images.idx3-ubyte.zst",
                                                      folder + "test-labels.idx1-ubyte.zst");
  REQUIRE(data.images.size() == 2000);

  const partition::Assignment all_local(graph.layer_count(), 0);
  partition::Assignment split = all_local;
  std::fill(split.begin() + static_cast<std::ptrdiff_t>(*graph.find_layer("relu4")) + 1,
            split.end(), 1);
  runtime::Inference uncut(graph, all_local, data, 255, 1);
  runtime::Inference cut(graph, split, data, 255, 1);
  int correct = 0;
  for (std::int64_t i = 0; i < 2000; ++i) {
    const runtime::Prediction expected = *uncut.prediction_of(i);
    REQUIRE(cut.prediction_of(i)->predicted == expected.predicted);
    correct += expected.predicted == *expected.label ? 1 : 0;
  }
  // ONNX Runtime and PyTorch also count 1,991 on these images (models/data/digits/README.md).
  CHECK(correct == 1991);
  // One wrong answer is checked by its number, so that labels cannot be shifted against images:
  // image 422 is a 9 that is read as a 4.
  CHECK(uncut.prediction_of(422)->label == 9);
  CHECK(uncut.prediction_of(422)->predicted == 4);
  CHECK(check_every_cut(graph, uncut.inputs(422)) == static_cast<int>(graph.layer_count()) + 1);
}

TEST_CASE(
    "split: the digits network with the fast engine gives the same labels at every legal cut") {
  const Zoo zoo;
  const std::string folder = source_path("models/data/digits/");
  const Graph graph = onnx::import_onnx(folder + "digits_cnn.onnx", zoo.operators);
  const runtime::Dataset data = runtime::read_dataset(folder + "test-images.idx3-ubyte.zst",
                                                      folder + "test-labels.idx1-ubyte.zst");
  constexpr std::int64_t kStride = 10;
  runtime::Inference reference(graph, partition::Assignment(graph.layer_count(), 0), data, 255,
                               kStride);
  int cuts = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    partition::Assignment tier_of;
    for (const bool in_head : cut.in_head) {
      tier_of.push_back(in_head ? 0 : 1);
    }
    runtime::Inference fast(graph, tier_of, data, 255, kStride, exec::MathEngine::fast);
    int others = 0;
    for (std::int64_t i = 0; i < 2000; i += kStride) {
      others += fast.prediction_of(i)->predicted != reference.prediction_of(i)->predicted ? 1 : 0;
    }
    CHECK_MESSAGE(others == 0, "cut " << cuts);
    ++cuts;
    return true;
  });
  CHECK(cuts == static_cast<int>(graph.layer_count()) + 1);
}

}  // namespace offcut::differential::split_test
