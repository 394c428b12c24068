#include "sim/network/availability.h"

#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <limits>

#include "models/base/random.h"

namespace offcut::network::availability_test {
namespace {

using Times = std::vector<double>;

/// FedScale's rule, without its state: active between the times of one of the pairs, of the time
/// modulo the period.
bool is_active_in_fedscale(const Times& active, const Times& inactive, int period, int time) {
  for (std::size_t i = 0; i < active.size(); ++i) {
    if (active[i] <= time % period && time % period < inactive[i]) {
      return true;
    }
  }
  return false;
}

/// Ascending whole numbers below `end`, some of which are equal.
Times random_times(RandomStream& stream, int end) {
  Times times;
  double time = 0;
  boost::random::uniform_int_distribution<int> gap(0, 4);
  for (time += gap(stream); time < end; time += gap(stream)) {
    times.push_back(time);
  }
  return times;
}

}  // namespace

TEST_CASE("availability: pairs of times are FedScale's, at any time") {
  for (std::size_t seed = 0; seed < 200; ++seed) {
    RandomStream stream = random_stream(seed, "availability", 0);
    const int period = 20;
    Times active, inactive;
    for (const double time : random_times(stream, period)) {
      (active.size() > inactive.size() ? inactive : active).push_back(time);
    }
    if (active.size() > inactive.size()) {
      inactive.push_back(period + 5);  // After the end.
    }
    REQUIRE(Availability::order_error(active, inactive).empty());
    const Availability availability(active, inactive, period);
    CHECK(availability.changes() % 2 == 0);
    int seconds = 0;
    double next = std::numeric_limits<double>::infinity();
    for (int time = 4 * period; time >= 0; --time) {
      const bool is_active = is_active_in_fedscale(active, inactive, period, time);
      CHECK(availability.is_active(time) == is_active);
      CHECK(availability.is_active(time + 0.5) == is_active);  // Changes are at whole numbers.
      seconds += is_active && time < period ? 1 : 0;
      next = is_active ? time : next;
      if (time < 2 * period) {
        CHECK(availability.next_active(time) == next);
      }
    }
    CHECK(availability.share() == doctest::Approx(double(seconds) / period));
    CHECK(availability.is_never_active() == (seconds == 0));
    CHECK(availability.is_always_active() == (seconds == period));
  }
}

TEST_CASE("availability: the changes toggle the state, period after period") {
  const Availability device({0.1, 0.7}, {0.3, 0.8}, 1.1);
  bool is_active = device.is_active_before();
  CHECK(!is_active);
  double last = -1;
  for (std::size_t n = 0; n < 4000; ++n) {
    const double change = device.change(n);
    CHECK(change > last);
    is_active = !is_active;
    CHECK(device.is_active(change) == is_active);
    CHECK(device.is_active((change + device.change(n + 1)) / 2) == is_active);
    last = change;
  }
}

TEST_CASE("availability: a device may be active at the start, the end, always or never") {
  const Availability leaves({5}, {2}, 10);  // Active until 2, and from 5 on, over the seam.
  CHECK(leaves.is_active(0));
  CHECK(!leaves.is_active(2));
  CHECK(leaves.is_active(5));
  CHECK(leaves.is_active(10));
  CHECK(leaves.changes() == 2);
  CHECK(leaves.share() == doctest::Approx(0.7));
  const Availability stays({4}, {}, 10);  // Until the end, and away again after it.
  CHECK(!stays.is_active(0));
  CHECK(stays.is_active(9.9));
  CHECK(!stays.is_active(10));
  CHECK(stays.next_active(11) == 14);
  CHECK(Availability({0}, {}, 10).is_always_active());
  CHECK(Availability({0, 5}, {5, 10}, 10).is_always_active());
  CHECK(Availability({}, {3}, 10).is_active(12));
  CHECK(!Availability({}, {3}, 10).is_active(3));
  CHECK(Availability({}, {}, 10).is_never_active());
  CHECK(Availability({88494}, {88494}, 518400).is_never_active());
  CHECK(Availability({12}, {15}, 10).is_never_active());
}

TEST_CASE("availability: times that do not take turns") {
  CHECK(Availability::order_error({1, 5}, {3}).empty());
  CHECK(Availability::order_error({5}, {3, 6}).empty());
  CHECK(Availability::order_error({1, 5}, {6, 7}) == "active[1] (5) is before inactive[0] (6)");
  CHECK(Availability::order_error({1, 5}, {3, 4}) == "inactive[1] (4) is before active[1] (5)");
  CHECK(Availability::order_error({1, 5, 9}, {3})
            .starts_with("3 times 'active' and 1 times 'inactive' do not take turns"));
  CHECK(Availability::order_error({1}, {3, 9}).starts_with("1 times 'active' and 2 times"));
}

}  // namespace offcut::network::availability_test
