#include "analysis/theory/queueing.h"

#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/constants/constants.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace offcut::analysis::queueing_test {
namespace {

/// Returns the stationary distribution of a Markov chain with these rates.
Eigen::VectorXd stationary(Eigen::Index states,
                           const std::function<double(Eigen::Index, Eigen::Index)>& rate) {
  Eigen::MatrixXd balance =
      Eigen::MatrixXd::Zero(states, states);  // Flow into a state - flow out of it.
  for (Eigen::Index from = 0; from < states; ++from) {
    for (Eigen::Index to = 0; to < states; ++to) {
      if (from != to) {
        balance(to, from) += rate(from, to);
        balance(from, from) -= rate(from, to);
      }
    }
  }
  balance.row(0).setOnes();  // One balance follows from the others.
  return balance.partialPivLu().solve(Eigen::VectorXd::Unit(states, 0));
}

}  // namespace

TEST_CASE("theory: one server at load 0.8") {
  // With a mean service of 1: M/M/1 0.8 / 0.2 = 4, M/D/1 half of it; cv 2: 4 * (1 + 4) / 2 = 10.
  CHECK(mm1_wait(PerSecond(0.8), Seconds(1)).si() == doctest::Approx(4));
  CHECK(md1_wait(PerSecond(0.8), Seconds(1)).si() == doctest::Approx(2));
  CHECK(mg1_wait(PerSecond(0.8), Seconds(1), 2).si() == doctest::Approx(10));
  // Times scale with the service time at the same load.
  CHECK(mm1_wait(PerSecond(800), Seconds(0.001)).si() == doctest::Approx(0.004));
}

TEST_CASE("theory: without arrivals nothing waits") {
  CHECK(mm1_wait(PerSecond(0), Seconds(1)) == Seconds(0));
  CHECK(erlang_c(3, 0) == 0);
}

TEST_CASE("theory: Erlang C") {
  // With one server, the probability of a wait is the load. With two, 2 rho^2 / (1 + rho) follows
  // from Erlang's sum.
  CHECK(erlang_c(1, 0.3) == doctest::Approx(0.3));
  CHECK(erlang_c(2, 0.5) == doctest::Approx(2 * 0.25 / 1.5));
  // Three servers, load 0.8, a = 2.4: a^3 / 3! / (1 - 0.8) = 11.52; 1 + a + a^2 / 2 = 6.28;
  // 11.52 / (6.28 + 11.52).
  CHECK(erlang_c(3, 0.8) == doctest::Approx(11.52 / 17.8));
  // Tables print 0.59643 for four servers at 0.8.
  CHECK(erlang_c(4, 0.8) == doctest::Approx(0.59643).epsilon(1e-5));
}

TEST_CASE("theory: several servers") {
  // M/M/4 at load 0.8: a sojourn of 1.74554 services, so a wait of 0.74554.
  CHECK(mmc_wait(PerSecond(3.2), Seconds(1), 4).si() == doctest::Approx(0.74554).epsilon(1e-5));
  CHECK(mmc_wait(PerSecond(0.8), Seconds(1), 1).si() ==
        doctest::Approx(mm1_wait(PerSecond(0.8), Seconds(1)).si()));
}

TEST_CASE("theory: Erlang B") {
  // Tables print 0.121661 for ten servers and an offered load of 8.
  CHECK(erlang_b(10, 8) == doctest::Approx(0.121661).epsilon(1e-5));
  // The definition is a^c / c! over the sum of a^n / n!.
  for (const double offered : {0.0, 0.3, 2.0, 30.0}) {
    double term = 1;
    double sum = 1;
    for (std::size_t n = 1; n <= 12; ++n) {
      term *= offered / static_cast<double>(n);
      sum += term;
      CHECK(erlang_b(n, offered) == doctest::Approx(term / sum));
    }
  }
  CHECK(erlang_b(0, 3) == 1);
}

TEST_CASE("theory: M/M/1/K") {
  // With ten places at load 0.9: 0.1 * 0.9^10 / (1 - 0.9^11) = 0.050814.
  CHECK(mm1k_loss(10, 0.9) == doctest::Approx(0.050814).epsilon(1e-5));
  CHECK(mm1k_loss(1, 2) == doctest::Approx(erlang_b(1, 2)));  // One server and no place to wait.
  CHECK(mm1k_loss(4, 1) == doctest::Approx(0.2));             // All five states are equally likely.
  CHECK(mm1k_loss(3, 0) == 0);
  // In the chain itself, the flow from n to n + 1 equals the flow back, with rates of 1.7 to 1.
  std::vector<double> states = {1};
  for (int n = 0; n < 5; ++n) {
    states.push_back(states.back() * 1.7);
  }
  const double sum = std::accumulate(states.begin(), states.end(), 0.0);
  CHECK(mm1k_loss(5, 1.7) == doctest::Approx(states.back() / sum));
}

TEST_CASE("theory: M/D/1 with a bounded wait") {
  const auto loss = [](double load, double most_wait) {
    return md1_bounded_wait_loss(PerSecond(load), Seconds(1), Seconds(most_wait));
  };
  for (const double load : {0.0, 0.3, 1.0, 2.5}) {
    CAPTURE(load);
    CHECK(loss(load, 0) == doctest::Approx(erlang_b(1, load)));  // No request may wait.
    // Up to half a service, the work is G = e^(load w), since no earlier service has ended.
    const double half = std::exp(load / 2);
    CHECK(loss(load, 0.5) == doctest::Approx(1 - half / (1 + load * half)));
    // A whole number of services is M/D/1/K with K - 1 places to wait. After a service that began
    // with n requests, n - 1 are left and those that arrived meanwhile, Poisson, at most K - 1. The
    // loss is 1 - 1 / (load + P(none)) (Gross and Harris, Fundamentals of Queueing Theory).
    for (const Eigen::Index places : {2, 3, 10, 80}) {
      const auto probability = [load](Eigen::Index n) {
        return load == 0 ? (n == 0 ? 1.0 : 0.0)
                         : std::exp(static_cast<double>(n) * std::log(load) - load -
                                    std::lgamma(static_cast<double>(n) + 1));
      };
      const auto chain = stationary(places, [&](Eigen::Index from, Eigen::Index to) {
        const Eigen::Index left = std::max<Eigen::Index>(from - 1, 0);
        double rate = 0;
        const Eigen::Index most = to == places - 1 ? left + 400 : to;
        for (Eigen::Index present = std::max(to, left); present <= most; ++present) {
          rate += probability(present - left);
        }
        return rate;
      });
      CAPTURE(places);
      CHECK(std::abs(loss(load, static_cast<double>(places - 1)) - (1 - 1 / (load + chain(0)))) <
            1e-12);
    }
  }
  CHECK(loss(2.5, 1e5) == doctest::Approx(1 - 1 / 2.5));
  CHECK(md1_bounded_wait_loss(PerSecond(20), Seconds(0.1), Seconds(0.13)) ==
        doctest::Approx(loss(2, 1.3)));
  CHECK_THROWS_AS(loss(0.5, -1), std::invalid_argument);
  CHECK_THROWS_AS(loss(0.5, HUGE_VAL), std::invalid_argument);
}

TEST_CASE("theory: processor sharing") {
  // The mean is that of M/M/1 in the order of arrival, wait and service, for any service time.
  CHECK(mg1_ps_sojourn(PerSecond(0.8), Seconds(1)).si() == doctest::Approx(5));
  CHECK(mg1_ps_sojourn(PerSecond(100), Seconds(0.005)).si() == doctest::Approx(0.01));
}

TEST_CASE("theory: the best of d servers") {
  const auto sojourn = [](double load, std::size_t choices) {
    return supermarket_sojourn(load, Seconds(1), choices).si();
  };
  const std::map<double, std::vector<double>> printed = {
      {0.9, {10.0, 2.6141, 2.0279}}, {0.95, {20, 3.3830, 2.5351}}, {0.99, {100, 5.4320, 3.8578}}};
  for (const auto& [load, sojourns] : printed) {
    for (std::size_t d = 1; d <= 3; ++d) {
      CHECK(sojourn(load, d) == doctest::Approx(sojourns[d - 1]).epsilon(5e-5));
    }
  }
  // By its own recursion, the share of servers with at least one request is s_1 = load, and with at
  // least i + 1 it is s_(i+1) = load * s_i^d. By Little's law, the sojourn is their sum over the
  // load.
  for (const std::size_t d : {2U, 5U}) {
    double sum = 0;
    for (double share = 0.97; share > 1e-18;
         share = 0.97 * std::pow(share, static_cast<double>(d))) {
      sum += share;
    }
    CHECK(sojourn(0.97, d) == doctest::Approx(sum / 0.97));
  }
  CHECK(sojourn(0, 2) == 1);
  CHECK(supermarket_sojourn(0.9, Seconds(0.01), 2).si() == doctest::Approx(0.026141).epsilon(5e-5));
}

TEST_CASE("theory: priorities") {
  // Two classes have loads of 0.3 and 0.5 and services of 1: R = 0.8, W = 0.8 / 0.7 and 0.8 / (0.7
  // * 0.2).
  const std::vector<Seconds> two =
      priority_waits({{PerSecond(0.3), Seconds(1)}, {PerSecond(0.5), Seconds(1)}});
  CHECK(two[0].si() == doctest::Approx(0.8 / 0.7));
  CHECK(two[1].si() == doctest::Approx(0.8 / 0.14));
  // One class is M/G/1.
  CHECK(priority_waits({{PerSecond(0.8), Seconds(1), 2}})[0] ==
        mg1_wait(PerSecond(0.8), Seconds(1), 2));
  // Kleinrock's conservation law: the waits, weighted with the loads, do not depend on the order.
  std::vector<PriorityClass> classes = {{PerSecond(0.1), Seconds(1), 0},
                                        {PerSecond(0.02), Seconds(10), 0.5},
                                        {PerSecond(0.1), Seconds(4), 2}};
  const auto weighted = [&] {
    const std::vector<Seconds> waits = priority_waits(classes);
    double sum = 0;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      sum += classes[i].arrivals * classes[i].service * waits[i].si();
    }
    return sum;
  };
  const double sum = weighted();
  std::swap(classes[0], classes[2]);
  CHECK(weighted() == doctest::Approx(sum));
  CHECK_THROWS_AS(priority_waits({{PerSecond(0.5), Seconds(1)}, {PerSecond(0.5), Seconds(1)}}),
                  std::invalid_argument);
}

TEST_CASE("theory: GI/M/1") {
  const auto wait = [](double rate, const auto& transform) {
    return gim1_wait(PerSecond(rate), Seconds(1), transform).si();
  };
  const auto gamma = [](double rate, double cv) {
    return [=](PerSecond s) { return gamma_transform(PerSecond(rate), cv, s); };
  };
  // Exponential gaps give M/M/1.
  CHECK(wait(0.8, gamma(0.8, 1)) == doctest::Approx(4));
  CHECK(wait(0.8, [](PerSecond s) { return weibull_transform(PerSecond(0.8), 1, s); }) ==
        doctest::Approx(4));
  // Gaps of two exponential parts, E2/M/1, have the root of x^2 - (2 a + 1) x + a^2 = 0 with a = 2
  // rho.
  const double root = (2 * 1.6 + 1 - std::sqrt(4 * 1.6 + 1)) / 2;
  CHECK(wait(0.8, gamma(0.8, std::sqrt(0.5))) == doctest::Approx(root / (1 - root)));
  // Constant gaps, D/M/1, at load 0.5: x = e^(-2 (1 - x)) = 0.203188.
  CHECK(wait(0.5, [](PerSecond s) { return std::exp(-s.si() / 0.5); }) ==
        doctest::Approx(0.203188 / (1 - 0.203188)).epsilon(1e-5));
  CHECK(wait(0.5, gamma(0.5, 0.01)) == doctest::Approx(0.203188 / (1 - 0.203188)).epsilon(1e-3));
  CHECK_THROWS_AS(wait(1, gamma(1, 1)), std::invalid_argument);
}

TEST_CASE("theory: the Laplace transform of Weibull gaps") {
  // For shape 1/2, with c = s * scale, it is sqrt(pi / c) / 2 * e^(1 / (4 c)) * erfc(1 / (2
  // sqrt(c))).
  for (const double s : {0.1, 1.0, 20.0}) {
    const double c = s / (3 * std::tgamma(3));
    CHECK(weibull_transform(PerSecond(3), 0.5, PerSecond(s)) ==
          doctest::Approx(std::sqrt(boost::math::constants::pi<double>() / c) / 2 *
                          std::exp(1 / (4 * c)) * std::erfc(1 / (2 * std::sqrt(c))))
              .epsilon(1e-12));
  }
  CHECK(weibull_transform(PerSecond(3), 0.7, PerSecond(0)) == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("theory: a server that computes all waiting requests together") {
  CHECK(mm1_batch_wait(PerSecond(0.8), Seconds(1), 1).si() == doctest::Approx(4));  // M/M/1
  // In the chain itself, state 0 is idle and state 1 + n is busy while n requests wait.
  for (const Eigen::Index most : {2, 5}) {
    const double rate = 0.7 * static_cast<double>(most);
    const auto then = [most](Eigen::Index state) {  // The state after a service ends.
      return state == 1 ? 0 : std::max<Eigen::Index>(1, state - most);
    };
    const Eigen::VectorXd states = stationary(300, [&](Eigen::Index from, Eigen::Index to) {
      return to == from + 1 ? rate : from > 0 && to == then(from) ? 1.0 : 0.0;
    });
    double waiting = 0;
    for (Eigen::Index state = 1; state < states.size(); ++state) {
      waiting += static_cast<double>(state - 1) * states(state);
    }
    const auto size = static_cast<std::size_t>(most);
    CHECK(mm1_batch_wait(PerSecond(rate), Seconds(1), size).si() ==
          doctest::Approx(waiting / rate).epsilon(1e-9));
    CHECK(mm1_batch_wait(PerSecond(rate / 10), Seconds(10), size).si() ==
          doctest::Approx(10 * waiting / rate).epsilon(1e-9));
    CHECK_THROWS_AS(mm1_batch_wait(PerSecond(rate), Seconds(2), size), std::invalid_argument);
  }
}

TEST_CASE("theory: a server that breaks down") {
  // In the chain itself, with n requests, state 2 n + 1 is up and state 2 n is down.
  const double rate = 0.4, fails = 0.3, repairs = 0.9;
  const Eigen::VectorXd states = stationary(400, [&](Eigen::Index from, Eigen::Index to) {
    const bool is_up = from % 2 == 1;
    return to == from + 2             ? rate
           : to == from - 2 && is_up  ? 1.0
           : to == from - 1 && is_up  ? fails
           : to == from + 1 && !is_up ? repairs
                                      : 0.0;
  });
  double requests = 0;
  for (Eigen::Index state = 0; state < states.size(); ++state) {
    requests += static_cast<double>(state / 2) * states(state);
  }
  const auto sojourn = [](double arrivals, double up, double down) {
    return mm1_breakdown_sojourn(PerSecond(arrivals), Seconds(1), Seconds(up), Seconds(down)).si();
  };
  CHECK(sojourn(rate, 1 / fails, 1 / repairs) == doctest::Approx(requests / rate).epsilon(1e-9));
  CHECK(sojourn(0.8, 1e12, 1) == doctest::Approx(5));          // M/M/1
  CHECK_THROWS_AS(sojourn(0.8, 3, 1), std::invalid_argument);  // It is up for 0.75 of the time.
}

TEST_CASE("theory: a tandem is the sum of its stations") {
  // The sojourn is 5 at a load of 0.8 with one server, 1.74554 with four servers, and 1 / 0.6 / 2
  // at a load of 0.4.
  CHECK(tandem_sojourn(PerSecond(0.8), {{Seconds(1)}, {Seconds(4), 4}, {Seconds(0.5)}}).si() ==
        doctest::Approx(5 + 4 * 1.74554 + 0.5 / 0.6).epsilon(1e-5));
  CHECK(tandem_sojourn(PerSecond(0.8), {}) == Seconds(0));
}

TEST_CASE("theory: sources that wait for their answers") {
  CHECK(closed_sojourn(1, Seconds(5), Seconds(2)) == Seconds(2));  // No other source competes.
  CHECK(closed_sojourn(7, Seconds(0), Seconds(2)).si() ==
        doctest::Approx(14));  // All requests are always present.
  // In the chain itself, with n of 6 requests present, each other source sends at a rate of 1 / 4.
  const Eigen::VectorXd states = stationary(7, [](Eigen::Index from, Eigen::Index to) {
    return to == from + 1 ? static_cast<double>(6 - from) / 4 : to == from - 1 ? 1.0 : 0.0;
  });
  double present = 0;
  for (Eigen::Index n = 0; n < states.size(); ++n) {
    present += static_cast<double>(n) * states(n);
  }
  CHECK(closed_sojourn(6, Seconds(4), Seconds(1)).si() ==
        doctest::Approx(present / (1 - states(0))));  // Little's law
}

TEST_CASE("theory: batches of requests with a fixed period") {
  // By hand, the same for each batch: requests at 0, 2, 4, 6 start at 6 and end at 9.
  CHECK(batch_sojourn(Seconds(2), 4, Seconds(3)).si() == doctest::Approx((9 + 7 + 5 + 3) / 4.0));
  CHECK(batch_sojourn(Seconds(2), 1, Seconds(1.5)) == Seconds(1.5));
  CHECK_THROWS_AS(batch_sojourn(Seconds(2), 4, Seconds(8)),
                  std::invalid_argument);  // The server is never idle.
}

TEST_CASE("theory: a load of 1 or more is refused") {
  CHECK_THROWS_WITH_AS(mm1_wait(PerSecond(2), Seconds(0.5)),
                       "expected a load from 0 to below 1, got 1: queues grow without end",
                       std::invalid_argument);
  CHECK_THROWS_AS(erlang_c(2, 1.5), std::invalid_argument);
  CHECK_THROWS_AS(mmc_wait(PerSecond(4), Seconds(1), 4), std::invalid_argument);
  CHECK_THROWS_AS(mg1_ps_sojourn(PerSecond(1), Seconds(1)), std::invalid_argument);
  CHECK_THROWS_AS(supermarket_sojourn(1, Seconds(1), 2), std::invalid_argument);
  CHECK_THROWS_AS(supermarket_sojourn(0.5, Seconds(1), 0), std::invalid_argument);
  CHECK_THROWS_AS(tandem_sojourn(PerSecond(1), {{Seconds(0.5)}, {Seconds(1)}}),
                  std::invalid_argument);
}

}  // namespace offcut::analysis::queueing_test
