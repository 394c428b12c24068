#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"
#include "models/graph/tensor.h"

namespace offcut::codec {

/// The work of a codec in floating-point operations per element: the measured time per element
/// times the speed that the measuring machine reaches on elementwise layers (tests/bench/codecs.cpp
/// prints both; the figures here are from one core of an x86-64 server of 2023 at 34 GFLOP/s).
/// Coding thus runs at the speed of elementwise layers on every device.
struct CodingWork {
  double encode = 0;
  double decode = 0;
};

class CodecSteps;  // See models/codec/steps.h.

/// Encodes tensors for the wire. Stateless: the same tensor always gives the same bytes.
///
/// Codecs encode float32. Tensors of other types pass unchanged, as their own bytes after the
/// header. An empty tensor is only a header.
class Codec {
 public:
  virtual ~Codec() = default;

  /// Returns self-describing bytes: the kind of codec, the element type, the shape, and all data
  /// that decoding needs. Throws std::invalid_argument with the index of the element if one of a
  /// float32 tensor is NaN or infinite.
  virtual std::vector<std::byte> encode(const Tensor& tensor) const = 0;

  /// Decodes the output of encode() of any codec of this kind, with any parameters. Throws
  /// std::invalid_argument for other bytes.
  virtual Tensor decode(std::span<const std::byte> bytes) const = 0;

  /// Returns a bound that no element of decode(encode(tensor)) exceeds in its difference from the
  /// tensor's. REQUIRES: the elements are finite.
  virtual double error_bound(const Tensor& tensor) const = 0;

  /// Returns the most bytes that encode() gives for a tensor of this type.
  virtual std::int64_t byte_bound(const TensorType& type) const = 0;

  virtual CodingWork work() const = 0;

  /// Returns whether a sender of one tensor after the other, such as updates in training, is to add
  /// to the next one what this codec left out of the last one: error feedback. Without that, codecs
  /// that always leave out the same would lose it for good.
  virtual bool wants_feedback() const { return false; }

  /// Returns the codec's steps as layers of ONNX operators; null if they can't express them.
  virtual std::shared_ptr<const CodecSteps> steps() const { return nullptr; }
};

/// A kind of codec, which one file of models/codec/library/ registers.
struct CodecKind {
  std::string name;
  std::string doc;
  std::uint8_t tag = 0;  // The unique first byte of its output.
  /// Numbers and optional texts, which are empty by default.
  std::vector<ParameterSpec> parameters;
  /// It is meant for updates in training: comparisons of codecs at cuts leave it out, unless asked.
  bool is_for_updates = false;
  /// Throws std::invalid_argument if a text is invalid.
  std::unique_ptr<Codec> (*make)(const Parameters&);
};

void register_codecs(Registry<CodecKind>& registry);  // Generated from models/codec/library/*.cpp.

}  // namespace offcut::codec
