// `closed-loop` lets each device have one request at a time. After an answer, and before its first
// request, it thinks for an exponential time of mean `think`; with 0 it sends the next request at
// once.

#include <boost/random/exponential_distribution.hpp>

#include "sim/workload/arrivals.h"

namespace offcut::workload {
namespace {

class ClosedLoop : public Arrivals {
 public:
  explicit ClosedLoop(Seconds think) : think_(think) {}
  Seconds next(Seconds now, ArrivalSource& source) const override {
    if (think_ == Seconds(0)) {
      return now;
    }
    return now + think_ * boost::random::exponential_distribution<double>(1)(source.stream);
  }

 private:
  Seconds think_;
};

}  // namespace

void register_closed_loop(Registry<ArrivalKind>& registry) {
  registry.add({.name = "closed-loop",
                .doc = "a device thinks after an answer before it sends its next request",
                .closed_loop = true,
                .parameters = {{.name = "think",
                                .dimension = Dimension::time,
                                .most = 1e9,
                                .doc = "mean time from an answer to the next request"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Arrivals> {
                  return std::make_unique<ClosedLoop>(Seconds(p.at("think")));
                },
                .rate = [](const Parameters&) { return PerSecond(0); }});
}

}  // namespace offcut::workload
