#pragma once

#include <compare>
#include <map>
#include <vector>

#include "sim/engine/core/route.h"

namespace offcut::engine {

/// Assigns each route the slot of ModelMemory that holds its weights on one tier. Routes share a
/// slot if their classes use the same model and its weights on the tier have the same size.
class ModelSlots {
 public:
  bool knows(const Route& route) const {
    return route.number < slots_.size() && slots_[route.number] != kNone;
  }
  /// Assigns the slot. Returns whether it is a new one, which has the next number.
  bool add(const Route& route, const RequestClass& request_class, Bytes size);
  /// REQUIRES: knows(route).
  std::size_t slot_of(const Route& route) const { return slots_[route.number]; }
  /// Returns the class that used the slot first.
  std::size_t first_class(std::size_t slot) const { return first_classes_[slot]; }

 private:
  struct Part {
    bool shared = false;     // Several classes may use the model.
    std::size_t number = 0;  // The number of the model, or of the class.
    double size = 0;
    auto operator<=>(const Part&) const = default;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::map<Part, std::size_t> parts_;
  std::vector<std::size_t> slots_;  // By route.
  std::vector<std::size_t> first_classes_;
};

}  // namespace offcut::engine
