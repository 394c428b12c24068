// A cache of models with least-recently-used eviction. Models in use can't be evicted, and models
// without a size are always resident.

#include "sim/engine/tiers/model_memory.h"

namespace offcut::engine {

ModelMemory::ModelMemory(const std::vector<Bytes>& models, Bytes capacity) : capacity_(capacity) {
  for (const Bytes size : models) {
    slots_.push_back({.size = size});
  }
  at_start_ = slots_.size();
  reset();
}

void ModelMemory::reset() {
  used_ = Bytes(0);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    slot.users = 0;
    slot.last_use = 0;
    slot.ready = 0;
    slot.resident = slot.size == Bytes(0) || (i < at_start_ && used_ + slot.size <= capacity_);
    used_ += slot.resident ? slot.size : Bytes(0);
  }
}

bool ModelMemory::can_hold(std::size_t model) const {
  if (holds(model)) {
    return true;
  }
  Bytes in_use;
  for (const Slot& slot : slots_) {
    in_use += slot.resident && slot.users > 0 ? slot.size : Bytes(0);
  }
  return in_use + slots_[model].size <= capacity_;
}

std::vector<std::size_t> ModelMemory::load(std::size_t model, double ready) {
  std::vector<std::size_t> evicted;
  while (used_ + slots_[model].size > capacity_) {
    std::size_t oldest = slots_.size();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const Slot& slot = slots_[i];
      if (slot.resident && slot.users == 0 && slot.size > Bytes(0) &&
          (oldest == slots_.size() || slot.last_use < slots_[oldest].last_use)) {
        oldest = i;
      }
    }
    slots_.at(oldest).resident = false;
    used_ -= slots_[oldest].size;
    evicted.push_back(oldest);
  }
  slots_[model].resident = true;
  slots_[model].ready = ready;
  used_ += slots_[model].size;
  return evicted;
}

void ModelMemory::begin_use(std::size_t model) {
  ++slots_[model].users;
  slots_[model].last_use = ++uses_;
}

}  // namespace offcut::engine
