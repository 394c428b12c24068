#pragma once

#include <vector>

#include "models/base/units.h"

namespace offcut::engine {

/// The models in a server's memory. The least recently used of the models that are not in use is
/// evicted first.
class ModelMemory {
 public:
  /// At the start, as many models of these sizes as fit are in memory, from the first one on.
  /// REQUIRES: each that is used fits alone.
  ModelMemory(const std::vector<Bytes>& models, Bytes capacity);

  /// Adds a model, which is not in memory yet, unless its size is 0. REQUIRES: it fits alone.
  void add(Bytes size) { slots_.push_back({.size = size, .resident = size == Bytes(0)}); }
  bool holds(std::size_t model) const { return slots_[model].resident; }
  /// Returns whether the model is in memory, or fits once idle ones are evicted.
  bool can_hold(std::size_t model) const;
  /// Loads the model until the time `ready`; returns the evicted ones. REQUIRES: can_hold(model).
  std::vector<std::size_t> load(std::size_t model, double ready);
  /// Returns the time at which the model was or will be loaded. REQUIRES: holds(model).
  double ready(std::size_t model) const { return slots_[model].ready; }
  void begin_use(std::size_t model);
  void end_use(std::size_t model) { --slots_[model].users; }
  /// Restores the state at the start. REQUIRES: no model is in use.
  void reset();

 private:
  struct Slot {
    Bytes size;
    bool resident = false;  // In memory, or being loaded.
    double ready = 0;
    std::size_t users = 0;
    std::uint64_t last_use = 0;
  };
  std::vector<Slot> slots_;
  std::size_t at_start_ = 0;  // The number of models given to the constructor.
  Bytes capacity_;
  Bytes used_;
  std::uint64_t uses_ = 0;
};

}  // namespace offcut::engine
