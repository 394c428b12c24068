#include "models/base/random.h"

namespace offcut {
namespace {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit affects every output bit.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// FNV-1a. Results must not depend on the standard library, as std::hash may.
std::uint64_t hash(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325U;
  for (const char c : text) {
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return h;
}

}  // namespace

RandomStream random_stream(std::uint64_t seed, std::string_view name, std::uint64_t entity) {
  const std::uint64_t a = mix(seed ^ mix(hash(name)));
  const std::uint64_t b = mix(a + mix(entity));
  using State = RandomStream::state_type;
  // State and stream selector both depend on all three, so no two sources share a sequence.
  return RandomStream((static_cast<State>(b) << 64U) | mix(b),
                      (static_cast<State>(mix(b + 1)) << 64U) | mix(b + 2));
}

}  // namespace offcut
