// Files of integers and codebooks that are read again: the values are those of the file, training
// keeps the form, and the file that follows is as small.

#include "models/compress/stored_forms.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "models/compress/pack.h"
#include "models/graph/parameter_value.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "models/zoo/builder.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::compress::stored_forms_test {
namespace {

std::string file_of(const Network& network) {
  return onnx::export_onnx_bytes(packed(network, train::all_operators()));
}

StoredForms read_again(const std::string& file) {
  onnx::ConstantLayers layers;
  Graph graph = onnx::import_onnx_bytes(file, "stored.onnx", train::all_operators(),
                                        {.constant_layers = &layers});
  return with_stored_forms(std::move(graph), layers);
}

/// Returns the network after a few steps of training by its rules.
Network trained_on(const Network& network) {
  const dataset::Samples samples = drawn_samples(network.graph, 64);
  train::TrainerOptions options{.epochs = 2, .batch = 16, .rate = 0.01};
  options.loss = named_from("cross-entropy", "loss", all_libraries().losses);
  options.optimizer = named_from("adam", "optimiser", all_libraries().optimizers);
  options.rules = network.rules;
  options.allow_missing_classes = true;
  train::Trainer trainer(network.graph, samples, all_libraries(), options);
  trainer.run_epoch();
  trainer.run_epoch();
  return {.graph = trainer.network(), .rules = network.rules, .grids = network.grids};
}

/// Returns how many elements of the parameters differ.
std::size_t differences(const Graph& a, const Graph& b) {
  std::size_t count = 0;
  for (TensorId id = 0; id < a.tensor_count(); ++id) {
    if (a.tensor(id).is_parameter() && a.tensor(id).type.type == DataType::float32) {
      const Tensor x = parameter_value(a.tensor(id));
      const Tensor y = parameter_value(b.tensor(*b.find_tensor(a.tensor(id).name)));
      const auto other = y.values<float>().begin();
      for (std::size_t i = 0; i < x.values<float>().size(); ++i) {
        count += x.values<float>()[i] != other[static_cast<std::ptrdiff_t>(i)] ? 1U : 0U;
      }
    }
  }
  return count;
}

Network lenet_after(const std::vector<std::string>& passes) {
  Network network{.graph = lenet5()};
  for (const std::string& pass : passes) {
    network = applied(pass, network);
  }
  return network;
}

}  // namespace

TEST_CASE("a file of integers or codebooks keeps its form when it is trained again") {
  const std::vector<std::vector<std::string>> cases = {
      {"linear:bits=8,per=channel"},
      {"linear:bits=8,per=tensor,mode=asymmetric"},
      {"linear:bits=4,per=channel"},
      {"linear:bits=2,per=channel"},
      {"linear:bits=5,per=tensor"},
      {"integer"},
      {"kmeans:bits=4"},
      {"magnitude:rate=0.9", "kmeans:clusters=15"},
      {"magnitude:rate=0.9", "linear:bits=8,per=channel"},
      {"linear:layers=fc*"},
  };
  for (const std::vector<std::string>& passes : cases) {
    CAPTURE(passes.front());
    CAPTURE(passes.back());
    const Network was = lenet_after(passes);
    const std::string file = file_of(was);
    const StoredForms again = read_again(file);
    CHECK(again.undone.empty());
    CHECK(differences(was.graph, again.network.graph) == 0);
    CHECK(again.network.rules.size() + 1 >= was.rules.size());  // A small kernel stays floats.
    // The same forms without the passes, and after training with the rules.
    const double bytes = static_cast<double>(file.size());
    CHECK(static_cast<double>(file_of(again.network).size()) <= 1.001 * bytes);
    const Network after = trained_on(again.network);
    CHECK(differences(again.network.graph, after.graph) > 1000);
    CHECK(static_cast<double>(file_of(after).size()) <= 1.02 * bytes);
  }
}

TEST_CASE("pruned weights of a codebook stay 0, and a codebook keeps its number of values") {
  const StoredForms again =
      read_again(file_of(lenet_after({"magnitude:rate=0.8", "kmeans:bits=3"})));
  const Network after = trained_on(again.network);
  for (const std::string name : {"conv2.weight", "fc4.weight"}) {
    CAPTURE(name);
    const std::vector<float> before = values_in(again.network.graph, name);
    const std::vector<float> now = values_in(after.graph, name);
    std::set<float> kept;
    for (std::size_t i = 0; i < now.size(); ++i) {
      CHECK((before[i] == 0) == (now[i] == 0));
      kept.insert(now[i]);
    }
    CHECK(kept.size() <= 9);
  }
}

TEST_CASE("the grids of a file of QDQ integers are those of the pass int8") {
  const Graph given = small_networks().front().graph;
  const dataset::Samples samples = drawn_samples(given, 20);
  const Material material{.libraries = all_libraries(), .samples = &samples};
  const ChosenPass int8 = make_pass("int8", all_passes());
  const Network was = apply_pass(*int8.pass, int8.parameters, {.graph = given}, material);
  REQUIRE(was.grids.size() >= 4);
  const std::string file = file_of(was);
  const StoredForms again = read_again(file);
  CHECK(again.undone.empty());
  REQUIRE(again.network.grids.size() == was.grids.size());
  for (const auto& [name, grid] : was.grids) {
    CAPTURE(name);
    const Grid& found = again.network.grids.at(name);
    CHECK(found.scales == grid.scales);
    CHECK(found.zero_points == grid.zero_points);
    CHECK(found.highest == grid.highest);
    CHECK(found.lowest == grid.lowest);
  }
  CHECK(differences(was.graph, again.network.graph) == 0);
  CHECK(file_of(again.network).size() <= file.size() + 16);
  const Network after = trained_on(again.network);
  CHECK(differences(again.network.graph, after.graph) > 100);
  CHECK(file_of(after).size() <= file.size() + 16);
}

TEST_CASE("integers that a layer moves before they are weights are undone, with the reason") {
  Graph graph("moved");
  zoo::NetworkBuilder build(graph, train::all_operators(), 1);
  const std::vector<std::int8_t> integers = {1, -2, 3, 4, 5, -6};
  const Tensor stored({2, 3}, std::span<const std::int8_t>(integers));
  const TensorId q = graph.add_parameter("q", stored.type(),
                                         std::make_shared<Parameter>([stored] { return stored; }));
  const TensorId weights = build.layer("DequantizeLinear", "w", {q, build.number("s", 0.5F)});
  const TensorId turned = build.layer("Transpose", "t", {weights});
  graph.add_output(build.layer("MatMul", "y", {build.features(3), turned}));
  const StoredForms again = read_again(onnx::export_onnx_bytes(graph));
  CHECK(again.network.rules.empty());
  REQUIRE(again.undone.size() == 1);
  CHECK(again.undone.front().parameter == "t");
  CHECK(again.undone.front().reason == "Transpose follows on its DequantizeLinear");
}

TEST_CASE("a file of floats has no rules") {
  const StoredForms again = read_again(file_of({.graph = lenet5()}));
  CHECK(again.network.rules.empty());
  CHECK(again.network.grids.empty());
  CHECK(again.undone.empty());
}

}  // namespace offcut::compress::stored_forms_test
