#pragma once

namespace onnx {
class ModelProto;
}

namespace offcut::onnx {

/// Replaces each call of a function that the model defines, also in subgraphs and in other
/// functions, by the function's nodes, and removes the functions. A node gets the name of the call,
/// '/' and its own name; so does a tensor that is no input or output of the call. Attributes that
/// the call omits have the function's default, or are omitted. Throws std::invalid_argument for a
/// function that calls itself, a call with too many inputs or outputs, and a model that grows
/// beyond reason.
void inline_functions(::onnx::ModelProto& model);

}  // namespace offcut::onnx
