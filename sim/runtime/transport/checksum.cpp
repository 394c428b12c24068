// XXH3 of the xxHash library, compiled into this file so that it uses the vector units for which
// the layer math is compiled. The value does not depend on them.
#include "sim/runtime/transport/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace offcut::runtime {

struct Checksum::State {
  XXH3_state_t state;
};

Checksum::Checksum() : state_(std::make_unique<State>()) { reset(); }
Checksum::~Checksum() = default;
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;

void Checksum::add(std::span<const std::byte> bytes) {
  XXH3_64bits_update(&state_->state, bytes.data(), bytes.size());
}

std::uint64_t Checksum::value() const { return XXH3_64bits_digest(&state_->state); }

void Checksum::reset() { XXH3_64bits_reset(&state_->state); }

std::uint64_t checksum(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace offcut::runtime
