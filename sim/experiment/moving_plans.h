#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/engine/controller.h"
#include "sim/experiment/best_plans.h"
#include "sim/experiment/plan_controller.h"
#include "sim/network/attachment.h"

namespace offcut::experiment {

/// The counts and sums of the plans of a run.
struct AdaptationFigures {
  std::int64_t replans = 0;   // Decisions to look up the best plan, or to choose another arm.
  std::int64_t switches = 0;  // Changes of the plan that serves a class's requests at a device.
  Bytes probe_bytes;
  Bytes weight_bytes;  // Uploaded for new plans.
  Seconds regret;      // Summed over `judged` requests.
  std::int64_t judged = 0;
  std::int64_t followed_best = 0;  // Those of them whose plan was a best one.

  /// Returns the mean regret; none without a request that has one.
  std::optional<Seconds> mean_regret() const {
    return judged > 0 ? std::optional(regret / static_cast<double>(judged)) : std::nullopt;
  }
};

/// The plan that a request was given.
struct RequestPlan {
  std::size_t plan = 0;  // Its number among those of its model, in the order of their first use.
  /// Its latency in an idle system with the true costs, at the true rates of the links when the
  /// request arrived, less that of the best plan. None: the objective is not the latency, or a link
  /// was down to a rate of 0.
  std::optional<Seconds> regret;
};

/// Another plan serves a class's requests at a device.
struct PlanSwitch {
  Seconds time;
  std::size_t device = 0;
  std::size_t request_class = 0;
  std::size_t from = 0, to = 0;  // Numbers of plans.
  std::string from_text, to_text;
  BytesPerSecond estimate;  // Of the device's rate up, without headers.
  BytesPerSecond truth;     // The true one.
};

/// The controller under which the plans of classes at devices follow the links and servers, as an
/// adaptation says, or stay as they are without one. It appraises each request's plan. Itineraries
/// are made once for each assignment that is the best one for some conditions, so their number is
/// bounded.
class MovingPlans final : public engine::Controller {
 public:
  /// `adaptation` is null if plans stay as they are, `plans` are those of the models at the start.
  /// Adds the legs that plans may need to the simulation. The models and the adaptation must
  /// outlive it, and the simulation's itineraries must not move.
  MovingPlans(const std::vector<PreparedModel>& models, const std::vector<partition::Plan>& plans,
              const scenario::Adaptation* adaptation, PathTable paths,
              engine::Simulation& simulation);
  ~MovingPlans() override;

  const engine::Itinerary& itinerary_of(std::size_t request_class, std::size_t device, Seconds now,
                                        std::int64_t input) override;
  const engine::Itinerary& fallback_of(std::size_t request_class, std::size_t device,
                                       Seconds now) override;
  bool observes() const override { return true; }
  void begins(engine::SideTraffic& traffic) override { traffic_ = &traffic; }
  void transferred(const engine::Transfer& transfer) override;
  void ended(const engine::RequestRecord& request) override;
  void side_message_ended(std::size_t token, const engine::Transfer& transfer,
                          bool arrived) override;

  /// Returns the plan of a request that has not ended(), or ends now.
  RequestPlan plan_of(std::int64_t request) const;
  const AdaptationFigures& figures() const { return figures_; }
  /// Sets the function that is told of each switch.
  void on_switch(std::function<void(const PlanSwitch&)> sink) { switched_ = std::move(sink); }

 private:
  struct Model;
  struct Booked;
  struct Link;
  struct Device;
  /// A message of the controller's own: weights, or a probe.
  struct SideJob {
    Device* device = nullptr;
    const Booked* weights_of = nullptr;  // Null: a probe.
  };
  struct Followed {
    RequestPlan plan;
    std::optional<std::size_t> arm;
    double rate = 0;             // The estimate when it arrived.
    Seconds planned_on_servers;  // As planners believed.
  };

  Device& device_of(std::size_t request_class, std::size_t device);
  Link& link_of(std::size_t device, const Model& model);
  Conditions truth_at(const Model& model, std::size_t device, Seconds now) const;
  Conditions estimate_of(const Device& state, Seconds now) const;
  void decide(Device& state, Seconds now);
  void look_up(Device& state, Seconds now);
  void add_arms(Model& model);
  void wish(Device& state, const Booked& plan, Seconds now);
  void prepare(Device& state, Seconds now);
  static void settle(Device& state, Seconds now);
  void probe(Device& state, Seconds now);
  void send(Device& state, const Booked* weights_of, Bytes bytes);
  void record_switch(const Device& state, const Booked& before, const Conditions& truth,
                     Seconds now);
  RequestPlan appraise(const Device& state, const Conditions& truth);

  const scenario::Adaptation* adaptation_;
  std::uint64_t seed_;
  std::vector<std::string> class_names_;
  std::vector<Seconds> deadlines_;  // By class.
  std::span<const engine::Itinerary> itineraries_;
  std::vector<std::vector<std::size_t>> long_legs_;
  network::Attachment attachment_;
  PathTable paths_;
  std::vector<std::unique_ptr<Model>> models_;
  std::unordered_map<std::size_t, std::unique_ptr<Device>> devices_;  // By class and device.
  std::unordered_map<std::size_t, std::unique_ptr<Link>> links_;      // By device.
  std::map<std::size_t, SideJob> jobs_;                               // By token.
  std::size_t next_token_ = 0;
  std::unordered_map<std::int64_t, Followed> followed_;  // By request, until it has ended.
  std::int64_t arrived_ = 0;
  engine::SideTraffic* traffic_ = nullptr;
  std::function<void(const PlanSwitch&)> switched_;
  AdaptationFigures figures_;
};

}  // namespace offcut::experiment
