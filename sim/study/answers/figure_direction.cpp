#include "sim/study/answers/figure_direction.h"

#include <algorithm>
#include <array>

namespace offcut::study {
namespace {

constexpr auto kHigher = std::to_array<std::string_view>(
    {"throughput_per_s", "goodput_per_s", "accuracy", "requests_completed", "fairness",
     "latency_fairness", "battery_life_s", "battery_left", "first_empty_s", "best_plan_share"});

constexpr auto kLower = std::to_array<std::string_view>(
    {"requests_dropped", "requests_late", "requests_in_flight", "requests_fell_back", "failures",
     "in_flight_late", "money", "batteries_empty", "handovers"});

/// Figures in seconds for which neither is better.
constexpr auto kPlainTimes = std::to_array<std::string_view>({"duration_s"});

template <class Names>
bool is_in(const Names& names, std::string_view figure) {
  return std::find(names.begin(), names.end(), figure) != names.end();
}

}  // namespace

Direction direction_of(std::string_view figure) {
  if (is_in(kHigher, figure)) {
    return Direction::higher;
  }
  const bool is_time =
      figure.ends_with("_s") && !figure.ends_with("_per_s") && !is_in(kPlainTimes, figure);
  const bool is_lower =
      is_in(kLower, figure) || is_time || figure.ends_with("_j") || figure == "planned_money";
  return is_lower ? Direction::lower : Direction::neither;
}

std::vector<std::string> compared_figures() {
  return {"latency_mean_s",      "latency_p50_s",   "latency_p95_s", "latency_p99_s",
          "throughput_per_s",    "goodput_per_s",   "requests_late", "requests_dropped",
          "energy_per_answer_j", "server_energy_j", "money",         "accuracy"};
}

}  // namespace offcut::study
