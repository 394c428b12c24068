#include "analysis/theory.h"

#include <fmt/format.h>

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
  const double busy = checked(load) * static_cast<double>(servers);
  // Erlang B by its recursion over the servers (B_0 = 1, B_n = a B_(n-1) / (n + a B_(n-1))), which
  // needs no factorials; C follows from B.
  double blocked = 1;
  for (std::size_t n = 1; n <= servers; ++n) {
    blocked = busy * blocked / (static_cast<double>(n) + busy * blocked);
  }
  return blocked / (1 - load * (1 - blocked));
}

Seconds mmc_wait(PerSecond arrivals, Seconds service, std::size_t servers) {
  const auto count = static_cast<double>(servers);
  const double load = arrivals * service / count;
  return service * (erlang_c(servers, load) / (count * (1 - load)));
}

}  // namespace offcut
