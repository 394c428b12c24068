#include "sim/engine/tiers/model_slots.h"

#include <algorithm>

namespace offcut::engine {

bool ModelSlots::add(const Route& route, const RequestClass& request_class, Bytes size) {
  const Part part{bool(request_class.model), request_class.model.value_or(route.request_class),
                  size.si()};
  const auto [found, is_new] = parts_.emplace(part, parts_.size());
  slots_.resize(std::max(slots_.size(), route.number + 1), kNone);
  slots_[route.number] = found->second;
  if (is_new) {
    first_classes_.push_back(route.request_class);
  }
  return is_new;
}

}  // namespace offcut::engine
