#pragma once

#include <optional>
#include <string_view>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"
#include "sim/runtime/inference.h"

namespace offcut::analysis {

/// Sizes of a request's messages on the device's hop.
struct MessageBytes {
  Bytes up;
  Bytes down;
};

/// A request that has ended, with what its record does not say.
struct RequestRow {
  const engine::RequestRecord& request;
  std::string_view outcome;
  std::string_view class_name;
  std::optional<MessageBytes> messages;  // of an answered request that did not fall back
  const std::optional<runtime::Prediction>& prediction;

  std::optional<Seconds> if_answered(Seconds time) const {
    return request.completed() ? std::optional(time) : std::nullopt;
  }
};

/// The columns of requests.csv.
const ColumnTable<RequestRow>& request_table();

}  // namespace offcut::analysis
