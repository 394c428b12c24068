#pragma once

#include <vector>

#include "models/base/units.h"

namespace offcut::engine {

/// Which models a server has in memory. Of those that nobody uses, the one goes first that was
/// used longest ago.
class ModelMemory {
 public:
  /// Of models of those sizes, as many as fit, from the first on, are there at the start.
  /// REQUIRES: each fits alone.
  ModelMemory(const std::vector<Bytes>& models, Bytes capacity);

  /// One more model, which is not there yet, unless it has no size. REQUIRES: it fits alone.
  void add(Bytes size) { slots_.push_back({.size = size, .resident = size == Bytes(0)}); }
  bool holds(std::size_t model) const { return slots_[model].resident; }
  /// Whether it is there, or there is room for it once idle ones are gone.
  bool can_hold(std::size_t model) const;
  /// Brings it in until `ready`; gives those that had to go. REQUIRES: can_hold(model).
  std::vector<std::size_t> load(std::size_t model, double ready);
  /// When it was or will be there. REQUIRES: holds(model).
  double ready(std::size_t model) const { return slots_[model].ready; }
  void begin_use(std::size_t model);
  void end_use(std::size_t model) { --slots_[model].users; }
  /// As at the start. REQUIRES: nobody uses any.
  void reset();

 private:
  struct Slot {
    Bytes size;
    bool resident = false;  // or on its way
    double ready = 0;
    std::size_t users = 0;
    std::uint64_t last_use = 0;
  };
  std::vector<Slot> slots_;
  std::size_t at_start_ = 0;  // so many of them, those of the constructor
  Bytes capacity_;
  Bytes used_;
  std::uint64_t uses_ = 0;
};

}  // namespace offcut::engine
