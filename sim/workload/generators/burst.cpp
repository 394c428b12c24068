// `burst` gives each device `size` requests at once: at the start of the run, and, with `every`,
// again after each such time. It is the workload of plans for a batch of jobs.

#include <limits>

#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

class Burst : public Arrivals {
 public:
  Burst(std::uint64_t size, Seconds every) : size_(size), every_(every) {}

  Seconds next(Seconds /*now*/, ArrivalSource& source) const override {
    const std::uint64_t burst = source.count++ / size_;
    if (burst > 0 && every_ == Seconds(0)) {
      return Seconds(std::numeric_limits<double>::infinity());
    }
    return every_ * static_cast<double>(burst);
  }

 private:
  std::uint64_t size_;
  Seconds every_;
};

}  // namespace

void register_burst(Registry<ArrivalKind>& registry) {
  registry.add({.name = "burst",
                .doc = "several requests of each device at once, at the start or again and again",
                .parameters = {{.name = "size",
                                .is_whole = true,
                                .fallback = 10,
                                .least = 1,
                                .most = 1e9,
                                .doc = "requests of each device at once"},
                               {.name = "every",
                                .dimension = Dimension::time,
                                .fallback = 0,
                                .most = 1e9,
                                .doc = "time from one burst to the next; 0: only one, at the start",
                                .example = "1 s"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
                  return std::make_unique<Burst>(static_cast<std::uint64_t>(p.at("size")),
                                                 Seconds(p.at("every")));
                },
                .rate = [](const Parameters& p) {
                  return PerSecond(p.at("every") > 0 ? p.at("size") / p.at("every") : 0);
                }});
}

}  // namespace offcut::workload
