// Parses a model without copying the elements of large tensors. The file is scanned for the fields
// that lead to tensors; a rope of its pieces, with the elements replaced by their offsets, is given
// to protobuf's parser. Pages with the elements are thus never read.
#include "models/onnx/light_parse.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <onnx/onnx_pb.h>

#include <deque>
#include <vector>

namespace offcut::onnx {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr int kDeepestMessage = 100;  // Protobuf's own limit on nested messages.

/// A sequence of bytes in pieces, some of which are in the file.
struct Rope {
  std::vector<std::string_view> pieces;
  std::size_t size = 0;

  void add(std::string_view piece) {
    size += piece.size();
    if (!pieces.empty() && pieces.back().data() + pieces.back().size() == piece.data()) {
      pieces.back() = {pieces.back().data(), pieces.back().size() + piece.size()};
    } else if (!piece.empty()) {
      pieces.push_back(piece);
    }
  }
};

class RopeStream : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit RopeStream(const Rope& rope) : rope_(rope) {}

  bool Next(const void** data, int* size) override {
    if (piece_ == rope_.pieces.size()) {
      return false;
    }
    const std::string_view rest = rope_.pieces[piece_].substr(used_);
    *data = rest.data();
    *size = static_cast<int>(rest.size());
    given_ += *size;
    ++piece_;
    used_ = 0;
    return true;
  }

  void BackUp(int count) override {
    --piece_;
    used_ = rope_.pieces[piece_].size() - static_cast<std::size_t>(count);
    given_ -= count;
  }

  bool Skip(int count) override {
    const void* data = nullptr;
    int size = 0;
    while (Next(&data, &size)) {
      if (size > count) {
        BackUp(size - count);
        return true;
      }
      count -= size;
    }
    return count == 0;
  }

  std::int64_t ByteCount() const override { return given_; }

 private:
  const Rope& rope_;
  std::size_t piece_ = 0;
  std::size_t used_ = 0;  // Bytes used of this piece.
  std::int64_t given_ = 0;
};

enum class Kind { model, graph, node, attribute, tensor, other };

/// Returns the kind of a field, as far as it can lead to tensors.
Kind kind_of(Kind message, int field) {
  switch (message) {
    case Kind::model:
      return field == ::onnx::ModelProto::kGraphFieldNumber ? Kind::graph : Kind::other;
    case Kind::graph:
      return field == ::onnx::GraphProto::kNodeFieldNumber          ? Kind::node
             : field == ::onnx::GraphProto::kInitializerFieldNumber ? Kind::tensor
                                                                    : Kind::other;
    case Kind::node:
      return field == ::onnx::NodeProto::kAttributeFieldNumber ? Kind::attribute : Kind::other;
    case Kind::attribute:
      return field == ::onnx::AttributeProto::kTFieldNumber   ? Kind::tensor
             : field == ::onnx::AttributeProto::kGFieldNumber ? Kind::graph
                                                              : Kind::other;
    default:
      return Kind::other;
  }
}

struct Field {
  int number = 0;
  std::string_view whole;    // Includes the tag.
  std::string_view content;  // The content of a string, of bytes or of a message.
};

/// Calls `visit` with each field of a message until it returns false. Returns false if it did, or
/// if the bytes are not a message.
template <class Visit>
bool each_field(std::string_view message, Visit visit) {
  CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(message.data()),
                          static_cast<int>(message.size()));
  const auto position = [&] { return static_cast<std::size_t>(stream.CurrentPosition()); };
  while (position() < message.size()) {
    const std::size_t start = position();
    const std::uint32_t tag = stream.ReadTag();
    Field field{WireFormatLite::GetTagFieldNumber(tag), {}, {}};
    if (field.number == 0) {
      return false;
    }
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      std::uint32_t length = 0;
      if (!stream.ReadVarint32(&length) || length > message.size() - position()) {
        return false;
      }
      field.content = message.substr(position(), length);
      stream.Skip(static_cast<int>(length));
    } else if (!WireFormatLite::SkipField(&stream, tag)) {
      return false;
    }
    field.whole = message.substr(start, position() - start);
    if (!visit(field)) {
      return false;
    }
  }
  return true;
}

class Cutter {
 public:
  Cutter(std::string_view file, std::size_t large) : file_(file), large_(large) {}

  /// Adds the message without its large elements to `out`. Returns false if it is not a message.
  bool cut(Kind kind, std::string_view message, int depth, Rope& out) {
    if (depth > kDeepestMessage) {
      return false;
    }
    if (kind == Kind::tensor) {
      return cut_tensor(message, out);
    }
    return each_field(message, [&](const Field& field) {
      const Kind inner = field.content.size() < large_ ? Kind::other : kind_of(kind, field.number);
      if (inner == Kind::other) {
        out.add(field.whole);
        return true;
      }
      Rope content;
      if (!cut(inner, field.content, depth + 1, content)) {
        return false;
      }
      out.add(made(header(field.number, content.size)));
      for (const std::string_view piece : content.pieces) {
        out.add(piece);
      }
      return true;
    });
  }

 private:
  bool cut_tensor(std::string_view message, Rope& out) {
    return each_field(message, [plain = is_plain(message), &out, this](const Field& field) {
      const bool large = field.number == ::onnx::TensorProto::kRawDataFieldNumber &&
                         field.content.size() >= large_;
      out.add(plain && large ? made(location_fields(field.content)) : field.whole);
      return true;
    });
  }

  /// Returns whether the tensor has its elements once, and here. Other tensors are left unchanged.
  static bool is_plain(std::string_view message) {
    using ::onnx::TensorProto;
    int raw = 0;
    const bool is_internal = each_field(message, [&](const Field& field) {
      raw += field.number == TensorProto::kRawDataFieldNumber ? 1 : 0;
      return field.number != TensorProto::kExternalDataFieldNumber &&
             field.number != TensorProto::kDataLocationFieldNumber;
    });
    return is_internal && raw == 1;
  }

  /// Returns the fields that tell the location of the elements.
  std::string location_fields(std::string_view elements) const {
    ::onnx::TensorProto proto;
    proto.set_data_location(::onnx::TensorProto::EXTERNAL);
    const auto entry = [&](const char* key, std::size_t value) {
      auto& added = *proto.add_external_data();
      added.set_key(key);
      added.set_value(std::to_string(value));
    };
    entry("offset", static_cast<std::size_t>(elements.data() - file_.data()));
    entry("length", elements.size());
    return proto.SerializeAsString();
  }

  static std::string header(int number, std::size_t size) {
    std::string bytes;
    google::protobuf::io::StringOutputStream stream(&bytes);
    CodedOutputStream out(&stream);
    out.WriteTag(WireFormatLite::MakeTag(number, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
    out.WriteVarint32(static_cast<std::uint32_t>(size));
    out.Trim();
    return bytes;
  }

  std::string_view made(std::string bytes) { return made_.emplace_back(std::move(bytes)); }

  std::string_view file_;
  std::size_t large_;             // Bytes from which the elements of a tensor are large.
  std::deque<std::string> made_;  // Pieces that are not in the file.
};

}  // namespace

bool parse_light(std::string_view bytes, ::onnx::ModelProto& model, std::size_t large) {
  Cutter cutter(bytes, large);
  Rope rope;
  if (!cutter.cut(Kind::model, bytes, 0, rope)) {
    return false;
  }
  RopeStream stream(rope);
  return model.ParseFromZeroCopyStream(&stream);
}

}  // namespace offcut::onnx
