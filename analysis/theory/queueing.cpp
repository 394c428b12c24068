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
    throw std::invalid_argument(fmt::format("a load of {} has no long run, expected 0 to 1", load));
  }
  return load;
}

/// The least fixed point of an increasing function with a positive value at 0, from below.
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

double erlang_b(std::size_t servers, double offered) {
  // By its recursion over the servers (B_0 = 1, B_n = a B_(n-1) / (n + a B_(n-1))), which needs no
  // factorials.
  double blocked = 1;
  for (std::size_t n = 1; n <= servers; ++n) {
    blocked = offered * blocked / (static_cast<double>(n) + offered * blocked);
  }
  return blocked;
}

double mm1k_loss(std::size_t places, double load) {
  // rho^K / (1 + rho + ... + rho^K), which is also right at a load of 1.
  double power = 1;
  double sum = 1;
  for (std::size_t n = 1; n <= places; ++n) {
    power *= load;
    sum += power;
  }
  return power / sum;
}

double md1_bounded_wait_loss(PerSecond arrivals, Seconds service, Seconds most_wait) {
  // With the service as unit of time, G is a power series of its own on each interval of length 1,
  // whose coefficients follow from those of the interval before: n G_n = rho (G_(n-1) -
  // before_(n-1)). (Erlang's sum of e^(rho (w - k)) (-rho (w - k))^k / k! over k has no digits left
  // from some 30 services on.)
  constexpr std::size_t kTerms = 100;
  constexpr double kEnough = 1e17;  // G of which 1 / G changes nothing any more
  if (!(most_wait >= Seconds(0) && std::isfinite(most_wait.si()))) {
    throw std::invalid_argument("expected a longest wait that is finite and not negative");
  }
  const double rho = arrivals * service;
  const auto at = [](const std::array<double, kTerms>& series, double x) {
    return std::accumulate(series.rbegin(), series.rend(), 0.0,
                           [x](double sum, double term) { return sum * x + term; });
  };
  std::array<double, kTerms> before{}, series{1};
  for (double left = most_wait / service;; left -= 1) {
    for (std::size_t n = 1; n < kTerms; ++n) {
      series[n] = rho * (series[n - 1] - before[n - 1]) / static_cast<double>(n);
    }
    if (left <= 1 || series[0] > kEnough) {
      return 1 - 1 / (1 / at(series, std::min(left, 1.0)) + rho);
    }
    before = series;
    series[0] = at(before, 1);
  }
}

Seconds mg1_ps_sojourn(PerSecond arrivals, Seconds service) {
  return service / (1 - checked(arrivals * service));
}

Seconds supermarket_sojourn(double load, Seconds service, std::size_t choices) {
  checked(load);
  if (choices == 0) {
    throw std::invalid_argument("a request has to have a server to choose");
  }
  if (choices == 1) {
    return service / (1 - load);
  }
  constexpr double kNothing = 1e-17;  // of the first term, which is 1
  double sum = 0;
  double exponent = 0;  // (d^i - d) / (d - 1) = d + d^2 + ... + d^(i-1)
  double power = 1;
  for (double term = 1; term > kNothing; term = std::pow(load, exponent)) {
    sum += term;
    power *= static_cast<double>(choices);
    exponent += power;
  }
  return service * sum;
}

std::vector<Seconds> priority_waits(const std::vector<PriorityClass>& classes) {
  Seconds rest;  // of what is being served
  for (const PriorityClass& of : classes) {
    const double load = of.arrivals * of.service;
    rest += of.service * (load * (1 + of.cv * of.cv) / 2);
  }
  std::vector<Seconds> waits;
  double before = 0;  // the load of more urgent classes
  for (const PriorityClass& of : classes) {
    const double load = of.arrivals * of.service;
    const double with = checked(before + load);
    waits.push_back(rest / ((1 - before) * (1 - with)));
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
  // (gap / scale)^shape is exponential.
  const double per_gap = s / rate;
  const double per_scale = per_gap / std::tgamma(1 + 1 / shape);
  return boost::math::quadrature::exp_sinh<double>().integrate(
      [&](double x) { return std::exp(-x - per_scale * std::pow(x, 1 / shape)); });
}

Seconds mm1_batch_wait(PerSecond arrivals, Seconds service, std::size_t most) {
  if (most == 0) {
    throw std::invalid_argument("a batch has to have a request");
  }
  const double offered = arrivals * service;
  checked(offered / static_cast<double>(most));
  const double w = least_fixed_point([&](double y) {
    return (offered + std::pow(y, static_cast<double>(most) + 1)) / (1 + offered);
  });
  // That it is busy and nobody waits; the share of time that it is idle is 1 / offered of it.
  const double nobody_waits = 1 / (1 / (1 - w) + 1 / offered);
  return service * (nobody_waits * w / ((1 - w) * (1 - w)) / offered);
}

Seconds mm1_breakdown_sojourn(PerSecond arrivals, Seconds service, Seconds up, Seconds down) {
  const double offered = arrivals * service;
  const double available = up / (up + down);
  checked(offered / available);
  // f / service / (f + r)^2, with f = 1 / up and 1 / (f + r) = down * available.
  const double broken = down * available / service * (down * available / up);
  return service * ((1 + broken) / (available - offered));
}

Seconds tandem_sojourn(PerSecond arrivals, const std::vector<TandemStation>& stations) {
  Seconds sum;
  for (const TandemStation& station : stations) {
    sum += station.service + mmc_wait(arrivals, station.service, station.servers);
  }
  return sum;
}

Seconds closed_sojourn(std::size_t sources, Seconds think, Seconds service) {
  // One more source finds on arrival what the others have there on average.
  Seconds sojourn;
  double there = 0;
  for (std::size_t n = 1; n <= sources; ++n) {
    sojourn = service * (1 + there);
    there = static_cast<double>(n) * (sojourn / (think + sojourn));
  }
  return sojourn;
}

Seconds batch_sojourn(Seconds period, std::size_t size, Seconds service) {
  if (size == 0) {
    throw std::invalid_argument("a batch has to have a request");
  }
  const auto requests = static_cast<double>(size);
  checked(service / (period * requests));
  return period * ((requests - 1) / 2) + service;
}

}  // namespace offcut::analysis
