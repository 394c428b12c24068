#pragma once

#include <optional>
#include <vector>

#include "sim/engine/energy/radios.h"

namespace offcut::engine {

/// The books of a run's energy: the states of machines, from how long they were up and busy, and
/// the radios of the devices. Without a radio, a request costs them nothing.
class EnergyBooks {
 public:
  EnergyBooks(const Simulation& simulation, EventQueue& events, Radios::Listener& listener);

  /// See Radios. Messages of later hops do not concern it.
  bool promotes(Request* request) {
    return radios_ && request->stage == 0 && request->up && radios_->promotes(request);
  }
  void begins(Request* request) {
    if (radios_ && request->stage == 0) {
      radios_->begins(request);
    }
  }
  void ends(Request* request, Bytes crossed, double now) {
    if (request->is_on_air()) {
      radios_->ends(request, crossed, now);
    }
  }
  void releases(Request* request) {
    if (request->on_radio) {
      radios_->releases(request);
    }
  }
  void machine_down(std::size_t tier) { change(tier, -1); }
  void machine_up(std::size_t tier) { change(tier, 1); }

  /// Returns the states of all machines and radios in a run with these tiers and hops. Throws
  /// std::logic_error unless the times of the states add up to the machines' time, see also
  /// Radios::close(). REQUIRES: ends() was called for each message that is on the air.
  std::vector<EnergyState> close(double end, const RunRecord& run);

 private:
  /// The machines of a tier that are up, integrated over time.
  struct Up {
    double machines = 0;
    double since = 0;
    double time = 0;
  };

  void change(std::size_t tier, double machines);
  void add_machines(std::size_t tier, double end, const TierUsage& usage,
                    std::vector<EnergyState>& states) const;

  const Simulation& simulation_;
  const EventQueue& events_;
  std::vector<Up> up_;  // By tier.
  std::optional<Radios> radios_;
};

}  // namespace offcut::engine
