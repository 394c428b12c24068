// Runs a network of each family, as PyTorch exports it, on both engines, and compares the outputs
// with PyTorch's.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "models/exec/prepared.h"
#include "models/onnx/import.h"
#include "models/onnx/read.h"
#include "tests/models/exec/compare.h"
#include "tests/paths.h"

namespace offcut::families::families_test {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-5;  // Relative to the largest element.
const fs::path kData = source_path("tests/families/data");

std::vector<std::string> families() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kData)) {
    if (entry.path().extension() == ".onnx") {
      names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Graph import(const std::string& name) {
  static const Registry<ops::Operator> operators = [] {
    Registry<ops::Operator> filled;
    ops::register_operators(filled);
    return filled;
  }();
  onnx::ImportOptions options;
  std::ifstream bind(kData / (name + ".bind"));
  std::string dimension;
  std::int64_t extent = 0;
  while (bind >> dimension >> extent) {
    options.bind[dimension] = extent;
  }
  return onnx::import_onnx((kData / (name + ".onnx")).string(), operators, options);
}

exec::TensorMap read_tensors(const std::string& name, const std::string& kind,
                             const std::vector<TensorId>& ids) {
  exec::TensorMap tensors;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    tensors[ids[i]] =
        onnx::read_tensor_pb((kData / fmt::format("{}.{}_{}.pb", name, kind, i)).string());
  }
  return tensors;
}

struct Errors {
  std::size_t layers = 0;
  double reference = 0;
  double fast = 0;
};

Errors errors_of(const std::string& name) {
  const Graph graph = import(name);
  const exec::Segment all = exec::whole(graph);
  const exec::TensorMap inputs = read_tensors(name, "input", graph.inputs());
  const exec::TensorMap expected = read_tensors(name, "output", graph.outputs());
  return {graph.layer_count(), exec::error_of(exec::run(graph, all, inputs), expected),
          exec::error_of(exec::prepare(graph, all).run(inputs), expected)};
}

}  // namespace

TEST_CASE("families: both engines give PyTorch's outputs for its exported networks") {
  std::string table =
      fmt::format("\n{:<20} {:>6} {:>10} {:>10}", "family", "layers", "reference", "fast");
  const std::vector<std::string> names = families();
  CHECK(names.size() >= 30);
  for (const std::string& name : names) {
    CAPTURE(name);
    Errors errors{0, INFINITY, INFINITY};
    CHECK_NOTHROW(errors = errors_of(name));
    CHECK(errors.reference <= kTolerance);
    CHECK(errors.fast <= kTolerance);
    table += fmt::format("\n{:<20} {:>6} {:>10.2g} {:>10.2g}", name, errors.layers,
                         errors.reference, errors.fast);
  }
  MESSAGE(table);
}

}  // namespace offcut::families::families_test
