#include "analysis/theory.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace offcut {
namespace {

double checked(double load) {
  if (!(load >= 0 && load < 1)) {
    throw std::invalid_argument(fmt::format("a load of {} has no long run, expected 0 to 1", load));
  }
  return load;
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

Seconds tandem_sojourn(PerSecond arrivals, const std::vector<TandemStation>& stations) {
  Seconds sum;
  for (const TandemStation& station : stations) {
    sum += station.service + mmc_wait(arrivals, station.service, station.servers);
  }
  return sum;
}

Seconds batch_sojourn(Seconds period, std::size_t size, Seconds service) {
  if (size == 0) {
    throw std::invalid_argument("a batch has to have a request");
  }
  const auto requests = static_cast<double>(size);
  checked(service / (period * requests));
  return period * ((requests - 1) / 2) + service;
}

}  // namespace offcut
