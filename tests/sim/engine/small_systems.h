#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "recorded.h"
#include "tests/sim/scheduling/policy.h"

namespace offcut::engine {

/// Chooses the policy of that name for a tier.
template <class Kind>
scheduling::Choice<Kind> choose(const Registry<Kind>& registry, const std::string& name,
                                scheduling::Values given = {}) {
  const Kind& kind = *registry.find(name);
  return {&kind, scheduling::with(kind.parameters, given)};
}

/// Gives source i requests at times[i], and no others.
class Times : public workload::Arrivals {
 public:
  Times(std::initializer_list<std::vector<double>> times) : times_(times) {}
  Seconds next(Seconds now, workload::ArrivalSource& source) const override;

 private:
  std::vector<std::vector<double>> times_;
};

/// A class of requests together with its itinerary.
struct PlannedClass : RequestClass, Itinerary {};

/// Adds a class with an itinerary of its own to the simulation.
RequestClass& add_class(Simulation& simulation, PlannedClass planned);

/// Lets the class's requests fall back to their device, which computes one alone in the given time.
void set_fallback(Simulation& simulation, std::size_t request_class, Seconds alone);

/// Returns a class without work on the device: its requests send a message of `bytes` to the next
/// tier, which computes a batch of n of them in `service[n - 1]`, and get no answer.
PlannedClass asks(const workload::Arrivals& arrivals, std::vector<double> service,
                  double bytes = 0);

/// Returns a system of devices, a tier of servers, and a link of 1 B/s for each device, without
/// latency: messages without bytes reach the servers when their requests arrive. It runs until all
/// requests have ended.
Simulation system_of(std::size_t devices, Tier servers, std::vector<PlannedClass> classes);

/// Runs it, and checks that the times of each answered request add up.
Recorded run(const Simulation& simulation);

/// Lists the times at which requests ended, in the order of their arrival: in "7 x8 -", the second
/// one was dropped and the third one was in flight at the end.
std::string ends(const Recorded& recorded);
std::string ends(const Simulation& simulation);

/// Lists the events in lines such as "4 link_down 0.1": the time, the kind, and the numbers of the
/// tier or hop and of the machine or link. Events of models end with "of" and the class.
std::string events(const Simulation& simulation);

/// Lists the decisions in lines such as "4: 2 to 1.0": the time, the request, and the numbers of
/// the tier and the server, with "rejected by" instead of "to" for a rejection. Then come the
/// numbers of waiting and running requests, and the predicted work, of each server that was
/// considered.
std::string decisions(const Simulation& simulation);

}  // namespace offcut::engine
