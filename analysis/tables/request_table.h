#pragma once

#include <optional>
#include <string_view>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"
#include "sim/runtime/inference.h"

namespace offcut::analysis {

/// The sizes of a request's messages on the hop of the device.
struct MessageBytes {
  Bytes up;
  Bytes down;
};

/// A request that has ended, with the values that are not in its record.
struct RequestRow {
  const engine::RequestRecord& request;
  std::string_view outcome;
  std::string_view class_name;
  std::optional<MessageBytes> messages;  // Set for an answered request that did not fall back.
  const std::optional<runtime::Prediction>& prediction;
  std::optional<Joules> compute_energy = {};  // Of the device. None: unknown.
  std::optional<Joules> radio_energy = {};

  std::optional<Joules> device_energy() const {
    return compute_energy && radio_energy ? std::optional(*compute_energy + *radio_energy)
                                          : std::nullopt;
  }

  std::optional<Seconds> if_answered(Seconds time) const {
    return request.completed() ? std::optional(time) : std::nullopt;
  }
};

/// The columns of requests.csv.
const ColumnTable<RequestRow>& request_table();

}  // namespace offcut::analysis
