#pragma once

#include <cstddef>
#include <string_view>

namespace onnx {
class ModelProto;
}

namespace offcut::onnx {

/// Parses a serialised model, but leaves the elements of large tensors (raw_data) where they are.
/// Such a tensor then says, in the way of tensors whose data lie in another file, at which offset
/// of `bytes` they are: its external_data has an offset and a length, and no location. Nothing of
/// `bytes` but what is parsed is touched. Returns whether it is a protobuf. Tensors are large from
/// so many bytes on.
bool parse_light(std::string_view bytes, ::onnx::ModelProto& model, std::size_t large = 4096);

}  // namespace offcut::onnx
