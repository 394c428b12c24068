// Compares the codecs' steps as ONNX operators with the codecs themselves.

#include "models/codec/steps.h"

#include <doctest/doctest.h>

#include <cmath>

#include "models/codec/choose.h"
#include "models/codec/coded_part.h"
#include "models/codec/float_codec.h"
#include "models/codec/wire.h"
#include "models/exec/segment.h"
#include "tests/models/codec/random_tensor.h"

namespace offcut::codec::steps_test {
namespace {

struct Registries {
  Registry<ops::Operator> operators;
  Registry<CodecKind> codecs;

  Registries() {
    ops::register_operators(operators);
    register_codecs(codecs);
  }
};

void add(Graph& graph, const Registries& all, const std::string& name, const std::string& input,
         const std::string& output) {
  ops::apply(
      graph, all.operators,
      {.name = name, .op_name = "Identity", .opset = 13, .inputs = {*graph.find_tensor(input)}},
      {output});
}

/// Returns x -> make -> t -> use -> y.
Graph chain(const Registries& all, const Shape& shape) {
  Graph graph("chain");
  graph.add_input("x", {DataType::float32, shape}, DataType::float32);
  add(graph, all, "make", "x", "t");
  add(graph, all, "use", "t", "y");
  graph.add_output(*graph.find_tensor("y"));
  return graph;
}

/// Returns the outputs of a part for these inputs, by name.
std::map<std::string, Tensor> outputs_of(const Graph& part,
                                         const std::map<std::string, Tensor>& inputs) {
  exec::TensorMap given;
  for (const TensorId id : part.inputs()) {
    given[id] = inputs.at(part.tensor(id).name);
  }
  const exec::TensorMap made = exec::run(part, exec::whole(part), given);
  std::map<std::string, Tensor> named;
  for (const TensorId id : part.outputs()) {
    named[part.tensor(id).name] = made.at(id);
  }
  return named;
}

struct Crossed {
  Tensor arrived;
  std::int64_t bytes = 0;  // Bytes of all sent tensors.
};

/// Runs both parts of the chain, which is cut in the middle.
Crossed cross(const Registries& all, const Codec& codec, const Tensor& tensor) {
  const Graph graph = chain(all, tensor.shape());
  const StepsOf steps = {{*graph.find_tensor("t"), codec.steps()}};
  const CodedPart head = coded_part(graph, {0}, "head", all.operators, {}, steps);
  const CodedPart tail = coded_part(graph, {1}, "tail", all.operators, steps, {});
  const auto sent = outputs_of(head.graph, {{"x", tensor}});
  Crossed crossed;
  for (const TensorId id : head.sent) {
    crossed.bytes += head.graph.tensor(id).type.bytes();
  }
  crossed.arrived = outputs_of(tail.graph, sent).at("y");
  return crossed;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  return largest_error(SentTensor{.original = a, .arrived = b});
}

/// Returns the bytes of tag, type, rank and extents, which files don't need.
std::int64_t header_bytes(const Tensor& tensor) {
  return 2 + static_cast<std::int64_t>(tensor.shape().size());  // Extents are below 128.
}

}  // namespace

TEST_CASE("codec steps: affine integers and floats have the codec's values and bytes") {
  const Registries all;
  for (const std::string name :
       {"fp32", "int8", "int8-channel", "int4", "int4-channel", "fixed:p=4"}) {
    CAPTURE(name);
    const auto codec = make_codec(name, all.codecs);
    RandomTensors tensors(11);
    for (int i = 0; i < 400; ++i) {
      const Tensor tensor = tensors.next();
      if (tensor.size() == 0) {
        continue;
      }
      CAPTURE(i);
      const auto bytes = codec->encode(tensor);
      const Crossed crossed = cross(all, *codec, tensor);
      const Tensor expected = codec->decode(bytes);
      REQUIRE(crossed.arrived.type() == expected.type());
      // The last bit may differ: a compiler may fuse the product and the sum of decoding.
      const double largest = largest_magnitude(tensor.values<float>());
      REQUIRE(largest_difference(expected, crossed.arrived) <=
              1e-15 * largest + float_rounding(largest));
      const bool has_p = name.starts_with("fixed");  // The codec also sends p and the bits.
      REQUIRE(crossed.bytes ==
              static_cast<std::int64_t>(bytes.size()) - header_bytes(tensor) - (has_p ? 3 : 0));
    }
  }
}

TEST_CASE("codec steps: fixed point finds its scale, with errors within the codec's bound") {
  const Registries all;
  const auto codec = make_codec("fixed", all.codecs);
  const double finest = std::ldexp(1.0, -127);  // Scales end at 2^126 (see FixedSteps).
  RandomTensors tensors(12);
  for (int i = 0; i < 1000; ++i) {
    const Tensor tensor = tensors.next();
    if (tensor.size() > 0) {
      CAPTURE(i);
      const Crossed crossed = cross(all, *codec, tensor);
      REQUIRE(largest_difference(tensor, crossed.arrived) <=
              std::max(codec->error_bound(tensor), finest));
      REQUIRE(crossed.bytes == tensor.size() + 4);
    }
  }
}

TEST_CASE("codec steps: half precision is a cast that is marked for the file") {
  const Registries all;
  const Graph graph = chain(all, {3});
  const StepsOf steps = {{*graph.find_tensor("t"), make_codec("fp16", all.codecs)->steps()}};
  const CodedPart head = coded_part(graph, {0}, "head", all.operators, {}, steps);
  const CodedPart tail = coded_part(graph, {1}, "tail", all.operators, steps, {});
  CHECK(head.halves == std::set<std::string>{"t.fp16"});
  CHECK(tail.halves == std::set<std::string>{"t.fp16"});
  const std::vector<float> values = {1e6F, -1e6F, 2};
  const auto sent = outputs_of(head.graph, {{"x", Tensor({3}, std::span(values))}});
  const auto clipped = sent.at("t.fp16").values<float>();
  CHECK(std::vector<float>(clipped.begin(), clipped.end()) == std::vector<float>{65504, -65504, 2});
}

TEST_CASE("codec steps: an output leaves encoded and unencoded; inputs can be encoded") {
  const Registries all;
  Graph graph = chain(all, {4});
  graph.add_output(*graph.find_tensor("t"));
  const auto steps = make_codec("int8", all.codecs)->steps();
  const CodedPart head =
      coded_part(graph, {0}, "head", all.operators, {}, {{*graph.find_tensor("t"), steps}});
  std::vector<std::string> names;
  for (const TensorId id : head.graph.outputs()) {
    names.push_back(head.graph.tensor(id).name);
  }
  CHECK(names == std::vector<std::string>{"t", "t.integers", "t.low", "t.high"});

  const StepsOf input_steps = {{*graph.find_tensor("x"), steps}};
  const CodedPart sender = coded_part(graph, {}, "head", all.operators, {}, input_steps);
  const CodedPart receiver = coded_part(graph, {0, 1}, "tail", all.operators, input_steps, {});
  const std::vector<float> values = {0, 51, 102, 255};
  const Tensor x({4}, std::span(values));
  const auto outputs = outputs_of(receiver.graph, outputs_of(sender.graph, {{"x", x}}));
  CHECK(largest_difference(x, outputs.at("y")) == 0);
}

TEST_CASE("codec steps: operator sets without the needed operators are refused") {
  const Registries all;
  Graph graph("old");
  graph.add_input("x", {DataType::float32, {2}}, DataType::float32);
  ops::apply(
      graph, all.operators,
      {.name = "make", .op_name = "Identity", .opset = 9, .inputs = {*graph.find_tensor("x")}},
      {"t"});
  graph.add_output(*graph.find_tensor("t"));
  const StepsOf steps = {{*graph.find_tensor("x"), make_codec("int8", all.codecs)->steps()}};
  CHECK_THROWS_WITH_AS(coded_part(graph, {0}, "tail", all.operators, steps, {}),
                       "its layers use operator set 9, but the codec's steps need 11 or later",
                       std::invalid_argument);
  CHECK_NOTHROW(coded_part(graph, {0}, "tail", all.operators, {}, {}));
}

}  // namespace offcut::codec::steps_test
