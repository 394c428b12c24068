#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "models/graph/tensor.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// Writes tensors into a data file beside a model. The file appears when all is in it, so the
/// tensors may be read from an older one of the same name meanwhile.
class WeightsWriter {
 public:
  /// Throws InputError where the file cannot be written, as do add() and finish().
  explicit WeightsWriter(std::string path);
  ~WeightsWriter();
  WeightsWriter(const WeightsWriter&) = delete;
  WeightsWriter& operator=(const WeightsWriter&) = delete;

  /// Writes the elements, and sets the tensor's type, its shape and where they are.
  void add(const Tensor& tensor, ::onnx::TensorProto& proto);
  void finish();

 private:
  void require(bool right) const;

  std::string path_;
  std::string unfinished_;  // its name until finish()
  std::ofstream file_;
  std::uint64_t offset_ = 0;
};

}  // namespace offcut::onnx
