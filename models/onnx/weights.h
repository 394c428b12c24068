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

/// The part of a file that has a tensor's elements.
struct FilePart {
  std::shared_ptr<const DataFile> file;
  std::uint64_t offset = 0;
};

/// Returns whether the tensor's elements are in a file, not in the parsed model.
bool lies_in_file(const ::onnx::TensorProto& proto);

/// The files with the elements of a model's tensors: the model's own, if parsing left them there
/// (models/onnx/light_parse.h), and the external files that it names. Each is opened once.
class Weights {
 public:
  /// Constructs the weights of a model in memory, which has no files.
  Weights() = default;
  explicit Weights(std::shared_ptr<const DataFile> model) : model_(std::move(model)) {}

  /// Finds the tensor's elements. Throws std::invalid_argument with the file's name if it can't be
  /// read, is too short, or is outside the model's folder, be it through a symbolic link. REQUIRES:
  /// lies_in_file().
  FilePart find(const ::onnx::TensorProto& proto);

 private:
  const std::shared_ptr<const DataFile>& open(const std::string& location);

  std::shared_ptr<const DataFile> model_;
  std::map<std::string, std::shared_ptr<const DataFile>> files_;  // Keyed by location.
};

/// Reads a tensor's elements directly into it. Throws InputError.
Tensor read_elements(const TensorType& type, const FilePart& part);

}  // namespace offcut::onnx
