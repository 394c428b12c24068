// Reads ONNX models and tensors from files or memory. A model's file is mapped and parsed without
// its large tensors; it stays open, because their elements are read from it later.
#include "models/onnx/read.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <limits>
#include <stdexcept>

#include "models/base/error.h"
#include "models/onnx/light_parse.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

[[noreturn]] void refuse_read(const std::string& file, std::string why) {
  throw InputError(Place{file}, std::move(why));
}

/// Protobuf can't address more; larger models have their weights in files beside the model.
constexpr std::uintmax_t kMaxBytes = std::numeric_limits<std::int32_t>::max();

void check_size(const std::string& file, std::uintmax_t bytes) {
  if (bytes == 0) {
    refuse_read(file, "is empty");
  }
  if (bytes > kMaxBytes) {
    refuse_read(file, "is larger than 2 GiB, more than an ONNX file can hold");
  }
}

std::shared_ptr<const DataFile> open(const std::string& path) {
  auto file = std::make_shared<const DataFile>(path);
  check_size(path, file->size());
  return file;
}

constexpr const char* kNoModel = "is not an ONNX model (the protobuf does not parse)";

}  // namespace

ParsedModel read_model(const std::string& path) {
  const google::protobuf::LogSilencer silence;
  const auto file = open(path);
  const Mapping mapping(*file);
  ParsedModel model{std::make_unique<::onnx::ModelProto>(), Weights(file)};
  if (!parse_light(mapping.bytes(), *model.proto)) {
    refuse_read(path, kNoModel);
  }
  return model;
}

ParsedModel parse_model(std::string_view bytes, const std::string& file) {
  const google::protobuf::LogSilencer silence;
  check_size(file, bytes.size());
  ParsedModel model{std::make_unique<::onnx::ModelProto>(), Weights()};
  if (!model.proto->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse_read(file, kNoModel);
  }
  return model;
}

Tensor read_tensor_pb(const std::string& path) {
  const google::protobuf::LogSilencer silence;
  const auto file = open(path);
  const Mapping mapping(*file);
  const std::string_view bytes = mapping.bytes();
  ::onnx::TensorProto proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    refuse_read(path, "is not an ONNX tensor (the protobuf does not parse)");
  }
  try {
    check_tensor(proto);
  } catch (const std::invalid_argument& error) {
    refuse_read(path, error.what());
  }
  return decode(proto);
}

}  // namespace offcut::onnx
