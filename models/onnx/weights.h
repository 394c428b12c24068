#pragma once

#include <map>
#include <memory>
#include <string>

#include "models/graph/tensor.h"
#include "models/onnx/data_file.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// Where a tensor's elements are.
struct FilePart {
  std::shared_ptr<const DataFile> file;
  std::uint64_t offset = 0;
};

/// Whether the tensor's elements lie in a file, not in the parsed model.
bool lies_in_file(const ::onnx::TensorProto& proto);

/// The files that hold the elements of a model's tensors: the model's own, of which they were left
/// out when it was parsed (models/onnx/light_parse.h), and those beside it that it names. Each is
/// opened once.
class Weights {
 public:
  /// Of a model that is no file: nothing lies in one.
  Weights() = default;
  explicit Weights(std::shared_ptr<const DataFile> model) : model_(std::move(model)) {}

  /// Throws std::invalid_argument, naming the file, where it can't be read, where it is too short,
  /// or where it lies outside of the model's folder. REQUIRES: lies_in_file().
  FilePart find(const ::onnx::TensorProto& proto);

 private:
  const std::shared_ptr<const DataFile>& open(const std::string& location);

  std::shared_ptr<const DataFile> model_;
  std::map<std::string, std::shared_ptr<const DataFile>> files_;  // by location
};

/// Reads a tensor's elements, straight into it. Throws InputError.
Tensor read_elements(const TensorType& type, const FilePart& part);

}  // namespace offcut::onnx
