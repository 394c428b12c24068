#pragma once

#include "models/dataset/augmentation.h"
#include "models/dataset/set.h"
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
inline const Registry<dataset::Augmentation>& all_augmentations() {
  return filled_registry<dataset::Augmentation, dataset::register_augmentations>();
}
inline const Registry<dataset::SetKind>& all_sets() {
  return filled_registry<dataset::SetKind, dataset::register_sets>();
}

}  // namespace offcut::train
