#include "models/onnx/light_parse.h"

#include <doctest/doctest.h>

#include "tests/models/onnx/model.h"

namespace offcut::onnx::light_parse_test {
namespace {

constexpr std::size_t kLargeBytes = 40'000;

/// Returns elements that differ from all other parts of a file.
std::string elements_of(char first) {
  std::string bytes(kLargeBytes, first);
  bytes.front() = '<';
  bytes.back() = '>';
  return bytes;
}

void fill_raw(::onnx::TensorProto& tensor, const std::string& raw) {
  tensor.set_data_type(::onnx::TensorProto::UINT8);
  tensor.add_dims(static_cast<std::int64_t>(raw.size()));
  tensor.set_raw_data(raw);
}

std::string external(const ::onnx::TensorProto& tensor, const std::string& key) {
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == key) {
      return entry.value();
    }
  }
  return "none";
}

/// Returns the bytes that the tensor's entries point to.
std::string pointed_at(const ::onnx::TensorProto& tensor, const std::string& file) {
  return file.substr(std::stoul(external(tensor, "offset")),
                     std::stoul(external(tensor, "length")));
}

}  // namespace

TEST_CASE("light parse: large elements stay in the file, and all other data are parsed") {
  OnnxModel model = relu({1, 3});
  fill_raw(model.floats("large", {}, {}), elements_of('a'));
  fill_raw(model.floats("small", {}, {}), "abc");
  model.floats("listed", {2000}, std::vector<float>(2000, 1));
  auto& constant = OnnxModel::attribute(model.node("Constant", {}, {"c"}), "value",
                                        ::onnx::AttributeProto::TENSOR);
  fill_raw(*constant.mutable_t(), elements_of('c'));
  auto& branch = *OnnxModel::attribute(model.node("If", {"c"}, {"d"}), "then_branch",
                                       ::onnx::AttributeProto::GRAPH)
                      .mutable_g();
  fill_raw(*branch.add_initializer(), elements_of('i'));
  model.proto.set_producer_name("last");

  const std::string file = model.proto.SerializeAsString();
  ::onnx::ModelProto light;
  REQUIRE(parse_light(file, light));
  const auto& graph = light.graph();
  CHECK(pointed_at(graph.initializer(0), file) == elements_of('a'));
  CHECK(graph.initializer(0).name() == "large");
  CHECK(!graph.initializer(0).has_raw_data());
  CHECK(graph.initializer(1).raw_data() == "abc");
  CHECK(graph.initializer(2).float_data_size() == 2000);
  CHECK(pointed_at(graph.node(1).attribute(0).t(), file) == elements_of('c'));
  CHECK(pointed_at(graph.node(2).attribute(0).g().initializer(0), file) == elements_of('i'));
  CHECK(external(graph.initializer(0), "location") == "none");
  CHECK(light.producer_name() == "last");
  CHECK(light.ByteSizeLong() < 20'000);
}

TEST_CASE("light parse: a tensor with two locations of its elements is left unchanged") {
  for (const bool located : {false, true}) {
    OnnxModel model = relu({1, 3});
    ::onnx::TensorProto& tensor = model.floats("w", {}, {});
    fill_raw(tensor, elements_of('a'));
    if (located) {
      tensor.set_data_location(::onnx::TensorProto::DEFAULT);
    } else {
      tensor.add_external_data()->set_key("location");
    }
    ::onnx::ModelProto light;
    REQUIRE(parse_light(model.proto.SerializeAsString(), light));
    CHECK(light.SerializeAsString() == model.proto.SerializeAsString());
  }
}

TEST_CASE("light parse: every beginning of a file is accepted or refused as by protobuf") {
  OnnxModel model = relu({1, 3});
  fill_raw(model.floats("large", {}, {}), elements_of('a'));
  const std::string file = model.proto.SerializeAsString();
  for (std::size_t length = 0; length < file.size(); length += length < 200 ? 1 : 997) {
    const std::string start = file.substr(0, length);
    ::onnx::ModelProto light;
    ::onnx::ModelProto whole;
    CHECK(parse_light(start, light) == whole.ParseFromString(start));
  }
}

}  // namespace offcut::onnx::light_parse_test
