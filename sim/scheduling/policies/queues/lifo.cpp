// lifo: last come, first served. What is being served is not interrupted.

#include "sim/scheduling/queue_discipline.h"

namespace offcut::scheduling {
namespace {

class Lifo : public QueueDiscipline {
 public:
  double key(const Job&) override { return --next_; }

 private:
  double next_ = 0;  // a count: jobs may come at one time
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
