#include "models/onnx/read.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include "models/base/error.h"
#include "models/onnx/tensors.h"

namespace offcut {
namespace {

[[noreturn]] void refuse(const std::string& file, std::string why) {
  throw InputError(Place{file}, std::move(why));
}

/// Protobuf cannot address more; larger models keep their weights in files beside the model.
constexpr std::uintmax_t kMaxBytes = std::numeric_limits<std::int32_t>::max();

void check_size(const std::string& file, std::uintmax_t bytes) {
  if (bytes == 0) {
    refuse(file, "is empty");
  }
  if (bytes > kMaxBytes) {
    refuse(file, "is larger than 2 GiB, more than an ONNX file can hold");
  }
}

std::ifstream open(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    refuse(path, "no such file");
  }
  if (status.type() == std::filesystem::file_type::directory) {
    refuse(path, "is a directory");
  }
  if (status.type() != std::filesystem::file_type::regular) {
    refuse(path, error ? error.message() : "is not a regular file");
  }
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream) {
    refuse(path, "cannot be read");
  }
  check_size(path, bytes);
  return stream;
}

constexpr const char* kNoModel = "is not an ONNX model (the protobuf does not parse)";

}  // namespace

std::unique_ptr<onnx::ModelProto> read_model(const std::string& path) {
  const google::protobuf::LogSilencer silence;
  std::ifstream stream = open(path);
  auto model = std::make_unique<onnx::ModelProto>();
  if (!model->ParseFromIstream(&stream)) {
    refuse(path, kNoModel);
  }
  return model;
}

std::unique_ptr<onnx::ModelProto> parse_model(std::string_view bytes, const std::string& file) {
  const google::protobuf::LogSilencer silence;
  check_size(file, bytes.size());
  auto model = std::make_unique<onnx::ModelProto>();
  if (!model->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse(file, kNoModel);
  }
  return model;
}

Tensor read_tensor_pb(const std::string& path) {
  const google::protobuf::LogSilencer silence;
  std::ifstream stream = open(path);
  onnx::TensorProto proto;
  if (!proto.ParseFromIstream(&stream)) {
    refuse(path, "is not an ONNX tensor (the protobuf does not parse)");
  }
  try {
    check_tensor(proto);
  } catch (const std::invalid_argument& error) {
    refuse(path, error.what());
  }
  return decode(proto);
}

}  // namespace offcut
