// The switches of MovingPlans from one plan to the next, with the uploads that they need, its
// probes, and what it learns from transfers and answers.

#include <cmath>

#include "sim/experiment/moving_plans_state.h"

namespace offcut::experiment {

// --- switching

/// The plan is to serve from now on, once it can.
void MovingPlans::wish(Device& state, const Booked& plan, Seconds now) {
  if (&plan == state.plan) {
    state.next = nullptr;
  } else if (&plan != state.next) {
    state.next = &plan;
    state.ready_at = std::numeric_limits<double>::infinity();
    prepare(state, now);
  }
}

/// Uploads the weights that the next plan needs beyond the device, or else waits for the switch.
void MovingPlans::prepare(Device& state, Seconds now) {
  if (state.is_uploading) {
    return;  // Weights of an earlier wish are on their way.
  }
  const partition::Problem& problem = state.model->prepared.problem;
  Bytes missing;
  for (LayerId layer = 0; layer < state.beyond.size() && !problem.memory.empty(); ++layer) {
    missing += !state.beyond[layer] && (*state.next->tier_of)[layer] > 0
                   ? problem.memory[layer].parameters
                   : Bytes(0);
  }
  if (missing > Bytes(0)) {
    state.is_uploading = true;
    send(state, state.next, Bytes(std::ceil(missing.si())));
    return;
  }
  state.ready_at = now.si() + adaptation_->switch_time.si();
}

/// Lets the next plan serve if it is ready.
void MovingPlans::settle(Device& state, Seconds now) {
  if (state.next != nullptr && state.ready_at <= now.si()) {
    state.plan = state.next;
    state.next = nullptr;
  }
}

void MovingPlans::probe(Device& state, Seconds now) {
  Link& link = *state.link;
  if (!adaptation_->probes || link.estimator == nullptr || link.is_probing ||
      now.si() - link.measured_at < adaptation_->probes->every.si()) {
    return;
  }
  link.is_probing = true;
  send(state, nullptr, Bytes(std::ceil(adaptation_->probes->bytes.si())));
}

void MovingPlans::send(Device& state, const Booked* weights_of, Bytes bytes) {
  jobs_[next_token_] = {&state, weights_of};
  traffic_->send(state.device, state.request_class, bytes, next_token_);
  ++next_token_;
}

// --- observations

void MovingPlans::transferred(const engine::Transfer& transfer) {
  const auto found = links_.find(transfer.device);
  if (found == links_.end() || !transfer.up || transfer.bytes == Bytes(0) ||
      !(transfer.end > transfer.start)) {
    return;
  }
  Link& link = *found->second;
  link.measured_at = transfer.end.si();
  if (link.estimator) {
    link.estimator->observe({transfer.start, transfer.end, transfer.bytes});
  }
}

void MovingPlans::side_message_ended(std::size_t token, const engine::Transfer& transfer,
                                     bool arrived) {
  const auto found = jobs_.find(token);
  Device& state = *found->second.device;
  const Booked* weights_of = found->second.weights_of;
  jobs_.erase(found);
  if (arrived) {
    transferred(transfer);
    (weights_of != nullptr ? figures_.weight_bytes : figures_.probe_bytes) += transfer.bytes;
  }
  if (weights_of == nullptr) {
    state.link->is_probing = false;
    state.link->measured_at = transfer.end.si();  // A lost one is not repeated at once.
    return;
  }
  state.is_uploading = false;
  if (!arrived) {
    state.next = nullptr;  // The policy may wish for it again.
    return;
  }
  for (LayerId layer = 0; layer < state.beyond.size(); ++layer) {
    state.beyond[layer] = state.beyond[layer] || (*weights_of->tier_of)[layer] > 0;
  }
  if (state.next != nullptr) {
    prepare(state, transfer.end);
  }
}

void MovingPlans::ended(const engine::RequestRecord& request) {
  const auto found = followed_.find(request.request);
  Device& state = device_of(request.request_class, request.device);
  const Seconds latency = request.latency();
  const bool has_deadline = state.deadline < engine::kNever;
  if (has_deadline && (!request.completed() || latency > state.deadline)) {
    state.follower.missed_deadline();
  }
  const Seconds planned = found->second.planned_on_servers;
  if (state.load && request.completed() && !request.fell_back && planned > Seconds(0)) {
    state.load->observe({request.server_wait, request.server_compute, planned});
  }
  if (state.policy && found->second.arm) {
    const bool is_unanswered = !request.completed() && has_deadline;
    state.policy->learn({.arm = *found->second.arm,
                         .rate = found->second.rate,
                         .cost = is_unanswered ? std::max(latency, state.deadline) : latency,
                         .rate_now = estimate_of(state, request.completion).hops.front().up.si()});
  }
  followed_.erase(found);
}

RequestPlan MovingPlans::plan_of(std::int64_t request) const { return followed_.at(request).plan; }

}  // namespace offcut::experiment
