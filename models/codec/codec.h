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

/// What coding takes, in floating-point operations per element: measured time per element times the
/// speed that the measuring machine reaches on elementwise layers (tests/bench/codecs.cpp prints
/// both; the figures here are from one core of an x86-64 server of 2023 at 34 GFLOP/s). A device is
/// then as fast at coding as at those layers.
struct CodingWork {
  double encode = 0;
  double decode = 0;
};

class CodecSteps;  // models/codec/steps.h

/// How a tensor is written for the wire. Stateless: the same tensor gives the same bytes always.
///
/// Codecs are about float32. Tensors of other types pass through them unchanged, as their own bytes
/// behind the header. Empty tensors are a header alone.
class Codec {
 public:
  virtual ~Codec() = default;

  /// Bytes that say by themselves what they are: kind of codec, element type, shape, and all that
  /// decoding needs. Throws std::invalid_argument where an element of a float32 tensor is NaN or
  /// infinite, naming the element.
  virtual std::vector<std::byte> encode(const Tensor& tensor) const = 0;

  /// The tensor that encode() of any codec of this kind, with whatever parameters, wrote. Throws
  /// std::invalid_argument where the bytes are not that.
  virtual Tensor decode(std::span<const std::byte> bytes) const = 0;

  /// A promise: no element of decode(encode(tensor)) is farther than this from the tensor's.
  /// REQUIRES: the elements are finite.
  virtual double error_bound(const Tensor& tensor) const = 0;

  /// A promise from the type alone: encode() never gives more bytes than this.
  virtual std::int64_t byte_bound(const TensorType& type) const = 0;

  virtual CodingWork work() const = 0;

  /// Its steps as layers of ONNX operators; null where they can't be written with them.
  virtual std::shared_ptr<const CodecSteps> steps() const { return nullptr; }
};

/// A kind of codec. Registered by one file of models/codec/library/.
struct CodecKind {
  std::string name;
  std::string doc;
  std::uint8_t tag = 0;  // first byte of what it writes; unique
  /// Numbers, and texts that may be left out (then empty).
  std::vector<ParameterSpec> parameters;
  /// Throws std::invalid_argument where a text is not what it should be.
  std::unique_ptr<Codec> (*make)(const Parameters&);
};

void register_codecs(Registry<CodecKind>& registry);  // generated from models/codec/library/*.cpp

}  // namespace offcut::codec
