#pragma once

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/scheduling/scheduling.h"

namespace offcut::scheduling {

template <class Kind>
Registry<Kind> registered(void (*fill)(Registry<Kind>&)) {
  Registry<Kind> registry;
  fill(registry);
  return registry;
}

inline const Registry<QueueKind>& queues() {
  static const auto all = registered(register_queues);
  return all;
}
inline const Registry<BatchingKind>& batching() {
  static const auto all = registered(register_batching);
  return all;
}
inline const Registry<DispatchKind>& dispatch() {
  static const auto all = registered(register_dispatch);
  return all;
}
inline const Registry<AdmissionKind>& admission() {
  static const auto all = registered(register_admission);
  return all;
}

inline const Registry<AutoscalingKind>& autoscaling() {
  static const auto all = registered(register_autoscaling);
  return all;
}

using Values = std::initializer_list<std::pair<const char*, double>>;

/// Returns parameters with these values (SI) and the defaults of the others; without a default, 2
/// or a value near it.
inline Parameters with(const std::vector<ParameterSpec>& specs, Values given = {}) {
  Parameters values = defaults(specs);
  for (const ParameterSpec& spec : specs) {
    if (!spec.fallback && !spec.is_list) {
      values.set(spec.name, std::clamp(2.0, spec.least, spec.most));
    }
  }
  for (const auto& [name, value] : given) {
    values.set(name, value);
  }
  return values;
}

/// Makes the policy of that name.
template <class Kind>
auto policy(const Registry<Kind>& registry, const std::string& name, Values given = {}) {
  const Kind& kind = *registry.find(name);
  return kind.make(with(kind.parameters, given));
}

}  // namespace offcut::scheduling
