#pragma once

#include <vector>

#include "sim/scheduling/scheduling.h"

namespace offcut::study {

/// The requests of one stream at a station.
struct JobFlow {
  PerSecond rate;                // At the whole station.
  std::vector<Seconds> service;  // Of 1, 2, ... requests together.
  double cv = 0;                 // Standard deviation / mean of the time of service.
  scheduling::Job job;           // One that arrives at time 0.
};

/// Servers that share a queue, or have one each if there is a dispatch rule.
struct Station {
  std::size_t servers = 1;
  std::size_t cores = 1;    // Of each.
  double arrival_scv = 1;   // The squared coefficient of variation of the gaps between requests.
  double dispatch_gap = 0;  // See dispatch_gap().
  const scheduling::Scheduling* policies = nullptr;
  /// The duration of the run. In this time, the queues of an overloaded station grow.
  Seconds horizon;

  std::size_t all_cores() const { return servers * cores; }
};

/// The prediction for a station.
struct StationLoad {
  double load = 0;               // Offered, 1: all of its capacity.
  std::vector<Seconds> wait;     // By flow, the mean: the time beyond the service of one request.
  std::vector<double> variance;  // Of the wait, s^2.
  std::vector<double> loss;      // The share of the requests that is rejected.
  double departure_scv = 1;      // As arrival_scv, of the requests that leave.
};

/// Predicts the waits at a station, from closed forms for Poisson or renewal arrivals:
///
/// 1. In the order of arrival: ggc_wait() (Allen and Cunneen), between that of one queue and that
/// of
///    servers drawn at random as the dispatch rule is.
/// 2. In any other order, by mean values (Cobham 1954; for deadlines, Goldberg, Management Science
///    23(4), 1977, and Kleinrock, Queueing Systems II, section 3.7): a request of class k waits for
///    the residual service, for those present that it does not overtake, and for those that
///    overtake it later, W_k = R + sum over j of rho_j (max(0, W_j - h_kj) + min(W_k, h_jk)), where
///    h is overtaking(). This is exact for fifo, lifo and priorities (M/G/1).
/// 3. Processor sharing: mgc_ps_sojourn().
/// 4. Batches: those of a class have the size that gathers while the oldest request waits, so that
///    they grow with the load until the server keeps up; they queue as requests do.
/// 5. Admission: a birth-death process whose arrivals stop at queue_limits(). It is left out under
///    batches and processor sharing.
///
/// Where these waits exceed what a run of `horizon` can build up, the latter counts.
/// REQUIRES: rates and services are positive.
StationLoad predict_station(const Station& station, const std::vector<JobFlow>& flows);

/// Returns the mean wait in the order of arrival at a station with that load: see above. `scv` is
/// that of service.
Seconds queue_wait(const Station& station, PerSecond arrivals, Seconds service, double scv);

/// Returns the mean wait of each flow if those of `overtaking` go first: see above. `loads` are
/// those of the flows, `fifo` the wait in the order of arrival.
std::vector<Seconds> ordered_waits(const std::vector<double>& loads, Seconds fifo,
                                   const std::vector<std::vector<Seconds>>& overtaking);

/// The part of predict_station() for processor sharing, and for links that messages share. It does
/// not read the policies.
StationLoad predict_sharing(const Station& station, const std::vector<JobFlow>& flows);

/// The part of predict_station() for a batching policy.
StationLoad predict_batches(const Station& station, const std::vector<JobFlow>& flows);

}  // namespace offcut::study
