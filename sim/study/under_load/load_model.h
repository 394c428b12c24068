#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/experiment/experiment.h"
#include "sim/study/under_load/cut.h"
#include "sim/study/under_load/station.h"
#include "sim/study/under_load/traffic.h"

namespace offcut::study {

/// The cuts of all models and the policies of all tiers. Both are owned by others.
struct SystemChoice {
  std::vector<const Cut*> cuts;                                     // By prepared model.
  const std::vector<scheduling::Scheduling>* scheduling = nullptr;  // By tier.
};

// Tiers and hops have the numbers of the scenario here, where groups of devices come first: see
// engine::Simulation.

/// Factors of the work at each station, by tier or hop, with which waits are predicted.
struct Strain {
  std::vector<double> tier, up, down;
};

/// The predicted delay of a stream's requests.
struct StreamDelay {
  Seconds idle;                    // The latency in an idle system.
  Seconds wait;                    // Mean, of those that are answered.
  double variance = 0;             // Of the wait and the noise, s^2.
  double lost = 0;                 // The share that is rejected.
  std::vector<Seconds> tier_wait;  // By tier.
  std::vector<Seconds> up_wait;    // By hop.
  std::vector<Seconds> down_wait;  // By hop.

  Seconds mean() const { return idle + wait; }
};

struct SystemLoad {
  std::vector<StreamDelay> streams;
  // The highest offered load of a station, and the seconds of work that arrive per second.
  std::vector<double> tier_load, up_load, down_load;
  std::vector<double> tier_work, up_work, down_work;
};

/// The prices of work at the present load: the seconds that all requests together wait longer for
/// each second of work more.
struct LoadPrices {
  std::vector<double> tier, up, down;
};

/// The gaps of dispatch rules, see dispatch_gap(), by rule, servers and cores: each takes the time
/// of many predictions, and models of several scenarios may share them.
using DispatchGaps = std::map<std::string, double>;

/// Predicts the delays of a scenario under load. Requests follow their itineraries from station to
/// station: the device, its line of messages and its links, each tier, each link back. A message
/// that crosses several hops at once waits at each of them as if it crossed that one alone. Each
/// station is predicted by itself, with the variability of what leaves the ones before it (Whitt,
/// "The Queueing Network Analyzer", 1983). Failures, time-outs, cold starts, the loading of models
/// and the stalls of transports count as in an idle system, or not at all.
class LoadModel {
 public:
  /// The experiment must outlive it. REQUIRES: as streams_of(); the machines of a tier are alike.
  explicit LoadModel(const experiment::Experiment& experiment,
                     std::shared_ptr<DispatchGaps> gaps = std::make_shared<DispatchGaps>());

  const std::vector<Stream>& streams() const { return streams_; }
  /// The run's duration, as it is expected.
  Seconds horizon() const { return horizon_; }
  SystemLoad predict(const SystemChoice& choice) const;
  SystemLoad predict(const SystemChoice& choice, const Strain& strain) const;
  LoadPrices prices(const SystemChoice& choice) const;

 private:
  friend class LoadPath;

  double dispatch_gap_of(const scheduling::Scheduling& policies, std::size_t servers,
                         std::size_t cores) const;

  const experiment::Experiment& experiment_;
  std::vector<Stream> streams_;
  Seconds horizon_;
  std::shared_ptr<DispatchGaps> gaps_;
};

}  // namespace offcut::study
