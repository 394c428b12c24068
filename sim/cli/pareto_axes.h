#pragma once

#include <array>
#include <string>
#include <string_view>

#include "models/base/column_table.h"
#include "partition/studies/pareto.h"

namespace offcut::cli {

std::string readable_seconds(double value);
std::string readable_joules(double value);
std::string readable_money(double value);
std::string readable_share(double value);
std::string readable_bytes(double value);

/// An objective of a Pareto front, with all the names that it has.
struct ParetoAxis {
  std::string_view name;  // In --pareto.
  partition::FrontAxis axis;
  std::string_view heading;         // In the table for people, with values as `readable` has them.
  std::string (*readable)(double);  // Takes a value in SI.
  ColumnText column;                // In pareto.csv.
};

inline constexpr auto kParetoAxes = std::to_array<ParetoAxis>({
    {"latency",
     partition::Objective{1, 0, 0, 0},
     "latency",
     readable_seconds,
     {"latency_s", "s", "The predicted latency of one request in an idle system."}},
    {"energy",
     partition::Objective{0, 1, 0, 0},
     "energy",
     readable_joules,
     {"energy_j", "J", "The energy that the device and its radio use for one request."}},
    {"money",
     partition::Objective{0, 0, 1, 0},
     "money",
     readable_money,
     {"money", "", "The price of one request, in the scenario's currency."}},
    {"throughput",
     partition::Objective{0, 0, 0, 1},
     "throughput",
     readable_seconds,
     {"bottleneck_s", "s",
      "The longest stage: the time between answers if requests follow each other closely."}},
    {"accuracy",
     partition::AccuracyLoss{},
     "accuracy loss",
     readable_share,
     {"accuracy_loss", "", "The share of right answers that codecs, and tiers in int8, cost."}},
    {"memory",
     partition::DeviceMemory{},
     "device memory",
     readable_bytes,
     {"memory_bytes", "bytes", "The memory that the plan's layers need on the device."}},
});

}  // namespace offcut::cli
