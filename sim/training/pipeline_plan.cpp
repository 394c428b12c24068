// Decides on the stages of a pipeline: the places from the job, the layers by the balanced cut of
// their times in topological order, and the tensors that cross.

#include "sim/training/pipeline_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "models/base/error.h"
#include "models/base/readable.h"
#include "models/graph/cuts.h"
#include "models/train/micro_batches.h"
#include "sim/training/work_time.h"

namespace offcut::training {
namespace {

constexpr const char* kTiers = "tiers";
constexpr const char* kOneForwardOneBack = "1f1b";

std::vector<Place> places_of(const Job& job, const PipelineSystem& system) {
  const bool over_tiers = job.settings.parameters.text("over") == kTiers;
  const std::size_t most = over_tiers ? system.levels(0) : system.devices;
  auto stages = static_cast<std::size_t>(job.settings.parameters.at("stages"));
  if (!job.level_of.empty()) {
    stages = *std::max_element(job.level_of.begin(), job.level_of.end()) + 1;
  }
  stages = stages == 0 ? most : stages;
  if (stages > most) {
    throw InputError(
        {}, fmt::format("stages: the pipeline has {} stages, but there are {} {}", stages, most,
                        over_tiers ? "tiers on the device's way" : "devices"));
  }
  std::vector<Place> places;
  for (std::size_t i = 0; i < stages; ++i) {
    places.push_back(over_tiers ? Place{0, i} : Place{i, 0});
  }
  return places;
}

std::vector<std::int64_t> sizes_of(const Job& job, std::int64_t samples) {
  const std::int64_t batch =
      job.settings.batch == 0 ? samples : std::min(job.settings.batch, samples);
  const auto count = static_cast<std::int64_t>(job.settings.parameters.at("micro-batches"));
  try {
    return train::micro_batch_sizes(batch, count);
  } catch (const std::invalid_argument& error) {
    throw InputError({}, fmt::format("micro-batches: {}", error.what()));
  }
}

/// Returns the stage of each layer. Layers that do not run are with the one before.
std::vector<std::size_t> balanced_stages(const Job& job, const PipelineSystem& system,
                                         const train::StepPlan& plan,
                                         const std::vector<Place>& places, std::int64_t batch) {
  std::vector<LayerId> running;
  for (LayerId id = 0; id < plan.layers.size(); ++id) {
    if (plan.layers[id].runs) {
      running.push_back(id);
    }
  }
  if (running.size() < places.size()) {
    throw InputError(
        {job.network->name()},
        fmt::format("stages: the network has {} for {} stages; expected at most {}",
                    counted(running.size(), "layer that computes", "layers that compute"),
                    places.size(), running.size()));
  }
  std::vector<std::vector<double>> times;
  for (const Place& place : places) {
    times.emplace_back();
    for (const LayerId id : running) {
      const StepParts parts =
          job.times->of(system.group_of(place.device), place.level, batch, std::span(&id, 1));
      times.back().push_back((parts.forward + parts.backward).si());
    }
  }
  const std::vector<std::size_t> cut = balanced_cut(times);
  std::vector<std::size_t> stage_of(plan.layers.size());
  std::size_t next = 0;
  std::size_t stage = 0;
  for (LayerId id = 0; id < stage_of.size(); ++id) {
    if (next < running.size() && running[next] == id) {
      stage = cut[next++];
    }
    stage_of[id] = stage;
  }
  return stage_of;
}

std::vector<std::size_t> stated_stages(const Job& job, std::size_t stages) {
  if (job.level_of.size() != job.network->layer_count()) {
    throw InputError({job.network->name()},
                     fmt::format("stages are given for {} layers, but the network has {}",
                                 job.level_of.size(), job.network->layer_count()));
  }
  for (std::size_t stage = 0; stage < stages; ++stage) {
    if (std::find(job.level_of.begin(), job.level_of.end(), stage) == job.level_of.end()) {
      throw InputError({job.network->name()}, fmt::format("stage {} has no layer", stage));
    }
  }
  return job.level_of;
}

/// Returns the bytes of tensors of a sample that layers keep for the way back, each once.
Bytes kept_by(const Graph& network, const train::StepPlan& plan,
              const std::vector<LayerId>& layers) {
  std::set<TensorId> kept;
  const auto keep = [&](TensorId id) {
    if (id != kAbsent && !network.tensor(id).is_parameter()) {
      kept.insert(id);
    }
  };
  for (const LayerId id : layers) {
    const train::StepPlan::LayerPlan& layer = plan.layers[id];
    if (!layer.goes_back) {
      continue;
    }
    const Layer& node = network.layer(id);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (layer.gradient->reads_inputs.has(i)) {
        keep(node.inputs[i]);
      }
    }
    if (layer.gradient->reads_outputs) {
      std::for_each(node.outputs.begin(), node.outputs.end(), keep);
    }
  }
  double bytes = 0;
  for (const TensorId id : kept) {
    bytes += static_cast<double>(network.tensor(id).type.bytes());
  }
  return Bytes(bytes);
}

void add_crossings(const Job& job, const CutModel& model, PipelinePlan& plan) {
  for (std::size_t stage = 0; stage + 1 < plan.stages(); ++stage) {
    std::vector<bool> in_head;
    for (const std::size_t one : plan.stage_of) {
      in_head.push_back(one <= stage);
    }
    const NetworkCut cut = model.of(in_head);
    const bool loss_follows = std::any_of(
        model.plan().predictions.begin(), model.plan().predictions.end(), [&](TensorId prediction) {
          const auto producer = job.network->tensor(prediction).producer;
          return producer && plan.stage_of[*producer] > stage;
        });
    plan.activations.push_back(cut.activations + (loss_follows ? cut.labels : Bytes(0)));
    plan.slopes.push_back(cut.slopes);
  }
}

std::string range_of(const Graph& network, const std::vector<LayerId>& layers) {
  const std::string& first = network.layer(layers.front()).name;
  const std::string& last = network.layer(layers.back()).name;
  return layers.size() == 1 ? first : fmt::format("{} to {}", first, last);
}

}  // namespace

std::vector<PipelineWork> order_of_stage(PipelineSchedule schedule, std::size_t stage,
                                         std::size_t stages, std::size_t micro_batches) {
  std::vector<PipelineWork> order;
  const std::size_t ahead = schedule == PipelineSchedule::gpipe
                                ? micro_batches
                                : std::min(stages - stage - 1, micro_batches);
  for (std::size_t i = 0; i < ahead; ++i) {
    order.push_back({.micro = i, .is_forward = true});
  }
  for (std::size_t i = 0; i < micro_batches; ++i) {
    if (ahead + i < micro_batches) {
      order.push_back({.micro = ahead + i, .is_forward = true});
    }
    order.push_back({.micro = i, .is_forward = false});
  }
  return order;
}

std::size_t most_kept(const std::vector<PipelineWork>& order) {
  std::size_t kept = 0;
  std::size_t most = 0;
  for (const PipelineWork& work : order) {
    work.is_forward ? ++kept : --kept;
    most = std::max(most, kept);
  }
  return most;
}

std::vector<std::size_t> balanced_cut(const std::vector<std::vector<double>>& times) {
  const std::size_t places = times.size();
  const std::size_t layers = times.front().size();
  constexpr double kNever = std::numeric_limits<double>::infinity();
  // best[p][n]: the least largest sum of the first n layers on the first p places; from[p][n]:
  // where the last of these places begins.
  std::vector best(places + 1, std::vector<double>(layers + 1, kNever));
  std::vector from(places + 1, std::vector<std::size_t>(layers + 1, 0));
  best[0][0] = 0;
  for (std::size_t p = 1; p <= places; ++p) {
    for (std::size_t n = p; n <= layers; ++n) {
      double sum = 0;
      for (std::size_t first = n; first-- > p - 1;) {
        sum += times[p - 1][first];
        const double largest = std::max(best[p - 1][first], sum);
        if (largest <= best[p][n]) {
          best[p][n] = largest;
          from[p][n] = first;
        }
      }
    }
  }
  std::vector<std::size_t> place_of(layers);
  std::size_t end = layers;
  for (std::size_t p = places; p > 0; --p) {
    for (std::size_t i = from[p][end]; i < end; ++i) {
      place_of[i] = p - 1;
    }
    end = from[p][end];
  }
  return place_of;
}

bool PipelinePlan::goes_back(std::size_t stage) const {
  return stage + 1 == stages() || slopes[stage] > Bytes(0);
}

std::vector<PipelineWork> PipelinePlan::order(std::size_t stage, std::size_t micro_batches) const {
  return order_of_stage(schedule, stage, stages(), micro_batches);
}

std::string PipelinePlan::note(const Graph& network) const {
  std::string text = fmt::format("{} stages", stages());
  for (std::size_t stage = 0; stage < stages(); ++stage) {
    const std::size_t most = most_kept(order(stage, sizes.size()));
    const double bytes =
        static_cast<double>(most) * static_cast<double>(sizes.front()) * kept[stage].si();
    text += fmt::format("{} {} keeps {} of {} micro-batches, {:.0f} bytes", stage == 0 ? ":" : ";",
                        range_of(network, layers[stage]), most, sizes.size(), bytes);
  }
  return text;
}

PipelinePlan plan_pipeline(const Job& job, const PipelineSystem& system) {
  const CutModel model(job);
  PipelinePlan plan;
  plan.places = places_of(job, system);
  plan.sizes = sizes_of(job, job.data->samples.count(0));
  plan.schedule = job.settings.parameters.text("schedule") == kOneForwardOneBack
                      ? PipelineSchedule::one_forward_one_back
                      : PipelineSchedule::gpipe;
  plan.stage_of = job.level_of.empty()
                      ? balanced_stages(job, system, model.plan(), plan.places, plan.sizes.front())
                      : stated_stages(job, plan.places.size());
  plan.layers.resize(plan.stages());
  for (LayerId id = 0; id < plan.stage_of.size(); ++id) {
    plan.layers[plan.stage_of[id]].push_back(id);
  }
  add_crossings(job, model, plan);
  for (const std::vector<LayerId>& layers : plan.layers) {
    plan.kept.push_back(kept_by(*job.network, model.plan(), layers));
  }
  return plan;
}

std::vector<ParameterSpec> pipeline_parameters() {
  return {{.name = "stages",
           .is_whole = true,
           .fallback = 0,
           .doc = "the number of stages; 0: one for each place"},
          {.name = "over",
           .is_text = true,
           .one_of = {"devices", kTiers},
           .doc = "the places: devices, which reach each other over their common tier, or the "
                  "tiers on the way of the first device"},
          {.name = "schedule",
           .is_text = true,
           .one_of = {"gpipe", kOneForwardOneBack},
           .doc = "all micro-batches forward and then back, or one back after each one forward"},
          {.name = "micro-batches",
           .is_whole = true,
           .fallback = 4,
           .least = 1,
           .doc = "the parts of a batch that follow each other through the stages"}};
}

}  // namespace offcut::training
