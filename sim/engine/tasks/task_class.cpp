// The class of tasks, so that policies, noise and memories for models treat tasks as requests. Its
// model has a number of its own, and so no memory takes it for that of another class.

#include "sim/engine/tasks/task_class.h"

#include <limits>

namespace offcut::engine {
namespace {

class NoRequests : public workload::Arrivals {
 public:
  Seconds next(Seconds /*now*/, workload::ArrivalSource& /*source*/) const override {
    return kNever;
  }
};

}  // namespace

Simulation with_tasks(const Simulation& simulation) {
  static const NoRequests none;
  Simulation all = simulation;
  Itinerary& nowhere = all.itineraries.emplace_back();
  nowhere.stages.resize(levels(all.tiers.size(), all.groups));
  nowhere.crossings.resize(levels(all.hops.size(), all.groups));
  RequestClass& tasks = all.classes.emplace_back();
  tasks.name = "tasks of the director";
  tasks.model = std::numeric_limits<std::size_t>::max();
  tasks.arrivals = &none;
  tasks.in_total = true;
  tasks.itinerary = all.itineraries.size() - 1;
  all.has_tasks = true;
  return all;
}

}  // namespace offcut::engine
