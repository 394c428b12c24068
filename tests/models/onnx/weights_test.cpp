#include "models/onnx/weights.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "models/exec/prepared.h"
#include "models/onnx/external_files.h"
#include "tests/models/onnx/model.h"
#include "tests/temporary_folder.h"

namespace offcut::onnx::weights_test {
namespace {

namespace fs = std::filesystem;

constexpr int kCount = 3000;

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> counted() {
  std::vector<float> values(kCount);
  for (int i = 0; i < kCount; ++i) {
    values[static_cast<std::size_t>(i)] = static_cast<float>(i);
  }
  return values;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

void put_elsewhere(::onnx::TensorProto& tensor, const Entries& entries) {
  tensor.clear_float_data();
  tensor.set_data_location(::onnx::TensorProto::EXTERNAL);
  for (const auto& [key, value] : entries) {
    auto& added = *tensor.add_external_data();
    added.set_key(key);
    added.set_value(value);
  }
}

/// Returns y = x + w, where w has 3000 elements.
OnnxModel sum() {
  OnnxModel model;
  model.input("x", {kCount}).output("y", {kCount});
  model.node("Add", {"x", "w"}, {"y"}, "sum");
  return model;
}

OnnxModel sum_with(const Entries& entries) {
  OnnxModel model = sum();
  put_elsewhere(model.floats("w", {kCount}, {}), entries);
  return model;
}

class Files {
 public:
  Graph import(const OnnxModel& model) const {
    return import_onnx(write("m.onnx", model.proto.SerializeAsString()), all_operators());
  }
  std::string refusal(const OnnxModel& model) const {
    return diagnostics_of([&] { import(model); });
  }
  std::string write(const std::string& name, const std::string& bytes) const {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path.string();
  }
  fs::path path(const std::string& name) const { return folder_.path() / name; }

 private:
  TemporaryFolder folder_;
};

/// Returns the values of the only parameter.
std::vector<float> weights_of(const Graph& graph) {
  const Tensor& value = graph.tensor(graph.layer(0).inputs[1]).parameter->value();
  return {value.values<float>().begin(), value.values<float>().end()};
}

}  // namespace

TEST_CASE("weights: a prepared network keeps its own copy of the weights alone") {
  constexpr int kSide = 300;
  const Files files;
  OnnxModel model;
  model.input("x", {2, kSide}).output("y", {2, kSide});
  const std::vector<float> ones(kSide * kSide, 1);
  model.floats("w", {kSide, kSide}, {}).set_raw_data(bytes_of(ones));
  std::string bytes(ones.size(), 2);
  ::onnx::TensorProto& integers = model.floats("v", {kSide, kSide}, {});
  integers.set_data_type(::onnx::TensorProto::INT8);
  integers.set_raw_data(bytes);
  model.floats("half", {}, {0.5F});
  model.node("DequantizeLinear", {"v", "half"}, {"v_float"}, "weights");
  model.node("MatMul", {"x", "w"}, {"z"}, "first");
  model.node("MatMul", {"z", "v_float"}, {"y"}, "second");
  const Graph graph = files.import(model);
  exec::Prepared prepared = exec::prepare(graph, exec::whole(graph));
  for (const LayerId layer : {LayerId{0}, LayerId{1}}) {
    CHECK(!graph.tensor(graph.layer(layer).inputs[1]).parameter->made());
  }
  Tensor x(TensorType{DataType::float32, {2, kSide}});
  std::fill_n(x.values<float>().begin(), kSide, 1.0F);
  const Tensor y = prepared.run({{graph.inputs()[0], x}}).at(graph.outputs()[0]);
  CHECK(y.values<float>()[0] == kSide * kSide);
  CHECK(y.values<float>()[kSide] == 0);
}

TEST_CASE("weights: large tensors in the model's own file are read on first use") {
  const Files files;
  OnnxModel model = sum();
  model.floats("w", {kCount}, {}).set_raw_data(bytes_of(counted()));
  const Graph graph = files.import(model);
  CHECK(!graph.tensor(graph.layer(0).inputs[1]).parameter->made());
  CHECK(weights_of(graph) == counted());

  OnnxModel constant;
  constant.input("x", {kCount}).output("y", {kCount});
  constant.constant("w", {kCount}, {})
      .mutable_attribute(0)
      ->mutable_t()
      ->set_raw_data(bytes_of(counted()));
  constant.node("Add", {"x", "w"}, {"y"}, "sum");
  CHECK(weights_of(files.import(constant)) == counted());
}

TEST_CASE("weights: a file beside the model, with and without offset and length") {
  const Files files;
  files.write("w.bin", bytes_of(counted()));
  files.write("data/w.bin", std::string(100, 'x') + bytes_of(counted()) + "rest");
  CHECK(weights_of(files.import(sum_with({{"location", "w.bin"}}))) == counted());
  CHECK(weights_of(files.import(sum_with({{"location", "./data/w.bin"},
                                          {"offset", "100"},
                                          {"length", "12000"},
                                          {"checksum", "any"}}))) == counted());
  OnnxModel constant;
  constant.input("x", {kCount}).output("y", {kCount});
  put_elsewhere(*constant.constant("w", {kCount}, {}).mutable_attribute(0)->mutable_t(),
                {{"location", "w.bin"}});
  constant.node("Add", {"x", "w"}, {"y"}, "sum");
  CHECK(weights_of(files.import(constant)) == counted());
}

TEST_CASE("weights: an offset of more than 32 bits") {
  const Files files;
  constexpr std::uintmax_t kFar = std::uintmax_t{5} << 30;
  const std::string path = files.write("w.bin", "");
  fs::resize_file(path, kFar);  // A sparse file takes no space.
  std::ofstream(path, std::ios::binary | std::ios::app) << bytes_of(counted());
  const Entries entries = {{"location", "w.bin"}, {"offset", std::to_string(kFar)}};
  CHECK(weights_of(files.import(sum_with(entries))) == counted());
}

TEST_CASE("weights: attributes with their data in another file") {
  const Files files;
  files.write("value.bin", bytes_of({3}));
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.integers("shape", {2});
  auto& fill = OnnxModel::attribute(model.node("ConstantOfShape", {"shape"}, {"w"}), "value",
                                    ::onnx::AttributeProto::TENSOR);
  fill.mutable_t()->set_data_type(::onnx::TensorProto::FLOAT);
  fill.mutable_t()->add_dims(1);
  put_elsewhere(*fill.mutable_t(), {{"location", "value.bin"}});
  model.node("Add", {"x", "w"}, {"y"}, "sum");
  CHECK(weights_of(files.import(model)) == std::vector<float>{3, 3});
}

TEST_CASE("weights: files that are missing, too short or outside the model's folder") {
  const Files files;
  files.write("w.bin", bytes_of(counted()).substr(0, 11'000));
  fs::create_directories(files.path("folder"));
  const auto refusal = [&](const Entries& entries) { return files.refusal(sum_with(entries)); };
  const std::string start = "initialiser 'w': ";
  CHECK(refusal({{"location", "no.bin"}}) == start + "its data is in 'no.bin': no such file");
  CHECK(refusal({{"location", "folder"}}) == start + "its data is in 'folder': is a directory");
  CHECK(refusal({{"location", "w.bin"}}) ==
        start + "its 12000 bytes should begin at byte 0 of 'w.bin', which has 11000 bytes");
  CHECK(refusal({{"location", "w.bin"}, {"offset", "18446744073709551615"}}) ==
        start +
            "its 12000 bytes should begin at byte 18446744073709551615 of 'w.bin', which has 11000 "
            "bytes");
  CHECK(refusal({{"location", "w.bin"}, {"length", "11000"}}) ==
        start + "float32 3000 takes 12000 bytes, the file has 11000");
  CHECK(refusal({{"location", "w.bin"}, {"offset", "-1"}}) ==
        start + "the offset of its data in another file is '-1', which is not a number of bytes");
  for (const std::string outside : {"../w.bin", "/etc/passwd", "a/../../w.bin", ""}) {
    CHECK(refusal({{"location", outside}}) == start + "its data is in '" + outside +
                                                  "', which is not a path to a file in the model's "
                                                  "folder");
  }
}

TEST_CASE("weights: symbolic links inside the model's folder are followed, others are refused") {
  const Files files;
  const TemporaryFolder elsewhere;
  const std::string secret = (elsewhere.path() / "secret").string();
  std::ofstream(secret, std::ios::binary) << bytes_of(counted());
  files.write("real.bin", bytes_of(counted()));
  fs::create_symlink("real.bin", files.path("inside"));
  CHECK(weights_of(files.import(sum_with({{"location", "inside"}}))) == counted());
  fs::create_symlink(secret, files.path("link"));
  fs::create_symlink(elsewhere.path(), files.path("folder"));
  fs::create_symlink("link", files.path("chain"));
  for (const std::string outside : {"link", "folder/secret", "chain"}) {
    CHECK(files.refusal(sum_with({{"location", outside}})) ==
          "initialiser 'w': its data is in '" + outside +
              "', which is a symbolic link out of the model's folder");
  }
  // A folder whose name only begins like the model's is another folder.
  const fs::path sibling = files.path("").parent_path().string() + "-other";
  fs::create_directories(sibling);
  std::ofstream(sibling / "w", std::ios::binary) << bytes_of(counted());
  fs::create_symlink(sibling / "w", files.path("sibling"));
  CHECK(files.refusal(sum_with({{"location", "sibling"}})).find("symbolic link") !=
        std::string::npos);
  fs::remove_all(sibling);
}

TEST_CASE("weights: a cache that links the model and its data from one folder into another") {
  const Files files;
  const OnnxModel model = sum_with({{"location", "w.bin"}});
  files.write("blobs/model", model.proto.SerializeAsString());
  files.write("blobs/w", bytes_of(counted()));
  fs::create_directories(files.path("snapshot"));
  fs::create_symlink("../blobs/model", files.path("snapshot/m.onnx"));
  fs::create_symlink("../blobs/w", files.path("snapshot/w.bin"));
  const auto import = [&] {
    return import_onnx(files.path("snapshot/m.onnx").string(), all_operators());
  };
  CHECK(weights_of(import()) == counted());
  fs::remove(files.path("snapshot/w.bin"));
  files.write("blobs/w.bin", bytes_of(counted()));
  CHECK(weights_of(import()) == counted());
}

TEST_CASE("weights: the data files that a model names, whatever else is in it") {
  const Files files;
  OnnxModel model = sum_with({{"location", "data/w.bin"}, {"offset", "4"}});
  put_elsewhere(*model.constant("c", {kCount}, {}).mutable_attribute(0)->mutable_t(),
                {{"location", "c.bin"}});
  const std::string path = files.write("m.onnx", model.proto.SerializeAsString());
  CHECK(external_files(path) ==
        std::vector<std::string>{files.path("c.bin").string(), files.path("data/w.bin").string()});
  fs::create_directories(files.path("snapshot"));
  fs::create_symlink("../m.onnx", files.path("snapshot/m.onnx"));
  const std::vector<std::string> linked = external_files(files.path("snapshot/m.onnx").string());
  REQUIRE(linked.size() == 4);
  CHECK(linked[0] == files.path("snapshot/c.bin").string());
  CHECK(fs::path(linked[1]) == fs::weakly_canonical(files.path("c.bin")));
  CHECK(external_files(files.write("text", "layer,inputs\n")).empty());
  CHECK(external_files(files.write("empty", "")).empty());
  CHECK(external_files(files.path("none").string()).empty());
  CHECK(external_files(files.path("").string()).empty());
}

TEST_CASE("weights: a file that is truncated after the import gives an error") {
  const Files files;
  const std::string path = files.write("w.bin", bytes_of(counted()));
  const Graph graph = files.import(sum_with({{"location", "w.bin"}}));
  fs::resize_file(path, 100);
  CHECK_THROWS_WITH_AS(weights_of(graph),
                       (path + ": error: has become shorter since it was opened").c_str(),
                       InputError);
}

}  // namespace offcut::onnx::weights_test
