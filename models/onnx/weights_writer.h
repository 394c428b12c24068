#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "models/graph/tensor.h"

namespace onnx {
class TensorProto;
}

namespace offcut::onnx {

/// Writes tensors into a data file beside a model. The file appears when it is complete, so the
/// tensors may meanwhile be read from an older one of the same name.
class WeightsWriter {
 public:
  enum class Mode { writes, counts };  // Counts: there is no file, and no finish().

  /// Throws InputError if the file can't be written, as do add() and finish().
  explicit WeightsWriter(std::string path, Mode mode = Mode::writes);
  ~WeightsWriter();
  WeightsWriter(const WeightsWriter&) = delete;
  WeightsWriter& operator=(const WeightsWriter&) = delete;

  /// Writes the elements, and sets the type, the shape and the location of the elements in `proto`.
  void add(const Tensor& tensor, ::onnx::TensorProto& proto);
  void finish();

  /// Returns the bytes of the file so far.
  std::uint64_t bytes() const { return offset_; }

 private:
  void require(bool succeeded) const;

  std::string path_;
  Mode mode_;
  std::string unfinished_;  // The file's name until finish().
  std::ofstream file_;
  std::uint64_t offset_ = 0;
};

}  // namespace offcut::onnx
