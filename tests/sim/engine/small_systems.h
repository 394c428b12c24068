#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "recorded.h"
#include "tests/sim/scheduling/policy.h"

namespace offcut::engine {

/// The policy of that name, for a tier.
template <class Kind>
scheduling::Choice<Kind> choose(const Registry<Kind>& registry, const std::string& name,
                                scheduling::Values given = {}) {
  const Kind& kind = *registry.find(name);
  return {&kind, scheduling::with(kind.parameters, given)};
}

/// Source i has requests at times[i], and at no others.
class Times : public workload::Arrivals {
 public:
  Times(std::initializer_list<std::vector<double>> times) : times_(times) {}
  Seconds next(Seconds now, workload::ArrivalSource& source) const override;

 private:
  std::vector<std::vector<double>> times_;
};

/// A class of requests with the itinerary that it follows.
struct PlannedClass : RequestClass, Itinerary {};

/// Gives the simulation one more class, which follows an itinerary of its own.
RequestClass& add_class(Simulation& simulation, PlannedClass planned);

/// Lets the class's requests fall back to their device, which computes one alone in that time.
void set_fallback(Simulation& simulation, std::size_t request_class, Seconds alone);

/// What a request of the class takes on its way: nothing on the device, a message of so many bytes
/// to the next tier, `service[n - 1]` there in a batch of n, and no answer.
PlannedClass asks(const workload::Arrivals& arrivals, std::vector<double> service,
                  double bytes = 0);

/// Devices, a tier of servers, and between them a link of 1 B/s for each device, without latency:
/// messages without bytes reach the servers when their requests arrive. Runs until all is over.
Simulation system_of(std::size_t devices, Tier servers, std::vector<PlannedClass> classes);

/// Runs it; of each request that was answered, the parts add up.
Recorded run(const Simulation& simulation);

/// When each request ended, in the order of their arrival: "7 x8 -" where the second was dropped
/// and the third was in flight at the end.
std::string ends(const Recorded& recorded);
std::string ends(const Simulation& simulation);

/// What the observers hear, in lines such as "4 link_down 0.1": the time, what, and the numbers of
/// the tier or hop and of the machine or link; behind a model's, "of" its class.
std::string events(const Simulation& simulation);

/// Such as "4: 2 to 1.0": the time, the request, and the numbers of tier and server ("rejected by"
/// instead of "to"); behind that, of each server in view, its requests that wait and run, and its
/// predicted work.
std::string decisions(const Simulation& simulation);

}  // namespace offcut::engine
