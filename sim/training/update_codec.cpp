// The tensors of an update pass through the codec one by one, in their own shapes, so that codecs
// with ranges of channels see channels.

#include "sim/training/update_codec.h"

#include <fmt/format.h>

#include "models/base/error.h"

namespace offcut::training {

UpdateCodec::Encoded UpdateCodec::encode(std::size_t client, const State& change) const {
  if (codec_ == nullptr) {
    return {change, {}, layout_.bytes()};
  }
  if (layout_.is_hollow()) {
    return {change, {}, bound()};
  }
  State values = change;
  if (const State* const left = residual(client)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] += (*left)[i];
    }
  }
  Encoded encoded;
  encoded.decoded.reserve(values.size());
  std::size_t bytes = 0;
  for (const Layout::Part& part : layout_.parts()) {
    const std::span<const float> elements(values.data() + part.first, part.size);
    std::vector<std::byte> coded;
    try {
      coded = codec_->encode(Tensor(part.shape, elements));
    } catch (const std::invalid_argument& error) {
      throw InputError(
          {}, fmt::format("codec: client {}'s update of '{}' can't be encoded: {}; a lower "
                          "rate may help",
                          client, part.name, error.what()));
    }
    bytes += coded.size();
    const Tensor decoded = codec_->decode(coded);
    const auto all = decoded.values<float>();
    encoded.decoded.insert(encoded.decoded.end(), all.begin(), all.end());
  }
  encoded.bytes = Bytes(static_cast<double>(bytes));
  if (codec_->wants_feedback()) {
    encoded.residual = std::move(values);
    for (std::size_t i = 0; i < encoded.residual.size(); ++i) {
      encoded.residual[i] -= encoded.decoded[i];
    }
  }
  return encoded;
}

void UpdateCodec::keep(std::size_t client, State residual) {
  if (!residual.empty()) {
    residuals_[client] = std::move(residual);
  }
}

const State* UpdateCodec::residual(std::size_t client) const {
  const auto found = residuals_.find(client);
  return found == residuals_.end() ? nullptr : &found->second;
}

Bytes UpdateCodec::bound() const {
  if (codec_ == nullptr) {
    return layout_.bytes();
  }
  std::int64_t bytes = 0;
  for (const Layout::Part& part : layout_.parts()) {
    bytes += codec_->byte_bound({DataType::float32, part.shape});
  }
  return Bytes(static_cast<double>(bytes));
}

}  // namespace offcut::training
