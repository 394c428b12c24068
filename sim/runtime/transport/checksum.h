#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace offcut::runtime {

/// XXH3 (64 bits) of bytes that come in pieces.
class Checksum {
 public:
  Checksum();
  ~Checksum();
  Checksum(Checksum&&) noexcept;
  Checksum& operator=(Checksum&&) noexcept;

  void add(std::span<const std::byte> bytes);
  std::uint64_t value() const;
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Returns the XXH3 of bytes that are all there.
std::uint64_t checksum(std::span<const std::byte> bytes);

}  // namespace offcut::runtime
