// Evaluates the closed forms of queueing.h, which has their sources. Where a textbook formula loses
// its digits (factorials, alternating sums), it uses an equivalent recursion or series instead.

#include "analysis/theory/queueing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/quadrature/exp_sinh.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace offcut::analysis {
namespace {

double checked(double load) {
  if (!(load >= 0 && load < 1)) {
    throw std::invalid_argument(
        fmt::format("expected a load from 0 to below 1, got {}: queues grow without end", load));
  }
  return load;
}

/// Returns the least fixed point of an increasing function that is positive at 0, by iteration from
/// below.
template <class Function>
double least_fixed_point(Function function) {
  double x = 0;
  for (double next = function(x); next > x; next = function(x)) {
    x = next;
  }
  return x;
}

}  // namespace

Seconds mg1_wait(PerSecond arrivals, Seconds service, double cv) {
  const double rho = checked(arrivals * service);
  return service * (rho / (1 - rho) * (1 + cv * cv) / 2);
}

Seconds mm1_wait(PerSecond arrivals, Seconds service) { return mg1_wait(arrivals, service, 1); }

Seconds md1_wait(PerSecond arrivals, Seconds service) { return mg1_wait(arrivals, service, 0); }

double erlang_c(std::size_t servers, double load) {
  const double blocked = erlang_b(servers, checked(load) * static_cast<double>(servers));
  return blocked / (1 - load * (1 - blocked));
}

Seconds mmc_wait(PerSecond arrivals, Seconds service, std::size_t servers) {
  const auto count = static_cast<double>(servers);
  const double load = arrivals * service / count;
  return service * (erlang_c(servers, load) / (count * (1 - load)));
}

Seconds ggc_wait(PerSecond arrivals, Seconds service, double arrival_cv, double cv,
                 std::size_t servers) {
  return mmc_wait(arrivals, service, servers) * ((arrival_cv * arrival_cv + cv * cv) / 2);
}

double erlang_b(std::size_t servers, double offered) {
  // The recursion over the servers, B_0 = 1 and B_n = a B_(n-1) / (n + a B_(n-1)), needs no
  // factorials.
  double blocked = 1;
  for (std::size_t n = 1; n <= servers; ++n) {
    blocked = offered * blocked / (static_cast<double>(n) + offered * blocked);
  }
  return blocked;
}

double mm1k_loss(std::size_t places, double load) {
  // The form rho^K / (1 + rho + ... + rho^K) also holds at a load of 1.
  double power = 1;
  double sum = 1;
  for (std::size_t n = 1; n <= places; ++n) {
    power *= load;
    sum += power;
  }
  return power / sum;
}

double md1_bounded_wait_loss(PerSecond arrivals, Seconds service, Seconds most_wait) {
  // With the service as the unit of time, G is a different power series on each interval of length
  // 1. Its coefficients follow from those of the interval before: n G_n = rho (G_(n-1) -
  // before_(n-1)). (Erlang's sum of e^(rho (w - k)) (-rho (w - k))^k / k! over k has no digits left
  // above about 30 services.)
  constexpr std::size_t kTerms = 100;
  constexpr double kEnough = 1e17;  // Above this G, 1 / G no longer changes the result.
  if (!(most_wait >= Seconds(0) && std::isfinite(most_wait.si()))) {
    throw std::invalid_argument("expected a longest wait that is finite and not negative");
  }
  const double rho = arrivals * service;
  const auto value = [](const std::array<double, kTerms>& series, double x) {
    return std::accumulate(series.rbegin(), series.rend(), 0.0,
                           [x](double sum, double term) { return sum * x + term; });
  };
  std::array<double, kTerms> before{}, series{1};
  for (double left = most_wait / service;; left -= 1) {
    for (std::size_t n = 1; n < kTerms; ++n) {
      series[n] = rho * (series[n - 1] - before[n - 1]) / static_cast<double>(n);
    }
    if (left <= 1 || series[0] > kEnough) {
      return 1 - 1 / (1 / value(series, std::min(left, 1.0)) + rho);
    }
    before = series;
    series[0] = value(before, 1);
  }
}

Seconds mg1_ps_sojourn(PerSecond arrivals, Seconds service) {
  return service / (1 - checked(arrivals * service));
}

Seconds mgc_ps_sojourn(PerSecond arrivals, Seconds service, std::size_t servers) {
  return service + mmc_wait(arrivals, service, servers);
}

Seconds supermarket_sojourn(double load, Seconds service, std::size_t choices) {
  checked(load);
  if (choices == 0) {
    throw std::invalid_argument("expected at least one server to choose from");
  }
  if (choices == 1) {
    return service / (1 - load);
  }
  constexpr double kNegligible = 1e-17;  // The first term is 1.
  double sum = 0;
  double exponent = 0;  // (d^i - d) / (d - 1) = d + d^2 + ... + d^(i-1)
  double power = 1;
  for (double term = 1; term > kNegligible; term = std::pow(load, exponent)) {
    sum += term;
    power *= static_cast<double>(choices);
    exponent += power;
  }
  return service * sum;
}

std::vector<Seconds> priority_waits(const std::vector<PriorityClass>& classes) {
  Seconds residual;  // The mean remaining time of the service under way.
  for (const PriorityClass& requests : classes) {
    const double load = requests.arrivals * requests.service;
    residual += requests.service * (load * (1 + requests.cv * requests.cv) / 2);
  }
  std::vector<Seconds> waits;
  double before = 0;  // The load of more urgent classes.
  for (const PriorityClass& requests : classes) {
    const double load = requests.arrivals * requests.service;
    const double with = checked(before + load);
    waits.push_back(residual / ((1 - before) * (1 - with)));
    before = with;
  }
  return waits;
}

Seconds gim1_wait(PerSecond arrivals, Seconds service,
                  const std::function<double(PerSecond)>& transform) {
  checked(arrivals * service);
  const double x =
      least_fixed_point([&](double y) { return transform(PerSecond((1 - y) / service.si())); });
  return service * (x / (1 - x));
}

double gamma_transform(PerSecond rate, double cv, PerSecond s) {
  const double per_gap = s / rate;
  return std::pow(1 + per_gap * cv * cv, -1 / (cv * cv));
}

double weibull_transform(PerSecond rate, double shape, PerSecond s) {
  // The variable (gap / scale)^shape is exponential.
  const double per_gap = s / rate;
  const double per_scale = per_gap / std::tgamma(1 + 1 / shape);
  return boost::math::quadrature::exp_sinh<double>().integrate(
      [&](double x) { return std::exp(-x - per_scale * std::pow(x, 1 / shape)); });
}

Seconds mm1_batch_wait(PerSecond arrivals, Seconds service, std::size_t most) {
  if (most == 0) {
    throw std::invalid_argument("expected a batch of at least one request");
  }
  const double offered = arrivals * service;
  checked(offered / static_cast<double>(most));
  const double w = least_fixed_point([&](double y) {
    return (offered + std::pow(y, static_cast<double>(most) + 1)) / (1 + offered);
  });
  // The probability that the server is busy and nothing waits. That it is idle has 1 / offered of
  // that probability.
  const double nothing_waits = 1 / (1 / (1 - w) + 1 / offered);
  return service * (nothing_waits * w / ((1 - w) * (1 - w)) / offered);
}

Seconds mm1_breakdown_sojourn(PerSecond arrivals, Seconds service, Seconds up, Seconds down) {
  const double offered = arrivals * service;
  const double available = up / (up + down);
  checked(offered / available);
  // The term f / service / (f + r)^2, with f = 1 / up and 1 / (f + r) = down * available.
  const double broken = down * available / service * (down * available / up);
  return service * ((1 + broken) / (available - offered));
}

double departure_scv(double arrival, double service, double load, std::size_t servers) {
  constexpr double kLeastService = 0.2;  // Whitt's: simulated tandems are never more regular.
  return 1 + (1 - load * load) * (arrival - 1) +
         load * load * (std::max(service, kLeastService) - 1) /
             std::sqrt(static_cast<double>(servers));
}

double merged_scv(double scv, double streams, double load) {
  const double weight = 1 / (1 + 4 * (1 - load) * (1 - load) * (streams - 1));
  return weight * scv + 1 - weight;
}

Seconds tandem_sojourn(PerSecond arrivals, const std::vector<TandemStation>& stations) {
  Seconds sum;
  for (const TandemStation& station : stations) {
    sum += station.service + mmc_wait(arrivals, station.service, station.servers);
  }
  return sum;
}

Seconds closed_sojourn(std::size_t sources, Seconds think, Seconds service) {
  // The request of one more source finds on arrival the mean number of requests of the others.
  Seconds sojourn;
  double present = 0;
  for (std::size_t n = 1; n <= sources; ++n) {
    sojourn = service * (1 + present);
    present = static_cast<double>(n) * (sojourn / (think + sojourn));
  }
  return sojourn;
}

Seconds batch_sojourn(Seconds period, std::size_t size, Seconds service) {
  if (size == 0) {
    throw std::invalid_argument("expected a batch of at least one request");
  }
  const auto requests = static_cast<double>(size);
  checked(service / (period * requests));
  return period * ((requests - 1) / 2) + service;
}

}  // namespace offcut::analysis
