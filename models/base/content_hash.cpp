#include "models/base/content_hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut {

void ContentHash::add(std::span<const std::byte> bytes) {
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word = 0;
    std::copy_n(bytes.begin(), 8, std::as_writable_bytes(std::span(&word, 1)).begin());
    mix(word);
    hash_ ^= hash_ >> 32;  // Multiplication alone only carries upward.
  }
  for (const std::byte byte : bytes) {
    mix(std::to_integer<std::uint64_t>(byte));
  }
  mix(bytes.size());
}

void ContentHash::add(std::string_view text) {
  mix(text.size());
  add(std::as_bytes(std::span(text)));
}

std::string ContentHash::text() const { return fmt::format("{:016x}", hash_); }

}  // namespace offcut
