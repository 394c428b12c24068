#pragma once

namespace onnx {
class ISchemaRegistry;
}

namespace offcut::onnx {

/// Returns the definitions that ONNX's checker and shape inference use: those of ONNX's library,
/// and for opsets that it does not know, offcut's own definitions of the operators whose
/// attributes, inputs or outputs changed. These say how many inputs and outputs and which
/// attributes there are, and have no shape inference: types of such layers are inferred by offcut
/// alone.
const ::onnx::ISchemaRegistry& schemas();

}  // namespace offcut::onnx
