#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"
#include "sim/experiment/moving_plans.h"
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
  std::string_view group_name;           // Of its device.
  std::optional<MessageBytes> messages;  // Set for an answered request that did not fall back.
  const std::optional<runtime::Prediction>& prediction;
  std::string_view exit = {};                 // Where it left; empty if it has not.
  engine::RequestParts parts;                 // Empty if they were not recorded.
  std::optional<Joules> compute_energy = {};  // Of the device. None: unknown.
  std::optional<Joules> radio_energy = {};
  std::optional<experiment::RequestPlan> plan = {};  // In a run with beliefs or an adaptation.

  std::optional<Joules> device_energy() const {
    return compute_energy && radio_energy ? std::optional(*compute_energy + *radio_energy)
                                          : std::nullopt;
  }

  std::optional<Seconds> if_answered(Seconds time) const {
    return request.completed() ? std::optional(time) : std::nullopt;
  }
};

/// The text of requests.csv. Its columns `TIER.wait_s` and so on stand for those of every later
/// tier and every hop, and `algorithm` is only in files with the requests of several plans.
TableText request_table_text();

/// Writes requests.csv row by row. Throws as CsvWriter does.
class RequestTableWriter {
 public:
  /// The file has columns for the tiers and hops of the simulation, and if `has_plans` for plans.
  /// With an algorithm, the last column has its name in each row. Columns named in `further` come
  /// after all others.
  RequestTableWriter(const std::string& path, const engine::Simulation& simulation,
                     std::optional<std::string> algorithm, bool has_plans = false,
                     const std::vector<std::string>& further = {});

  /// REQUIRES: a value for each of the further columns; none: an empty field.
  void add(const RequestRow& row, std::span<const std::optional<double>> further = {});
  void close() { file_.close(); }

 private:
  std::optional<std::string> algorithm_;
  bool has_groups_;     // Of devices.
  bool has_handovers_;  // Of devices.
  bool has_plans_;
  bool has_exits_;
  bool has_versions_;
  std::size_t tiers_;
  std::size_t hops_;
  CsvWriter file_;
};

}  // namespace offcut::analysis
