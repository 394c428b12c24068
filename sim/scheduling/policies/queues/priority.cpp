// `priority` serves the most urgent class first, and each class in the order of arrival, without
// preemption (Cobham, Operations Research 2, 1954).

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class Priority : public QueueDiscipline {
 public:
  double key(const Job& job) override { return job.priority; }
};

}  // namespace

void register_priority(Registry<QueueKind>& registry) {
  registry.add({.name = "priority",
                .doc = "the most urgent class first",
                .make = [](const Parameters&) -> std::unique_ptr<QueueDiscipline> {
                  return std::make_unique<Priority>();
                }});
}

}  // namespace offcut::scheduling
