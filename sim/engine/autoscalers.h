#pragma once

#include <deque>
#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/recovery.h"
#include "sim/engine/tiers/computing.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::engine {

/// Starts machines of the tiers that have an autoscaler, and takes them away, as its policy
/// decides. Each site has a policy of its own.
class Autoscalers final : EventQueue::Handler {
 public:
  Autoscalers(const Simulation& simulation, const network::Attachment& attachment,
              EventQueue& events, Computing& computing, Recovery& recovery);

  /// Schedules the first decisions, in the background.
  void start();

 private:
  enum Kind : std::uint32_t { kDecide, kReady };

  /// A number of machines that a decision called for.
  struct Wish {
    double time = 0;
    std::size_t machines = 0;
  };
  /// The decisions of the last time, without those that a later and larger one makes irrelevant:
  /// the first is the largest.
  using Wishes = std::deque<Wish>;
  struct Machine {
    std::size_t tier = 0;
    std::size_t number = 0;
    std::uint32_t starts = 0;  // The end of an earlier start is out of date.
  };
  struct Site {
    scheduling::CheckedAutoscaling policy;
    Wishes wishes;
  };
  struct ScaledTier {
    std::size_t tier = 0;
    std::size_t decisions = 0;
    std::deque<Site> sites;
    std::vector<Machine> machines;
  };

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void schedule_decision(ScaledTier& scaled);
  void decide(ScaledTier& scaled);
  void decide_for_site(ScaledTier& scaled, std::size_t site);
  void start_machine(ScaledTier& scaled, std::size_t machine);
  static void add(Wishes& wishes, Wish wish);

  const Simulation& simulation_;
  EventQueue& events_;
  Computing& computing_;
  Recovery& recovery_;
  std::deque<ScaledTier> tiers_;  // They never move.
};

}  // namespace offcut::engine
