// Packed files are smaller, and read back to the same parameters, bit for bit.

#include "models/compress/pack.h"

#include <doctest/doctest.h>

#include "models/compress/size.h"
#include "models/graph/parameter_value.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "tests/compress/networks.h"
#include "tests/train/networks.h"

namespace offcut::compress::pack_test {
namespace {

Network after(const std::vector<std::string>& passes) {
  Network network{.graph = lenet5()};
  for (const std::string& pass : passes) {
    network = applied(pass, network);
  }
  return network;
}

/// Checks that the file has the parameters of the network; returns its bytes.
std::size_t checked_bytes(const Network& network) {
  const std::string bytes = onnx::export_onnx_bytes(packed(network, train::all_operators()));
  const Graph read = onnx::import_onnx_bytes(bytes, "packed.onnx", train::all_operators());
  CHECK(read.layer_count() == network.graph.layer_count());
  for (TensorId id = 0; id < network.graph.tensor_count(); ++id) {
    const TensorNode& tensor = network.graph.tensor(id);
    if (!tensor.is_parameter()) {
      continue;
    }
    CAPTURE(tensor.name);
    const auto same = read.find_tensor(tensor.name);
    REQUIRE(same.has_value());
    REQUIRE(read.tensor(*same).is_parameter());
    const Tensor was = parameter_value(tensor);
    const Tensor now = parameter_value(read.tensor(*same));
    CHECK(was.type() == now.type());
    CHECK(std::equal(was.bytes().begin(), was.bytes().end(), now.bytes().begin()));
  }
  return bytes.size();
}

}  // namespace

TEST_CASE("packed files read back to the same parameters, for every kind of pass") {
  const std::size_t plain = checked_bytes(after({}));
  const std::vector<std::pair<std::vector<std::string>, double>> cases = {
      {{"linear:bits=8,per=channel"}, 0.30},
      {{"linear:bits=8,per=tensor,mode=asymmetric"}, 0.30},
      {{"linear:bits=4,per=channel"}, 0.17},
      {{"linear:bits=2,per=channel"}, 0.11},
      {{"linear:bits=5,per=tensor"}, 0.30},
      {{"integer"}, 0.30},
      {{"sub-integer"}, 0.30},
      {{"mixed:integers=fc*"}, 0.90},
      {{"logarithmic:bits=4"}, 0.17},
      {{"kmeans:bits=4"}, 0.17},
      {{"kmeans:bits=2"}, 0.11},
      {{"kmeans:bits=1"}, 0.08},
      {{"kmeans:bits=8"}, 0.32},
      {{"magnitude:rate=0.9", "kmeans:bits=5"}, 0.10},
      {{"magnitude:rate=0.9", "kmeans:clusters=15"}, 0.08},
      {{"magnitude:rate=0.9", "linear:bits=8,per=channel"}, 0.12},
      {{"magnitude:rate=0.9", "linear:bits=4,per=tensor"}, 0.10},
  };
  for (const auto& [passes, share] : cases) {
    CAPTURE(passes.front());
    CAPTURE(passes.back());
    const std::size_t bytes = checked_bytes(after(passes));
    CHECK(static_cast<double>(bytes) <= share * static_cast<double>(plain));
  }
}

TEST_CASE("packed files of other networks read back, too") {
  for (SmallNetwork& small : small_networks()) {
    CAPTURE(small.name);
    for (const char* const pass : {"linear:bits=4", "kmeans:bits=3", "linear"}) {
      checked_bytes(applied(pass, {.graph = small.graph}));
    }
  }
}

TEST_CASE("a network without rounded weights is packed as it is") {
  const Graph plain = lenet5();
  CHECK(onnx::export_onnx_bytes(packed({.graph = plain}, train::all_operators())) ==
        onnx::export_onnx_bytes(plain));
}

}  // namespace offcut::compress::pack_test
