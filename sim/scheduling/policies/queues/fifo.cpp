// `fifo` serves requests in the order of their arrival.

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class Fifo : public QueueDiscipline {
 public:
  double key(const Job&) override { return 0; }
};

}  // namespace

void register_fifo(Registry<QueueKind>& registry) {
  registry.add({.name = "fifo",
                .doc = "first come, first served",
                .make = [](const Parameters&) -> std::unique_ptr<QueueDiscipline> {
                  return std::make_unique<Fifo>();
                }});
}

}  // namespace offcut::scheduling
