#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace offcut {

/// A hash of contents, FNV-1a (Fowler, Noll, Vo) with 64 bits, to recognise what was seen before.
/// It takes eight bytes at a time, since weights are many; it does not withstand an attack.
class ContentHash {
 public:
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  std::uint64_t value() const { return hash_; }
  std::string text() const;  // 16 hexadecimal digits.

 private:
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3ULL; }

  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace offcut
