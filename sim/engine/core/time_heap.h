#pragma once

#include <algorithm>
#include <boost/align/aligned_allocator.hpp>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace offcut::engine {

/// Values with times, the earliest on top, and of equal times the one that was pushed first.
///
/// A heap of arity 4 whose keys are kept apart from the values: moves are of 16 bytes, and the four
/// children of a key share a cache line (LaMarca and Ladner 1996, "The influence of caches on the
/// performance of heaps"). A key is one number, so that the least of four children is found without
/// branches. A value that is taken out leaves a gap on top until the next one is pushed, which most
/// often follows at once and fills it.
template <class Value>
class TimeHeap {
 public:
  /// Values are numbered from `first_order` on. If the numbers run out, those that are in the heap
  /// are numbered anew.
  explicit TimeHeap(std::uint64_t first_order = 0) : order_(first_order) {}

  bool empty() const { return count() == (has_gap_ ? 1 : 0); }
  /// Returns the earliest time. REQUIRES: not empty.
  double time() {
    close_gap();
    return time_of(at(0));
  }

  /// REQUIRES: time >= 0. Throws std::length_error beyond 2^26 values.
  void push(double time, const Value& value) {
    if (order_ >= kOrders) {
      renumber();
    }
    const Key key = key_of(time, order_++, slot_for(value));
    if (has_gap_) {
      has_gap_ = false;
      sink(key);
      return;
    }
    std::size_t hole = count();
    keys_.push_back(key);
    while (hole > 0 && key < at((hole - 1) / kArity)) {
      at(hole) = at((hole - 1) / kArity);
      hole = (hole - 1) / kArity;
    }
    at(hole) = key;
  }
  /// Takes the earliest value out. REQUIRES: not empty.
  Value pop() {
    close_gap();
    has_gap_ = true;
    const std::size_t slot = slot_of(at(0));
    free_.push_back(static_cast<std::uint32_t>(slot));
    return values_[slot];
  }
  void clear() {
    keys_.resize(kPadding);
    values_.clear();
    free_.clear();
    has_gap_ = false;
  }

 private:
  __extension__ using Key = unsigned __int128;  // From high to low: the time, its order, its slot.
  static constexpr std::size_t kArity = 4;
  static constexpr std::size_t kPadding = kArity - 1;  // So that siblings share a cache line.
  static constexpr unsigned kSlotBits = 26;
  static constexpr std::uint64_t kSlots = std::uint64_t{1} << kSlotBits;
  static constexpr std::uint64_t kOrders = std::uint64_t{1} << (64 - kSlotBits);

  /// The bits of numbers that are not negative have the order of the numbers.
  static Key key_of(double time, std::uint64_t order, std::uint64_t slot) {
    time += 0.0;  // Makes -0 into 0.
    std::uint64_t bits = 0;
    std::memcpy(&bits, &time, sizeof bits);
    return Key{bits} << 64 | (order << kSlotBits | slot);
  }
  static double time_of(Key key) {
    const auto bits = static_cast<std::uint64_t>(key >> 64);
    double time = 0;
    std::memcpy(&time, &bits, sizeof time);
    return time;
  }
  static std::size_t slot_of(Key key) { return static_cast<std::uint64_t>(key) % kSlots; }

  /// Returns the number of keys, with a gap on top.
  std::size_t count() const { return keys_.size() - kPadding; }
  Key& at(std::size_t i) { return keys_[kPadding + i]; }

  std::size_t slot_for(const Value& value) {
    if (free_.empty()) {
      if (values_.size() == kSlots) {
        throw std::length_error("more than 67,108,864 events are scheduled at once");
      }
      values_.push_back(value);
      return values_.size() - 1;
    }
    const std::size_t slot = free_.back();
    free_.pop_back();
    values_[slot] = value;
    return slot;
  }

  void close_gap() {
    if (has_gap_) {
      has_gap_ = false;
      const Key last = keys_.back();
      keys_.pop_back();
      if (!empty()) {
        sink(last);
      }
    }
  }
  /// Puts the key in the gap on top, and moves it down as far as it has to.
  void sink(Key key) {
    const std::size_t count = this->count();
    std::size_t hole = 0;
    std::size_t first = 1;
    for (; first + kArity <= count; first = kArity * hole + 1) {
      const Key* const children = &at(first);
      const auto left = static_cast<std::size_t>(children[1] < children[0]);
      const std::size_t right = 2 + static_cast<std::size_t>(children[3] < children[2]);
      const auto goes_right = static_cast<std::size_t>(children[right] < children[left]);
      const std::size_t least = left + (right - left) * goes_right;
      if (key < children[least]) {
        at(hole) = key;
        return;
      }
      at(hole) = children[least];
      hole = first + least;
    }
    if (first < count) {
      const Key* const children = &at(first);
      const Key* const least = std::min_element(children, children + (count - first));
      if (*least < key) {
        at(hole) = *least;
        hole = first + static_cast<std::size_t>(least - children);
      }
    }
    at(hole) = key;
  }

  void renumber() {
    close_gap();
    std::sort(keys_.begin() + kPadding, keys_.end());  // Sorted keys are a heap.
    for (order_ = 0; order_ < count(); ++order_) {
      Key& key = at(order_);
      key = key_of(time_of(key), order_, slot_of(key));
    }
  }

  std::vector<Key, boost::alignment::aligned_allocator<Key, 64>> keys_ =
      std::vector<Key, boost::alignment::aligned_allocator<Key, 64>>(kPadding);
  std::vector<Value> values_;        // By slot.
  std::vector<std::uint32_t> free_;  // Slots without a value.
  std::uint64_t order_;              // Of the next value.
  bool has_gap_ = false;
};

}  // namespace offcut::engine
