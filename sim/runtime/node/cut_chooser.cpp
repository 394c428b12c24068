// Follows the link and the servers of a real device with the cuts that are loaded. The decisions
// are those of sim/adapt; a cut's latency is predicted from its idle times, its bytes over the
// estimated rate, and the estimated load of the servers.

#include "sim/runtime/node/cut_chooser.h"

#include <algorithm>

#include "models/base/error.h"
#include "models/base/random.h"

namespace offcut::runtime {

void check_adaptation(const CutAdaptation& adaptation) {
  const auto refuse = [](const Place& place, const char* title, const std::string& name) {
    throw InputError(
        place, std::string("a real device does not know the truth; expected another ") + title +
                   " than '" + name + "'");
  };
  const adapt::PolicyKind& kind = *adaptation.policy.kind;
  if (kind.knows_truth) {
    refuse(adaptation.policy.chosen_at, "policy", kind.name);
  }
  if (kind.uses_estimates && adaptation.estimator.kind->make == nullptr) {
    refuse(adaptation.estimator.chosen_at, "estimator", adaptation.estimator.kind->name);
  }
}

CutChooser::CutChooser(CutAdaptation adaptation, std::vector<CutCost> costs)
    : adaptation_(std::move(adaptation)),
      costs_(std::move(costs)),
      follower_(adaptation_.rate.si()) {
  const adapt::PolicyKind& kind = *adaptation_.policy.kind;
  policy_ =
      kind.make(adaptation_.policy.parameters, random_stream(adaptation_.seed, "re-planning"));
  if (kind.uses_estimates) {
    estimator_ = adaptation_.estimator.make();
    if (adaptation_.load) {
      load_ = adaptation_.load.make();
    }
  }
}

double CutChooser::rate() const {
  const auto estimate = estimator_ ? estimator_->rate() : std::nullopt;
  return std::max(estimate.value_or(adaptation_.rate).si(), 1.0);
}

adapt::Load CutChooser::load() const { return load_ ? load_->load() : adapt::Load(); }

Seconds CutChooser::value(std::size_t cut) const {
  const CutCost& cost = costs_[cut];
  Seconds value = cost.device + Seconds(cost.up.si() / rate());
  if (cost.servers > Seconds(0)) {
    value += cost.servers * load().factor + load().wait;
  }
  return value;
}

/// Returns the cheapest cut, or the present one if none is cheaper by more than the hysteresis.
std::size_t CutChooser::best() const {
  std::size_t best = cut_;
  for (std::size_t cut = 0; cut < costs_.size(); ++cut) {
    if (value(cut) < value(best)) {
      best = cut;
    }
  }
  return value(best) < value(cut_) * (1 - adaptation_.hysteresis) ? best : cut_;
}

std::size_t CutChooser::choose(Seconds now) {
  const adapt::Decision decision = follower_.decide(*policy_, now, rate(), load(), costs_.size());
  if (decision.kind == adapt::Decision::Kind::keep) {
    return cut_;
  }
  ++replans_;
  const std::size_t next = decision.kind == adapt::Decision::Kind::arm
                               ? std::min(decision.arm, costs_.size() - 1)
                               : best();
  switches_ += next != cut_ ? 1 : 0;
  cut_ = next;
  return cut_;
}

void CutChooser::ended(const CallEnd& end, Seconds latency) {
  const CallTimes& times = end.times;
  const Seconds took = times.completion - times.own.first_byte;
  const bool is_answered = end.how == CallEnd::How::answered;
  if (took > adaptation_.deadline || !is_answered) {
    follower_.missed_deadline();
  }
  const bool by_servers = is_answered && times.was_sent && !times.fell_back && !times.later.empty();
  if (by_servers && estimator_) {
    const Seconds last_bit = times.later.front().last_byte - latency;
    if (last_bit > times.send_begins && times.up_bytes > 0) {
      estimator_->observe(
          {times.send_begins, last_bit, Bytes(static_cast<double>(times.up_bytes))});
    }
  }
  if (by_servers && load_ && times.cut < costs_.size() && costs_[times.cut].servers > Seconds(0)) {
    adapt::Answer answer{
        .server_wait = {}, .server_compute = {}, .planned = costs_[times.cut].servers};
    for (const TierTimes& tier : times.later) {
      answer.server_wait += std::max(tier.start - tier.last_byte, Seconds(0));
      answer.server_compute += tier.end - tier.start;
    }
    load_->observe(answer);
  }
  if (adaptation_.policy.kind->learns && times.cut < costs_.size()) {
    policy_->learn({.arm = times.cut,
                    .rate = follower_.planned_rate(),
                    .cost = is_answered ? took : std::max(took, adaptation_.deadline),
                    .rate_now = rate()});
  }
}

}  // namespace offcut::runtime
