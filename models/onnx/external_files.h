#pragma once

#include <string>
#include <vector>

namespace offcut::onnx {

/// Returns the paths at which the data files of a model may be: beside its path and, if that is a
/// symbolic link, beside the file that it names. They need not exist. Reads the model, but none of
/// its tensors. A file that is no ONNX model has no data files.
std::vector<std::string> external_files(const std::string& model);

}  // namespace offcut::onnx
