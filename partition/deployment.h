#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "partition/evaluation.h"
#include "partition/team.h"

namespace offcut::partition {

/// A path through the system that some of a plan's requests take: that of a job, a user, or of the
/// requests that leave at an exit.
struct Variant {
  std::string name;                   // The cut or the exit.
  Assignment tier_of;                 // Of all layers.
  Cost cost;                          // Of one request in an idle system.
  std::vector<LayerId> skipped = {};  // The layers that it does not run, ascending.
};

/// The figure by which an algorithm judges its plan.
enum class Measure {
  latency,          // Of one request.
  mean_latency,     // Over the variants, each with its share of the requests.
  longest_latency,  // Of the slowest variant.
  /// Of requests that all arrive at the start: until the devices have computed and sent all of
  /// them. Work on other tiers delays no other request.
  makespan,
  period  // The time between two answers if requests follow each other closely.
};

/// Returns the name of the measure in tables: "longest latency".
std::string_view name_of(Measure measure);

/// The distribution of a plan's work over requests or machines, where one assignment for all
/// requests does not say it: variants that requests follow, or a team of machines.
///
/// Invariants (check() throws std::logic_error): there are variants, or there is a team, but not
/// both. The sequence names variants, and so do as many odds as there are variants, which add up to
/// 1. Each variant's assignment is monotone and its cost has a time for each tier.
struct Deployment {
  enum class Order {
    in_turn,    // The requests of each device follow `sequence`, again and again.
    by_device,  // All requests of device i follow variant sequence[i].
    at_random   // Each request draws its variant; `odds` has the probabilities.
  };

  std::vector<Variant> variants = {};
  Order order = Order::in_turn;
  std::vector<std::size_t> sequence = {};  // Indices of `variants`.
  std::vector<double> odds = {};
  /// Each device has a part of the second tier's machine for itself. The variants' times there are
  /// those on these parts.
  bool shares_server = false;
  std::optional<Team> team = {};

  void check(const CostTable& costs) const;
  /// Returns the share of the requests that follow the variant.
  double share_of(std::size_t variant) const;
  /// Returns the mean of the variants' times, bytes, energy and money, by their shares. None for a
  /// team, whose machines and links work at the same time.
  std::optional<Cost> mean_cost() const;
  /// Returns the latency of one request in an idle system; with variants, their mean.
  Seconds latency() const;
};

/// Returns what the assignment does not say, as a note of the plan: "requests take 2 cuts in turn".
std::string note_of(const Deployment& deployment);

/// Returns the measure of a plan from its cost and its deployment, which may be null. Stalls,
/// promotions and latencies are no part of a makespan or a period. REQUIRES: deployment->check()
/// holds; the cost is that of an assignment of `costs`.
Seconds measured(Measure measure, const CostTable& costs, const Cost& cost,
                 const Deployment* deployment);

}  // namespace offcut::partition
