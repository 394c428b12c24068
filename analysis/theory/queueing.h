#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "models/base/units.h"

namespace offcut::analysis {

// Closed forms of queueing theory for what the simulator shows under simple loads, in the long run.
// A wait is without service, a sojourn with it; stations serve first come, first served, unless it
// is said otherwise. The notation is Kendall's. REQUIRES of all but those that lose requests: the
// load is below 1 (std::invalid_argument otherwise: queues grow without end).

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

/// Probability that a request is lost where it does not find one of `servers` servers free, with
/// Poisson arrivals and any service time: M/G/c/c (Erlang 1917; Kleinrock, section 3.7). `offered`
/// is arrivals * service, any number of at least 0.
double erlang_b(std::size_t servers, double offered);

/// Probability that a request is lost where it finds `places` requests in service or waiting, with
/// Poisson arrivals, exponential service and one server: M/M/1/K with K = places (Kleinrock,
/// section 3.6). `load` is arrivals * service, any number of at least 0.
double mm1k_loss(std::size_t places, double load);

/// Probability that a request is lost where it would have to wait for longer than `most_wait`, with
/// Poisson arrivals, constant service and one server: 1 - G / (1 + rho G), where G(w) is M/D/1's
/// distribution of work, but for a factor: G'(w) = arrivals (G(w) - G(w - service)), G(0) = 1, G(w
/// < 0) = 0 (de Kok and Tijms, "A Queueing System with Impatient Customers", Journal of Applied
/// Probability 22(3), 1985). Any load of at least 0. It is also what a token bucket refuses that
/// fills at the rate r and holds b: service = 1 / r and most_wait = (b - 1) / r. REQUIRES:
/// most_wait is finite and at least 0 (std::invalid_argument otherwise).
double md1_bounded_wait_loss(PerSecond arrivals, Seconds service, Seconds most_wait);

/// Mean sojourn where all requests share one server equally, with Poisson arrivals and any service
/// time of mean `service`: service / (1 - rho) (Kleinrock, Queueing Systems II, 1976, eq. 4.17).
Seconds mg1_ps_sojourn(PerSecond arrivals, Seconds service);

/// Mean sojourn where each request goes to the one with the fewest requests of `choices` servers
/// drawn at random, with Poisson arrivals, exponential service and so many servers that each draw
/// is a fresh one: service times the sum over i >= 1 of rho^((d^i - d) / (d - 1)), of M/M/1 at d =
/// 1 (Vvedenskaya, Dobrushin, Karpelevich 1996; Mitzenmacher, "The Power of Two Choices in
/// Randomized Load Balancing", IEEE TPDS 12(10), 2001). `load` is the busy share of each server.
/// With n servers it is off by a term in 1 / n. REQUIRES: choices >= 1.
Seconds supermarket_sojourn(double load, Seconds service, std::size_t choices);

/// Requests of one kind at a server.
struct PriorityClass {
  PerSecond arrivals;
  Seconds service;  // mean
  double cv = 1;    // its standard deviation / mean
};

/// Mean wait of each class where one server takes the first class of all that wait, the first one
/// in `classes` above all, and does not interrupt what it serves, with Poisson arrivals: R / ((1 -
/// s_(k-1)) (1 - s_k)), where s_k is the load of the first k classes and R = sum of arrivals *
/// E[service^2] / 2 (Cobham, "Priority Assignment in Waiting Line Problems", Operations Research
/// 2(1), 1954). With constant services in increasing order it is shortest job first (Phipps,
/// Operations Research 4(1), 1956).
std::vector<Seconds> priority_waits(const std::vector<PriorityClass>& classes);

/// Mean wait with independent gaps between arrivals of any distribution, exponential service and
/// one server: service * x / (1 - x), where x is the least root of x = E[e^(-(1 - x) gap /
/// service)] (GI/M/1: Kleinrock I, section 6.3). `transform` is the Laplace transform of the gaps,
/// s -> E[e^(-s gap)].
Seconds gim1_wait(PerSecond arrivals, Seconds service,
                  const std::function<double(PerSecond)>& transform);

/// Laplace transform at `s` of gaps of mean 1 / rate that are gamma distributed, with this standard
/// deviation / mean; REQUIRES: cv > 0.
double gamma_transform(PerSecond rate, double cv, PerSecond s);
/// The same of Weibull gaps, by quadrature to some 1e-12. REQUIRES: shape > 0.
double weibull_transform(PerSecond rate, double shape, PerSecond s);

/// Mean wait where a free server computes all that wait together, `most` at most, which takes an
/// exponential time of mean `service` however many they are, with Poisson arrivals: M/M(1,b)/1.
/// While it is busy, the number that waits is geometric with ratio w, the root below 1 of
/// arrivals * service * (1 - w) = w (1 - w^b) (Neuts, "A General Class of Bulk Queues with Poisson
/// Input", Annals of Mathematical Statistics 38(3), 1967). REQUIRES: most >= 1.
Seconds mm1_batch_wait(PerSecond arrivals, Seconds service, std::size_t most);

/// Mean sojourn where one server with Poisson arrivals and exponential service is up and down for
/// exponential times of means `up` and `down`, also while nobody is there: with breakdowns at a
/// rate f, repairs at r and A = r / (f + r), (1 + f / service / (f + r)^2) / (A / service -
/// arrivals) (White and Christie, "Queuing with Preemptive Priorities or with Breakdown",
/// Operations Research 6(1), 1958). The request that it was computing goes on or begins again with
/// another service time, which is the same for exponential ones.
Seconds mm1_breakdown_sojourn(PerSecond arrivals, Seconds service, Seconds up, Seconds down);

/// A station of a tandem.
struct TandemStation {
  Seconds service;  // mean
  std::size_t servers = 1;
};

/// Mean sojourn through stations one after the other, with Poisson arrivals and exponential
/// service: the sum of those of each station by itself, M/M/c (Jackson, "Networks of Waiting
/// Lines", Operations Research 5(4), 1957).
Seconds tandem_sojourn(PerSecond arrivals, const std::vector<TandemStation>& stations);

/// Mean sojourn where each of `sources` asks again an exponential time of mean `think` after its
/// answer, with one server, first come first served with exponential service or shared equally with
/// any (M/M/1//N, by exact mean value analysis: Reiser and Lavenberg, Journal of the ACM 27(2),
/// 1980).
Seconds closed_sojourn(std::size_t sources, Seconds think, Seconds service);

/// Mean sojourn where a request comes every `period` and one server computes each `size` of them
/// together in `service`, once the last has come: of a batch, the first waits size - 1 periods and
/// the last none, so it is (size - 1) / 2 * period + service (D/D^b/1). REQUIRES: size >= 1.
Seconds batch_sojourn(Seconds period, std::size_t size, Seconds service);

}  // namespace offcut::analysis
