// `lifo` serves the latest arrival first, without preemption.

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class Lifo : public QueueDiscipline {
 public:
  double key(const Job&) override { return --next_; }

 private:
  double next_ = 0;  // A count, since several jobs may arrive at one time.
};

}  // namespace

void register_lifo(Registry<QueueKind>& registry) {
  registry.add({.name = "lifo",
                .doc = "last come, first served",
                .make = [](const Parameters&) -> std::unique_ptr<QueueDiscipline> {
                  return std::make_unique<Lifo>();
                }});
}

}  // namespace offcut::scheduling
