#pragma once

#include "models/codec/steps.h"

namespace offcut::codec {

/// The steps of AffineCodec, also in double precision: the same integers and the same range cross,
/// in the same number of bytes. Integers of 4 bits are packed two to a byte.
class AffineSteps : public CodecSteps {
 public:
  /// REQUIRES: 4 or 8 bits.
  AffineSteps(int bits, bool per_channel) : bits_(bits), per_channel_(per_channel) {}

  std::vector<TensorId> encode(StepWriter& writer, TensorId x) const override;
  TensorId decode(StepWriter& writer, std::span<const TensorId> sent,
                  const Shape& shape) const override;

 private:
  TensorId step(StepWriter& writer, TensorId low, TensorId high) const;

  int bits_;
  bool per_channel_;
};

}  // namespace offcut::codec
