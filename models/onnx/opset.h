#pragma once

#include <string>

namespace onnx {
class GraphProto;
class ModelProto;
}  // namespace onnx

namespace offcut::onnx {

// Which of ONNX's own operator sets a model uses, and in which form offcut computes it.
//
// Opsets 1 to 6 are rewritten layer by layer to opset 7, the first one in which operands are
// broadcast as in numpy (older_form.h). Opsets 7 to kNewestOpset are computed as they are: every
// operator reads its layer's opset. ONNX's library knows the definitions up to opset 17; offcut has
// those of the operators that changed later (newer_schemas.h).

inline constexpr int kOldestOpset = 1;
inline constexpr int kOldestComputedOpset = 7;
inline constexpr int kNewestOpset = 26;

/// Returns the version of ONNX's own operator set that the model uses, limited to the supported
/// ones: opset_error() reports others. As in ONNX Runtime, a model that imports only other sets
/// uses the newest one; a model from before there were operator sets uses the first one.
int opset_of(const ::onnx::ModelProto& model);

/// Returns the error if the model's opset is not supported, or an empty text.
std::string opset_error(const ::onnx::ModelProto& model);

/// Returns the version of ONNX's file format in which an opset was introduced. Checkers refuse a
/// file of an older version. It is at least 8, the version of ONNX's library that writes it.
int ir_version_of(int opset);

}  // namespace offcut::onnx
