// Writes a model's data file. It has another name until it is complete, and each tensor begins on a
// page.
#include "models/onnx/weights_writer.h"

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <system_error>

#include "models/base/error.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

namespace fs = std::filesystem;

/// Each tensor begins on a page, so that runtimes can map it.
constexpr std::uint64_t kPage = 4096;

void set_entry(::onnx::TensorProto& proto, const std::string& key, const std::string& value) {
  auto& added = *proto.add_external_data();
  added.set_key(key);
  added.set_value(value);
}

}  // namespace

WeightsWriter::WeightsWriter(std::string path, Mode mode)
    : path_(std::move(path)), mode_(mode), unfinished_(path_ + ".part") {
  if (mode_ == Mode::writes) {
    file_.open(unfinished_, std::ios::binary | std::ios::trunc);
    require(static_cast<bool>(file_));
  }
}

WeightsWriter::~WeightsWriter() {
  if (mode_ == Mode::writes) {
    std::error_code ignored;  // After finish(), there is no such file.
    fs::remove(unfinished_, ignored);
  }
}

void WeightsWriter::add(const Tensor& tensor, ::onnx::TensorProto& proto) {
  const auto bytes = tensor.bytes();
  offset_ = (offset_ + kPage - 1) / kPage * kPage;
  if (mode_ == Mode::writes) {
    file_.seekp(static_cast<std::streamoff>(offset_));
    file_.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
    require(static_cast<bool>(file_));
  }
  proto.set_data_type(onnx_type(tensor.type().type));
  proto.mutable_dims()->Add(tensor.shape().begin(), tensor.shape().end());
  proto.set_data_location(::onnx::TensorProto::EXTERNAL);
  set_entry(proto, "location", fs::path(path_).filename().string());
  set_entry(proto, "offset", std::to_string(offset_));
  set_entry(proto, "length", std::to_string(bytes.size()));
  offset_ += bytes.size();
}

void WeightsWriter::finish() {
  file_.close();
  require(!file_.fail());
  std::error_code error;
  fs::rename(unfinished_, path_, error);
  require(!error);
}

void WeightsWriter::require(bool succeeded) const {
  if (!succeeded) {
    throw InputError(Place{path_}, "cannot be written");
  }
}

}  // namespace offcut::onnx
