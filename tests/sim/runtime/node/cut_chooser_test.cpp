// A device that changes its cut with the rate of its link, on virtual time.

#include "sim/runtime/node/cut_chooser.h"

#include <doctest/doctest.h>

namespace offcut::runtime::cut_chooser_test {
namespace {

template <class Kind>
Registry<Kind> registered(void (*fill)(Registry<Kind>&)) {
  Registry<Kind> registry;
  fill(registry);
  return registry;
}
const auto kPolicies = registered(adapt::register_policies);
const auto kEstimators = registered(adapt::register_estimators);
const auto kLoads = registered(adapt::register_loads);

template <class Kind>
scheduling::Choice<Kind> choose(const Registry<Kind>& registry, const char* name) {
  const Kind* kind = registry.find(name);
  return {kind, defaults(kind->parameters), {}};
}

CutAdaptation adaptation(const char* policy) {
  return {.policy = choose(kPolicies, policy),
          .estimator = choose(kEstimators, "last"),
          .load = choose(kLoads, "ratio")};
}

// Cut 0 sends much and computes little on the device, cut 1 the other way round.
const std::vector<CutCost> kCosts = {{Seconds(0.01), Bytes(1e6), Seconds(0.05)},
                                     {Seconds(0.1), Bytes(1e4), Seconds(0.01)}};

CallEnd sent(std::size_t cut, double rate, double server_seconds) {
  CallEnd end;
  end.times.cut = cut;
  end.times.was_sent = true;
  end.times.up_bytes = static_cast<std::size_t>(kCosts[cut].up.si());
  end.times.send_begins = Seconds(1);
  TierTimes there;
  there.last_byte = Seconds(1 + kCosts[cut].up.si() / rate + 0.001);
  there.start = there.last_byte;
  there.end = there.start + Seconds(server_seconds);
  end.times.later.push_back(there);
  end.times.completion = there.end;
  return end;
}

TEST_CASE("a device follows the rate of its link") {
  CutChooser chooser(adaptation("per-request"), kCosts);
  CHECK(chooser.choose(Seconds(0)) == 1);  // 1 MB takes 80 ms at the rate it believes at first.
  chooser.ended(sent(1, 1e8, 0.01), Seconds(0.001));
  CHECK(chooser.choose(Seconds(1)) == 0);  // 10 ms.
  chooser.ended(sent(0, 1e6, 0.05), Seconds(0.001));
  CHECK(chooser.choose(Seconds(2)) == 1);  // 1 s.
  CHECK(chooser.switches() == 3);
}

TEST_CASE("a device follows the load of its servers") {
  CutChooser chooser(adaptation("per-request"), kCosts);
  chooser.ended(sent(0, 1e8, 0.05), Seconds(0.001));
  CHECK(chooser.choose(Seconds(1)) == 0);
  for (int i = 0; i < 40; ++i) {
    chooser.ended(sent(0, 1e8, 0.5), Seconds(0.001));  // Ten times as long.
  }
  CHECK(chooser.choose(Seconds(2)) == 1);
}

TEST_CASE("a static device keeps its cut") {
  CutChooser chooser(adaptation("static"), kCosts);
  chooser.ended(sent(0, 1e5, 0.05), Seconds(0.001));
  CHECK(chooser.choose(Seconds(1)) == 0);
  CHECK(chooser.switches() == 0);
}

TEST_CASE("no real device knows the truth") {
  CHECK_THROWS_AS(check_adaptation(adaptation("oracle")), InputError);
}

}  // namespace
}  // namespace offcut::runtime::cut_chooser_test
