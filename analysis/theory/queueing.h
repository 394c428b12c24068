#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "models/base/units.h"

namespace offcut::analysis {

// Closed forms of queueing theory for the long run of simple systems, with which the simulator is
// compared. A wait excludes the service, a sojourn includes it. Stations serve in the order of
// arrival unless stated otherwise. The notation is Kendall's. REQUIRES, for all systems that lose
// no requests: the load is below 1 (std::invalid_argument otherwise, since queues grow without
// end).

/// Returns the mean wait with Poisson arrivals, one server, and any service time of mean `service`
/// and standard deviation `cv * service`: rho / (1 - rho) * (1 + cv^2) / 2 * service (Pollaczek
/// 1930, Khinchine 1932; Kleinrock, Queueing Systems I, 1975, eq. 5.71).
Seconds mg1_wait(PerSecond arrivals, Seconds service, double cv);

/// Returns the same for exponential service (cv = 1): rho / (1 - rho) * service.
Seconds mm1_wait(PerSecond arrivals, Seconds service);

/// Returns the same for constant service (cv = 0): half of that.
Seconds md1_wait(PerSecond arrivals, Seconds service);

/// Returns the probability that a request waits for one of `servers` servers, with Poisson arrivals
/// and exponential service (Erlang 1917; Kleinrock, eq. 3.40). `load` is the busy share of each
/// server.
double erlang_c(std::size_t servers, double load);

/// Returns the mean wait with Poisson arrivals, exponential service and `servers` servers on one
/// queue:
/// erlang_c / (servers / service - arrivals).
Seconds mmc_wait(PerSecond arrivals, Seconds service, std::size_t servers);

/// Returns about the mean wait with independent gaps of standard deviation / mean `arrival_cv`, any
/// service time of mean `service` and standard deviation `cv * service`, and `servers` servers on
/// one queue: mmc_wait * (arrival_cv^2 + cv^2) / 2 (Allen, Probability, Statistics and Queueing
/// Theory, 1990, section 5.3: the Allen-Cunneen approximation; with Poisson arrivals that of Lee
/// and Longton, Operational Research Quarterly 10(1), 1959). It is exact for M/G/1 and M/M/c.
Seconds ggc_wait(PerSecond arrivals, Seconds service, double arrival_cv, double cv,
                 std::size_t servers);

/// Returns the probability that a request is lost because all of `servers` servers are busy, with
/// Poisson arrivals and any service time: M/G/c/c (Erlang 1917; Kleinrock, section 3.7). `offered`
/// is arrivals * service, at least 0.
double erlang_b(std::size_t servers, double offered);

/// Returns the probability that a request is lost because it finds `places` requests in service or
/// waiting, with Poisson arrivals, exponential service and one server: M/M/1/K with K = places
/// (Kleinrock, section 3.6). `load` is arrivals * service, at least 0.
double mm1k_loss(std::size_t places, double load);

/// Returns the probability that a request is lost because it would wait for longer than
/// `most_wait`, with Poisson arrivals, constant service and one server: 1 - G / (1 + rho G), where
/// G(w) is, up to a factor, the distribution of work in M/D/1: G'(w) = arrivals (G(w) - G(w -
/// service)), G(0) = 1, G(w < 0) = 0 (de Kok and Tijms, "A Queueing System with Impatient
/// Customers", Journal of Applied Probability 22(3), 1985). The load is at least 0. A token bucket
/// that fills at the rate r and holds b refuses requests with the same probability, for service = 1
/// / r and most_wait = (b - 1) / r. REQUIRES: most_wait is finite and at least 0
/// (std::invalid_argument otherwise).
double md1_bounded_wait_loss(PerSecond arrivals, Seconds service, Seconds most_wait);

/// Returns the mean sojourn if all requests share one server equally, with Poisson arrivals and any
/// service time of mean `service`: service / (1 - rho) (Kleinrock, Queueing Systems II, 1976, eq.
/// 4.17).
Seconds mg1_ps_sojourn(PerSecond arrivals, Seconds service);

/// Returns the same if each request can use one of `servers` servers at most, such as a message
/// that crosses a slow link before a fast one that many share: service + mmc_wait (M/G/c-PS: the
/// number of requests does not depend on the distribution of service, Kelly, Reversibility and
/// Stochastic Networks, 1979, section 3.3).
Seconds mgc_ps_sojourn(PerSecond arrivals, Seconds service, std::size_t servers);

/// Returns the mean sojourn if each request goes to the least loaded of `choices` servers drawn at
/// random, with Poisson arrivals and exponential service, in the limit of infinitely many servers:
/// service times the sum over i >= 1 of rho^((d^i - d) / (d - 1)), or that of M/M/1 for d = 1
/// (Vvedenskaya, Dobrushin, Karpelevich 1996; Mitzenmacher, "The Power of Two Choices in Randomized
/// Load Balancing", IEEE TPDS 12(10), 2001). `load` is the busy share of each server. With n
/// servers it is off by a term in 1 / n. REQUIRES: choices >= 1.
Seconds supermarket_sojourn(double load, Seconds service, std::size_t choices);

/// The requests of one class at a server.
struct PriorityClass {
  PerSecond arrivals;
  Seconds service;  // Mean.
  double cv = 1;    // Standard deviation / mean of the service time.
};

/// Returns the mean wait of each class if one server next takes a request of the first class in
/// `classes` that waits, without interrupting a service, with Poisson arrivals: R / ((1 - s_(k-1))
/// (1 - s_k)), where s_k is the load of the first k classes and R = sum of arrivals * E[service^2]
/// / 2 (Cobham, "Priority Assignment in Waiting Line Problems", Operations Research 2(1), 1954).
/// Constant services in increasing order make it shortest job first (Phipps, Operations Research
/// 4(1), 1956).
std::vector<Seconds> priority_waits(const std::vector<PriorityClass>& classes);

/// Returns the mean wait with independent gaps of any distribution between arrivals, exponential
/// service and one server: service * x / (1 - x), where x is the least root of x = E[e^(-(1 - x)
/// gap / service)] (GI/M/1: Kleinrock I, section 6.3). `transform` is the Laplace transform of the
/// gaps, s -> E[e^(-s gap)].
Seconds gim1_wait(PerSecond arrivals, Seconds service,
                  const std::function<double(PerSecond)>& transform);

/// Returns the Laplace transform, at `s`, of gamma distributed gaps with mean 1 / rate and standard
/// deviation / mean `cv`. REQUIRES: cv > 0.
double gamma_transform(PerSecond rate, double cv, PerSecond s);
/// Returns the same for Weibull gaps, by quadrature to about 1e-12. REQUIRES: shape > 0.
double weibull_transform(PerSecond rate, double shape, PerSecond s);

/// Returns the mean wait if a free server computes all waiting requests together, at most `most`,
/// in an exponential time of mean `service` for any number of them, with Poisson arrivals:
/// M/M(1,b)/1. While the server is busy, the number of waiting requests is geometric with ratio w,
/// the root below 1 of arrivals * service * (1 - w) = w (1 - w^b) (Neuts, "A General Class of Bulk
/// Queues with Poisson Input", Annals of Mathematical Statistics 38(3), 1967). REQUIRES: most >= 1.
Seconds mm1_batch_wait(PerSecond arrivals, Seconds service, std::size_t most);

/// Returns the mean sojourn if one server with Poisson arrivals and exponential service is up and
/// down for exponential times of means `up` and `down`, even while it is idle: with breakdowns at
/// the rate f, repairs at the rate r and A = r / (f + r), (1 + f / service / (f + r)^2) / (A /
/// service - arrivals) (White and Christie, "Queuing with Preemptive Priorities or with Breakdown",
/// Operations Research 6(1), 1958). An interrupted request resumes, or restarts with a new service
/// time; for exponential times both are the same.
Seconds mm1_breakdown_sojourn(PerSecond arrivals, Seconds service, Seconds up, Seconds down);

/// Returns about the squared coefficient of variation of the gaps between requests that leave a
/// station, of which `arrival` and `service` are those of arrivals and service: 1 + (1 - rho^2)
/// (arrival - 1) + rho^2 (max(service, 0.2) - 1) / sqrt(servers) (Whitt, "The Queueing Network
/// Analyzer", Bell System Technical Journal 62(9), 1983, eqs. 38 and 39).
double departure_scv(double arrival, double service, double load, std::size_t servers);

/// Returns about the squared coefficient of variation of the gaps of `streams` independent streams
/// together, each with `scv`, at a station of that load: w scv + 1 - w, w = 1 / (1 + 4 (1 - rho)^2
/// (streams - 1)) (Whitt 1983, eqs. 29 and 33). `streams` may be the effective number of unequal
/// ones, 1 / sum of the squares of their shares.
double merged_scv(double scv, double streams, double load);

/// A station of a tandem.
struct TandemStation {
  Seconds service;  // Mean.
  std::size_t servers = 1;
};

/// Returns the mean sojourn through stations in series, with Poisson arrivals and exponential
/// service: the sum over the stations, each by itself as M/M/c (Jackson, "Networks of Waiting
/// Lines", Operations Research 5(4), 1957).
Seconds tandem_sojourn(PerSecond arrivals, const std::vector<TandemStation>& stations);

/// Returns the mean sojourn if each of `sources` sends its next request an exponential time of mean
/// `think` after its answer. The one server has exponential service and serves in the order of
/// arrival, or any service time and is shared equally (M/M/1//N, by exact mean value analysis:
/// Reiser and Lavenberg, Journal of the ACM 27(2), 1980).
Seconds closed_sojourn(std::size_t sources, Seconds think, Seconds service);

/// Returns the mean sojourn if a request arrives every `period` and one server computes batches of
/// `size` requests in `service` once they are full. The first request of a batch waits for size - 1
/// periods and the last for none, so it is (size - 1) / 2 * period + service (D/D^b/1). REQUIRES:
/// size >= 1.
Seconds batch_sojourn(Seconds period, std::size_t size, Seconds service);

}  // namespace offcut::analysis
