// The autoscaling policies, by hand.

#include <doctest/doctest.h>

#include "../policy.h"

namespace offcut::scheduling::autoscaling_test {

TEST_CASE("autoscaling: the formula of the Horizontal Pod Autoscaler") {
  // The examples of its documentation: at twice the target, twice as many; at half of it, half.
  CHECK(machines_for(5, 2, 0.1) == 10);
  CHECK(machines_for(5, 0.5, 0.1) == 3);
  CHECK(machines_for(5, 0, 0.1) == 0);
  CHECK(machines_for(0, 2, 0.1) == 0);
  // Within the tolerance of 10 %, nothing changes.
  CHECK(machines_for(50, 1.09, 0.1) == 50);
  CHECK(machines_for(50, 0.91, 0.1) == 50);
  CHECK(machines_for(50, 1.11, 0.1) == 56);
  CHECK(machines_for(50, 1.01, 0) == 51);
  // A whole number that comes out a little larger is still one.
  CHECK(machines_for(3, 0.1 + 0.2 + 0.7 + 1e-15 + 1, 0.1) == 6);
}

TEST_CASE("autoscaling: utilisation is that of all machines, those that start as well") {
  const auto policy_of = [](double target) {
    return policy(autoscaling(), "utilisation", {{"target", target}});
  };
  CHECK(policy_of(0.5)->desired({.machines = 2, .busy = 2}, Seconds(0)) == 4);
  CHECK(policy_of(0.5)->desired({.machines = 4, .busy = 2}, Seconds(0)) == 4);
  CHECK(policy_of(0.8)->desired({.machines = 4, .busy = 1}, Seconds(0)) == 2);
  CHECK(policy_of(0.8)->desired({.machines = 4, .busy = 4, .requests = 100}, Seconds(0)) == 5);
}

TEST_CASE("autoscaling: queue counts requests that wait or are computed") {
  const auto policy_of = [](double target) {
    return policy(autoscaling(), "queue", {{"target", target}});
  };
  CHECK(policy_of(2)->desired({.machines = 1, .busy = 1, .requests = 9}, Seconds(0)) == 5);
  CHECK(policy_of(2)->desired({.machines = 4, .busy = 1, .requests = 1}, Seconds(0)) == 1);
  CHECK(policy_of(2)->desired({.machines = 4, .busy = 4, .requests = 8.5}, Seconds(0)) == 4);
}

}  // namespace offcut::scheduling::autoscaling_test
