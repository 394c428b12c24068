#pragma once

#include <map>

#include "models/codec/codec.h"
#include "sim/training/state.h"

namespace offcut::training {

/// Encodes the updates of clients, each tensor by itself, and keeps what codecs leave out.
///
/// Error feedback (Seide et al., INTERSPEECH 2014; Karimireddy et al., "Error feedback fixes
/// SignSGD", ICML 2019): a client adds to its next update what the codec left out of its last one
/// that counted. Codecs say whether they need it: Codec::wants_feedback().
class UpdateCodec {
 public:
  /// Null: float32, without any bytes beside the values. The layout outlives the codec.
  UpdateCodec(std::shared_ptr<const codec::Codec> codec, const Layout& layout)
      : codec_(std::move(codec)), layout_(layout) {}

  struct Encoded {
    State decoded;   // As the server sees it.
    State residual;  // The part that is left out; empty without error feedback.
    Bytes bytes;
  };
  /// Throws InputError if the update is not finite.
  Encoded encode(std::size_t client, const State& change) const;

  /// The encoded update counts: its residual is the client's from now on. An update that is lost or
  /// late leaves the residual as it was.
  void keep(std::size_t client, State residual);
  const State* residual(std::size_t client) const;

  bool is_plain() const { return codec_ == nullptr; }
  /// Returns the most bytes of an update.
  Bytes bound() const;

 private:
  std::shared_ptr<const codec::Codec> codec_;
  const Layout& layout_;
  std::map<std::size_t, State> residuals_;  // By client.
};

}  // namespace offcut::training
