#pragma once

#include <cstddef>
#include <string_view>

namespace onnx {
class ModelProto;
}

namespace offcut::onnx {

/// Parses a serialised model, but leaves the elements (raw_data) of tensors of at least `large`
/// bytes in place. The external_data of such a tensor have an offset in `bytes` and a length, like
/// those of a tensor whose data are in another file, but no location. Only the parsed parts of
/// `bytes` are read. Returns whether they are a protobuf.
bool parse_light(std::string_view bytes, ::onnx::ModelProto& model, std::size_t large = 4096);

}  // namespace offcut::onnx
