#pragma once

#include "models/train/gradient.h"
#include "models/train/loss.h"
#include "models/train/optimizer.h"
#include "models/train/schedule.h"

namespace offcut::train {

/// Returns a registry that is filled once.
template <class T, void (*fill)(Registry<T>&)>
const Registry<T>& filled_registry() {
  static const Registry<T> registry = [] {
    Registry<T> filled;
    fill(filled);
    return filled;
  }();
  return registry;
}

inline const Registry<Gradient>& all_gradients() {
  return filled_registry<Gradient, register_gradients>();
}
inline const Registry<Loss>& all_losses() { return filled_registry<Loss, register_losses>(); }
inline const Registry<OptimizerKind>& all_optimizers() {
  return filled_registry<OptimizerKind, register_optimizers>();
}
inline const Registry<ScheduleKind>& all_schedules() {
  return filled_registry<ScheduleKind, register_schedules>();
}

}  // namespace offcut::train
