// `edf` serves the earliest deadline first (Jackson 1955: of all orders of the jobs present, it has
// the smallest maximum lateness). Requests without a deadline come after all others.

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class EarliestDeadlineFirst : public QueueDiscipline {
 public:
  double key(const Job& job) override { return job.deadline.si(); }
};

}  // namespace

void register_edf(Registry<QueueKind>& registry) {
  registry.add({.name = "edf",
                .doc = "the earliest deadline first",
                .make = [](const Parameters&) -> std::unique_ptr<QueueDiscipline> {
                  return std::make_unique<EarliestDeadlineFirst>();
                }});
}

}  // namespace offcut::scheduling
