#pragma once

#include <cstddef>

#include "models/base/units.h"

namespace offcut {

// Closed forms of queueing theory for what the simulator shows under simple loads: waiting times,
// without service, of first-come-first-served stations in the long run. The notation is Kendall's.
// REQUIRES of all: the load is below 1 (std::invalid_argument otherwise: queues grow without end).

/// Mean wait with Poisson arrivals, one server and any service time of mean `service` and standard
/// deviation `cv * service`: rho / (1 - rho) * (1 + cv^2) / 2 * service (Pollaczek 1930, Khinchine
/// 1932; Kleinrock, Queueing Systems I, 1975, eq. 5.71).
Seconds mg1_wait(PerSecond arrivals, Seconds service, double cv);

/// Exponential service (cv = 1): rho / (1 - rho) * service.
Seconds mm1_wait(PerSecond arrivals, Seconds service);

/// Constant service (cv = 0): half of that.
Seconds md1_wait(PerSecond arrivals, Seconds service);

/// Probability that a request has to wait for one of `servers` servers with Poisson arrivals and
/// exponential service (Erlang 1917; Kleinrock, eq. 3.40). `load` is the busy share of each server.
double erlang_c(std::size_t servers, double load);

/// Mean wait with Poisson arrivals, exponential service and `servers` servers on one queue:
/// erlang_c / (servers / service - arrivals).
Seconds mmc_wait(PerSecond arrivals, Seconds service, std::size_t servers);

}  // namespace offcut
