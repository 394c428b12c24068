// closed-loop: each device has one request under way; it thinks for an exponential time of mean
// `think` after an answer (0: asks again at once), and so before its first request.

#include <boost/random/exponential_distribution.hpp>

#include "sim/workload/arrivals.h"

namespace offcut {
namespace {

class ClosedLoop : public Arrivals {
 public:
  explicit ClosedLoop(Seconds think) : think_(think) {}
  Seconds first(RandomStream& stream) const override { return gap(stream); }
  Seconds gap(RandomStream& stream) const override {
    if (think_ == Seconds(0)) {
      return think_;
    }
    return think_ * boost::random::exponential_distribution<double>(1)(stream);
  }

 private:
  Seconds think_;
};

}  // namespace

void register_closed_loop(Registry<ArrivalKind>& registry) {
  registry.add({.name = "closed-loop",
                .doc = "a device asks again after it was answered and has thought",
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

}  // namespace offcut
