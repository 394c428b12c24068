// `sjf` serves the shortest job first, by predicted time. Of all orders in which the jobs present
// can be served one by one, it has the least mean sojourn time (Smith, Naval Research Logistics
// Quarterly 3, 1956); long jobs may starve.

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class ShortestJobFirst : public QueueDiscipline {
 public:
  double key(const Job& job) override { return job.service.si(); }
};

}  // namespace

void register_sjf(Registry<QueueKind>& registry) {
  registry.add({.name = "sjf",
                .doc = "the shortest job first, by predicted time",
                .make = [](const Parameters&) -> std::unique_ptr<QueueDiscipline> {
                  return std::make_unique<ShortestJobFirst>();
                }});
}

}  // namespace offcut::scheduling
