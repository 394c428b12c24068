#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "models/base/units.h"

namespace offcut {

// Quantities are numbers in SI units in the summaries that the process of a run sends.
template <int T, int D, int W, int E>
void to_json(nlohmann::json& json, const Quantity<T, D, W, E>& q) {
  json = q.si();
}
template <int T, int D, int W, int E>
void from_json(const nlohmann::json& json, Quantity<T, D, W, E>& q) {
  q = Quantity<T, D, W, E>(json.get<double>());
}

}  // namespace offcut

namespace offcut::analysis {

template <class Value>
nlohmann::json optional_json(const std::optional<Value>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

template <class Value>
std::optional<Value> optional_value(const nlohmann::json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<Value>());
}

}  // namespace offcut::analysis
