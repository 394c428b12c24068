// Compares the prepared digits network with the reference, for all images and at every cut:
// rounding must not change a label.

#include "models/exec/prepared.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/graph/cuts.h"
#include "models/onnx/import.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/inference.h"
#include "tests/models/exec/compare.h"
#include "tests/paths.h"

namespace offcut::differential::prepared_test {
namespace {

struct Digits {
  Registry<ops::Operator> operators;
  Graph graph;
  runtime::Dataset data;

  Digits() : graph("") {
    ops::register_operators(operators);
    const std::string folder = source_path("models/data/digits/");
    graph = onnx::import_onnx(folder + "digits_cnn.onnx", operators);
    data = runtime::read_dataset(folder + "test-images.idx3-ubyte.zst",
                                 folder + "test-labels.idx1-ubyte.zst");
  }
};

std::ptrdiff_t label(const Tensor& scores) {
  const auto values = scores.values<float>();
  return std::max_element(values.begin(), values.end()) - values.begin();
}

/// The head and the tail of a cut, each prepared by itself.
class PreparedCut {
 public:
  PreparedCut(const Graph& graph, const Cut& cut) {
    for (const bool head : {true, false}) {
      std::vector<LayerId> layers;
      for (LayerId id = 0; id < graph.layer_count(); ++id) {
        if (cut.in_head[id] == head) {
          layers.push_back(id);
        }
      }
      segments_.push_back(exec::segment_of(graph, std::move(layers)));
      parts_.push_back(exec::prepare(graph, segments_.back()));
    }
  }

  Tensor run(const Graph& graph, exec::TensorMap tensors) {
    for (std::size_t part = 0; part < parts_.size(); ++part) {
      exec::TensorMap enters;
      for (const TensorId id : segments_[part].enters) {
        enters[id] = tensors.at(id);
      }
      tensors.merge(parts_[part].run(std::move(enters)));
    }
    return tensors.at(graph.outputs().front());
  }

 private:
  std::vector<exec::Segment> segments_;
  std::vector<exec::Prepared> parts_;
};

}  // namespace

TEST_CASE("prepared: all 2,000 digits get the reference's label, and scores within 1e-5") {
  const Digits digits;
  const Graph& graph = digits.graph;
  const exec::Segment all = exec::whole(graph);
  exec::Prepared prepared = exec::prepare(graph, all);
  const runtime::Inference images(graph, partition::Assignment(graph.layer_count(), 0), digits.data,
                                  255, 1);
  const TensorId exit = graph.outputs().front();
  for (std::int64_t i = 0; i < 2000; ++i) {
    const exec::TensorMap input = images.inputs(i);
    const Tensor expected = exec::run(graph, all, input).at(exit);
    const Tensor got = prepared.run(input).at(exit);
    REQUIRE(exec::error_of(got, expected) <= 1e-5);
    REQUIRE(label(got) == label(expected));
  }
}

TEST_CASE("prepared: the digits network keeps its labels at every legal cut") {
  const Digits digits;
  const Graph& graph = digits.graph;
  const exec::Segment all = exec::whole(graph);
  const runtime::Inference images(graph, partition::Assignment(graph.layer_count(), 0), digits.data,
                                  255, 1);
  int cuts = 0;
  for_each_cut(graph, [&](const Cut& cut) {
    CAPTURE(cuts);
    ++cuts;
    PreparedCut split(graph, cut);
    for (const std::int64_t image : {0, 422, 1999}) {
      const exec::TensorMap input = images.inputs(image);
      const Tensor expected = exec::run(graph, all, input).at(graph.outputs().front());
      const Tensor got = split.run(graph, input);
      CHECK(exec::error_of(got, expected) <= 1e-5);
      CHECK(label(got) == label(expected));
    }
    return true;
  });
  CHECK(cuts == static_cast<int>(graph.layer_count()) + 1);
}

}  // namespace offcut::differential::prepared_test
