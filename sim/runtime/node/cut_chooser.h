#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "sim/adapt/estimator.h"
#include "sim/adapt/follower.h"
#include "sim/adapt/load_estimator.h"
#include "sim/runtime/node/call.h"
#include "sim/scheduling/scheduling.h"

namespace offcut::runtime {

/// The costs of a cut in an idle system, as far as they do not depend on the link.
struct CutCost {
  Seconds device;
  Bytes up;
  Seconds servers;
};

/// How a device follows its link and its servers, as a scenario's `adapt` says.
struct CutAdaptation {
  scheduling::Choice<adapt::PolicyKind> policy;
  scheduling::Choice<adapt::EstimatorKind> estimator;
  scheduling::Choice<adapt::LoadEstimatorKind> load;  // None: the servers are believed to be idle.
  double hysteresis = 0;  // A cut is kept unless another one is cheaper by more than this share.
  BytesPerSecond rate{12.5e6};  // Believed until the first message.
  Seconds deadline = Seconds(std::numeric_limits<double>::infinity());
  std::uint64_t seed = 1;
};

/// Throws InputError, at the place where it was chosen, at a policy or an estimator that knows the
/// truth, which a real device does not.
void check_adaptation(const CutAdaptation& adaptation);

/// Chooses a cut for each request among those whose parts are loaded, by the estimators and
/// policies of the simulation, from what the device itself sees: the times of its messages and the
/// reports of answers. On the loop's thread only.
class CutChooser {
 public:
  /// Begins with cut 0. The choices must outlive it. REQUIRES: there is a cut, and
  /// check_adaptation() accepts the choices.
  CutChooser(CutAdaptation adaptation, std::vector<CutCost> costs);

  std::size_t choose(Seconds now);
  /// Learns from a request that followed chosen(). `latency` is that of a message from the device
  /// to the next tier, which is no part of a transfer.
  void ended(const CallEnd& end, Seconds latency);

  std::int64_t replans() const { return replans_; }
  std::int64_t switches() const { return switches_; }

 private:
  double rate() const;
  adapt::Load load() const;
  Seconds value(std::size_t cut) const;
  std::size_t best() const;

  CutAdaptation adaptation_;
  std::vector<CutCost> costs_;
  std::unique_ptr<adapt::Policy> policy_;
  std::unique_ptr<adapt::Estimator> estimator_;
  std::unique_ptr<adapt::LoadEstimator> load_;
  adapt::Follower follower_;
  std::size_t cut_ = 0;
  std::int64_t replans_ = 0, switches_ = 0;
};

}  // namespace offcut::runtime
