// `none` sends no requests: for runs whose work comes from elsewhere, such as training.

#include <limits>

#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

class None : public Arrivals {
 public:
  Seconds next(Seconds /*now*/, ArrivalSource& /*source*/) const override {
    return Seconds(std::numeric_limits<double>::infinity());
  }
};

}  // namespace

void register_none(Registry<ArrivalKind>& registry) {
  registry.add({.name = "none",
                .doc = "no requests",
                .parameters = {},
                .make = [](const Parameters&) -> std::unique_ptr<Arrivals> {
                  return std::make_unique<None>();
                },
                .rate = [](const Parameters&) { return PerSecond(0); }});
}

}  // namespace offcut::workload
