#include "models/files/tensor_file.h"

#include <filesystem>

#include "models/base/error.h"
#include "models/files/npy.h"
#include "models/onnx/export.h"
#include "models/onnx/read.h"

namespace offcut::files {

Tensor read_tensor(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (ending == ".pb") {
    return onnx::read_tensor_pb(path);
  }
  if (ending != ".npy") {
    throw InputError({path}, "expected a NumPy array (.npy) or an ONNX tensor (.pb)");
  }
  return read_npy(path);
}

void write_tensor(const Tensor& tensor, const std::string& name, const std::string& path) {
  if (path.ends_with(".pb")) {
    onnx::write_tensor_pb(tensor, name, path);
  } else {
    write_npy(tensor, path);
  }
}

}  // namespace offcut::files
