// Computes the times of training steps on the machines of tiers, from rooflines or from measured
// ways forward. Strategies ask for the same few batches again and again, so that each is computed
// once.

#include "sim/experiment/training_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "models/base/error.h"
#include "models/cost/layer_features.h"

namespace offcut::experiment {
namespace {

/// The work of a layer on the way forward, for one sample.
struct ForwardWork {
  double macs, activation_bytes, parameter_bytes;

  double bytes(double batch) const { return activation_bytes * batch + parameter_bytes; }
};

double bytes_of(const train::PassWork& work, double batch) {
  return work.sample_bytes * batch + work.fixed_bytes;
}

}  // namespace

/// The source of a step's times: a roofline, or measured ways forward.
class TrainingTimes::Machine {
 public:
  Machine(const scenario::TierChoice& tier, const Graph& network,
          const std::vector<train::StepWork>& work)
      : network_(network), work_(work) {
    if (const auto* device = std::get_if<cost::Device>(&tier.is)) {
      device_ = *device;
      return;
    }
    const std::string key = fmt::format("{}.{}", tier.section, tier.name);
    features_ = cost::layer_features(network);
    if (const auto* profiled = std::get_if<scenario::ProfiledDevice>(&tier.is)) {
      measured_ = cost::times_from(profiled->profile, network, tier.place, key + ".profile");
    } else if (const auto* fitted = std::get_if<scenario::FittedDevice>(&tier.is)) {
      MeasuredTimes times;
      std::vector<Seconds> single;
      for (const cost::LayerFeatures& features : features_) {
        single.push_back(fitted->predictor.predict(features));
      }
      times.add(1, std::move(single));
      measured_ = std::move(times);
    } else {
      throw InputError({tier.place,
                        fmt::format("{}.is: a column of a layer table has no times of training: "
                                    "expected a device",
                                    key)});
    }
  }

  bool is_modelled() const { return device_.has_value(); }

  std::vector<train::LayerStepTime> times(std::int64_t batch) const {
    return is_modelled()
               ? train::step_times(*device_, network_, work_, static_cast<double>(batch))
               : derived(static_cast<double>(batch));
  }

 private:
  std::vector<train::LayerStepTime> derived(double batch) const {
    const std::vector<Seconds> forward = measured_->at(batch);
    Seconds all;
    double moved = 0;
    for (LayerId layer = 0; layer < forward.size(); ++layer) {
      all += work_[layer].runs ? forward[layer] : Seconds(0);
      moved += work_[layer].runs ? forward_of(layer).bytes(batch) : 0;
    }
    std::vector<train::LayerStepTime> times(forward.size());
    for (LayerId layer = 0; layer < forward.size(); ++layer) {
      const train::StepWork& work = work_[layer];
      if (!work.runs) {
        continue;
      }
      train::PassWork back = work.backward.all();
      back += work.loss;
      times[layer] = {.forward = forward[layer],
                      .backward = forward[layer] * ratio(forward_of(layer), back, batch),
                      .update = moved > 0 ? all * (bytes_of(work.update, batch) / moved)
                                          : Seconds(0)};
    }
    return times;
  }

  static double ratio(const ForwardWork& forward, const train::PassWork& back, double batch) {
    if (forward.macs > 0) {
      return back.macs / forward.macs;
    }
    return forward.bytes(batch) > 0 ? bytes_of(back, batch) / forward.bytes(batch) : 0;
  }

  ForwardWork forward_of(LayerId layer) const {
    const cost::LayerFeatures& features = features_[layer];
    return {features.macs, features.activation_bytes, features.parameter_bytes};
  }

  const Graph& network_;
  const std::vector<train::StepWork> work_;
  std::optional<cost::Device> device_;
  std::optional<MeasuredTimes> measured_;
  std::vector<cost::LayerFeatures> features_;
};

TrainingTimes::TrainingTimes(const scenario::Scenario& scenario, const Graph& network,
                             std::vector<train::StepWork> work)
    : groups_(scenario.groups) {
  for (const scenario::TierChoice& tier : scenario.tiers) {
    std::vector<std::unique_ptr<Machine>>& machines = machines_.emplace_back();
    for (const scenario::TierChoice& group : tier.machines) {
      machines.push_back(std::make_unique<Machine>(group, network, work));
    }
    if (machines.empty()) {
      machines.push_back(std::make_unique<Machine>(tier, network, work));
    }
    if (std::any_of(machines.begin(), machines.end(),
                    [](const auto& machine) { return !machine->is_modelled(); })) {
      derived_.push_back(tier.name);
    }
  }
}

TrainingTimes::~TrainingTimes() = default;

training::StepParts TrainingTimes::of(std::size_t group, std::size_t level, std::int64_t batch,
                                      std::span<const LayerId> layers) const {
  const auto& all = times(engine::number_of(level, group, groups_), batch);
  training::StepParts parts;
  const auto add = [&](const train::LayerStepTime& layer) {
    parts.forward += layer.forward;
    parts.backward += layer.backward;
    parts.update += layer.update;
  };
  if (layers.empty()) {
    std::for_each(all.begin(), all.end(), add);
  }
  for (const LayerId layer : layers) {
    add(all.at(layer));
  }
  return parts;
}

Seconds TrainingTimes::forward(std::size_t group, std::size_t level, std::int64_t batch) const {
  return of(group, level, batch).forward;
}

const std::vector<train::LayerStepTime>& TrainingTimes::times(std::size_t tier,
                                                              std::int64_t batch) const {
  const auto [known, is_new] = known_.try_emplace({tier, batch});
  if (is_new) {
    const auto all_layers = [](const std::vector<train::LayerStepTime>& layers) {
      return train::total(layers).all();
    };
    for (const auto& machine : machines_.at(tier)) {
      std::vector<train::LayerStepTime> own = machine->times(batch);
      if (known->second.empty() || all_layers(own) > all_layers(known->second)) {
        known->second = std::move(own);
      }
    }
  }
  return known->second;
}

}  // namespace offcut::experiment
