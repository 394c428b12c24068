#include "models/onnx/read.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "models/base/random.h"
#include "tests/models/onnx/model.h"

namespace offcut::onnx::read_test {
namespace {

namespace fs = std::filesystem;

/// A temporary folder that is removed after the test.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("offcut-read-test-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return (path_ / name).string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string refusal_of(const std::string& path) {
  return diagnostics_of([&] { import_onnx(path, all_operators()); });
}

constexpr const char* kNoModel = "is not an ONNX model (the protobuf does not parse)";

}  // namespace

TEST_CASE("read: a file and the same bytes give the same graph, named after the file") {
  const Folder folder;
  const OnnxModel model = relu({1, 3});
  const Graph graph =
      import_onnx(folder.file("net.v2.onnx", model.proto.SerializeAsString()), all_operators());
  CHECK(graph.name() == "net.v2");
  CHECK(graph.layer_count() == 1);
  CHECK(model.import().layer(0).name == graph.layer(0).name);
}

TEST_CASE("read: errors for paths without a file or without a model have one line") {
  const Folder folder;
  CHECK(refusal_of(folder.path("absent.onnx")) == "no such file");
  CHECK(refusal_of(folder.path("")) == "is a directory");
  CHECK(refusal_of("") == "no such file");
  CHECK(refusal_of(folder.file("empty.onnx", "")) == "is empty");
  CHECK(refusal_of(folder.file("text.onnx", "# a text\nthat is long enough to be one\n")) ==
        kNoModel);
  ::mkfifo(folder.path("pipe.onnx").c_str(), 0600);
  CHECK(refusal_of(folder.path("pipe.onnx")) == "is not a regular file");
  CHECK_THROWS_WITH_AS(import_onnx("nowhere/x.onnx", all_operators()),
                       "nowhere/x.onnx: error: no such file", InputError);
}

TEST_CASE("read: a file larger than protobuf can address is refused unread") {
  const Folder folder;
  const std::string path = folder.file("huge.onnx", "");
  fs::resize_file(path, std::uintmax_t{3} << 30);  // A sparse file takes no space.
  CHECK(refusal_of(path) == "is larger than 2 GiB, more than an ONNX file can hold");
}

TEST_CASE("read: every beginning of a model is refused, with one line") {
  // But the one that only lacks the opset, which comes last.
  ::onnx::ModelProto model = relu({1, 3}).proto;
  const std::string bytes = model.SerializeAsString();
  model.clear_opset_import();
  const std::size_t without_opset = model.ByteSizeLong();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    if (length == without_opset) {
      continue;
    }
    const std::string why = diagnostics_of(
        [&] { import_onnx_bytes(bytes.substr(0, length), "m.onnx", all_operators()); });
    CAPTURE(length);
    CHECK(why != "");
    CHECK(why.find('\n') == std::string::npos);
  }
}

TEST_CASE("read: random bytes, and models with random changes, are refused or read") {
  const std::string bytes = relu({1, 3}).proto.SerializeAsString();
  RandomStream random = random_stream(1, "read_test");
  for (int i = 0; i < 2000; ++i) {
    std::string changed = bytes;
    const bool all = i % 2 == 0;
    for (std::size_t k = 0; k < (all ? bytes.size() : 3); ++k) {
      changed[all ? k : random(bytes.size())] = static_cast<char>(random(256));
    }
    CAPTURE(i);
    CHECK_NOTHROW(diagnostics_of([&] { import_onnx_bytes(changed, "m.onnx", all_operators()); }));
  }
}

TEST_CASE("read: a protobuf without a graph is not a model") {
  ::onnx::ModelProto proto;
  proto.set_producer_name("nobody");
  CHECK(diagnostics_of([&] {
          import_onnx_bytes(proto.SerializeAsString(), "m.onnx", all_operators());
        }) == "is not an ONNX model: it has no graph");
}

TEST_CASE("read: a single tensor, and files that are not one") {
  const Folder folder;
  ::onnx::TensorProto proto;
  proto.set_data_type(::onnx::TensorProto::INT64);
  proto.add_dims(2);
  proto.add_int64_data(4);
  proto.add_int64_data(-1);
  const Tensor tensor = read_tensor_pb(folder.file("t.pb", proto.SerializeAsString()));
  CHECK(tensor.type() == TensorType{DataType::int64, {2}});
  CHECK(tensor.values<std::int64_t>()[1] == -1);

  const auto refusal = [](const std::string& path) {
    return diagnostics_of([&] { read_tensor_pb(path); });
  };
  CHECK(refusal(folder.path("absent.pb")) == "no such file");
  CHECK(refusal(folder.file("empty.pb", "")) == "is empty");
  CHECK(refusal(folder.file("text.pb", "no tensor at all")) ==
        "is not an ONNX tensor (the protobuf does not parse)");
  proto.set_dims(0, 3);
  CHECK(refusal(folder.file("short.pb", proto.SerializeAsString())) ==
        "int64 3 has 3 elements, the file has 2");
}

}  // namespace offcut::onnx::read_test
