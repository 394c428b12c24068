#pragma once

#include <atomic>
#include <cstddef>

namespace offcut::runtime {

/// The share that one request's body has of the memory for all bodies. Safe to destroy on any
/// thread.
class BodyShare {
 public:
  explicit BodyShare(std::atomic<std::size_t>& all) : all_(all) {}
  ~BodyShare() { all_ -= bytes_; }
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;

  /// Returns whether all bodies together stay within `most`. Nothing is taken otherwise.
  bool grow_to(std::size_t bytes, std::size_t most) {
    if (all_ + (bytes - bytes_) > most) {
      return false;
    }
    all_ += bytes - bytes_;
    bytes_ = bytes;
    return true;
  }

 private:
  std::atomic<std::size_t>& all_;
  std::size_t bytes_ = 0;
};

}  // namespace offcut::runtime
