// Cuts for split learning. The tensors that cross are those of the planner; slopes come back of
// those that depend on a trained weight of the head. The best cut is found by trying all of them,
// or, if there are too many, those after a cut vertex.

#include "sim/training/network_cut.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "models/base/error.h"
#include "models/graph/cuts.h"
#include "models/train/sample_checks.h"
#include "sim/training/work_time.h"

namespace offcut::training {
namespace {

constexpr std::size_t kMostCuts = 4096;

train::StepPlan plan_of_job(const Job& job, const train::Weights& weights) {
  const train::Libraries& libraries = job.trainer->libraries();
  return train::plan_step(*job.network, libraries.gradients, weights,
                          train::found_loss(libraries, job.trainer->settings().loss), {});
}

std::vector<bool> head_up_to(const Graph& network, LayerId last) {
  std::vector<bool> in_head(network.layer_count(), false);
  std::fill_n(in_head.begin(), last + 1, true);
  return in_head;
}

/// Names the layers of the head that others read, or "after the input".
std::string name_of_cut(const Graph& network, const std::vector<TensorId>& crossing) {
  std::vector<std::string> names;
  for (const TensorId id : crossing) {
    const std::optional<LayerId> producer = network.tensor(id).producer;
    names.push_back(producer ? network.layer(*producer).name : network.tensor(id).name);
  }
  return fmt::format("after {}", fmt::join(names, " and "));
}

}  // namespace

CutModel::CutModel(const Job& job)
    : job_(job),
      weights_(*job.network, job.trainer->libraries().gradients, job.trainer->settings().weights),
      plan_(plan_of_job(job, weights_)),
      labels_(bytes_of_sample(*job.network, *job.training, 0)) {}

bool CutModel::needs_slope(TensorId tensor, const std::vector<bool>& in_head) const {
  const Graph& network = *job_.network;
  const std::vector<LayerId>& readers = network.tensor(tensor).consumers;
  return network.tensor(tensor).producer &&
         std::any_of(readers.begin(), readers.end(), [&](LayerId reader) {
           const std::vector<TensorId>& inputs = network.layer(reader).inputs;
           const train::StepPlan::LayerPlan& layer = plan_.layers[reader];
           for (std::size_t i = 0; i < inputs.size() && !in_head[reader]; ++i) {
             if (inputs[i] == tensor && layer.goes_back && layer.wanted[i]) {
               return true;
             }
           }
           return false;
         });
}

NetworkCut CutModel::of(const std::vector<bool>& in_head) const {
  const Graph& network = *job_.network;
  NetworkCut cut;
  cut.labels = labels_;
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    cut.part_of.push_back(in_head[id] ? 0 : 1);
    (in_head[id] ? cut.head : cut.tail).push_back(id);
  }
  std::vector<TensorId> crossing;
  for (const TensorId id : crossing_tensors(network, in_head)) {
    const std::vector<LayerId>& readers = network.tensor(id).consumers;
    if (std::none_of(readers.begin(), readers.end(), [&](LayerId reader) {
          return !in_head[reader] && plan_.layers[reader].runs;
        })) {
      continue;
    }
    crossing.push_back(id);
    cut.activations += Bytes(network.wire_bytes(id));
    if (needs_slope(id, in_head)) {
      cut.slopes += Bytes(static_cast<double>(network.tensor(id).type.bytes()));
    }
  }
  cut.state = state_of_layers(network, job_.trainer->layout(), cut.head);
  cut.name = name_of_cut(network, crossing);
  return cut;
}

bool CutModel::is_legal(const std::vector<bool>& in_head) const {
  bool runs_head = false;
  for (LayerId id = 0; id < in_head.size(); ++id) {
    runs_head = runs_head || (in_head[id] && plan_.layers[id].runs);
  }
  return runs_head &&
         std::all_of(plan_.predictions.begin(), plan_.predictions.end(), [&](TensorId prediction) {
           const std::optional<LayerId> producer = job_.network->tensor(prediction).producer;
           return producer && !in_head[*producer];
         });
}

std::vector<std::string> CutModel::layers_to_cut_after() const {
  std::vector<std::string> names;
  for (LayerId id = 0; id < job_.network->layer_count(); ++id) {
    if (is_legal(head_up_to(*job_.network, id))) {
      names.push_back(job_.network->layer(id).name);
    }
  }
  return names;
}

std::vector<bool> CutModel::stated(const std::string& layer) const {
  const Graph& network = *job_.network;
  std::vector<bool> in_head;
  if (!layer.empty()) {
    const std::optional<LayerId> found = network.find_layer(layer);
    if (!found) {
      const std::vector<std::string> names = layers_to_cut_after();
      throw InputError({network.name()},
                       fmt::format("cut: the network has no layer {} to cut after{}",
                                   in_quotes(layer), suggestion(layer, names)));
    }
    in_head = head_up_to(network, *found);
  } else if (!job_.level_of.empty()) {
    if (job_.level_of.size() != network.layer_count()) {
      throw InputError({network.name()},
                       fmt::format("tiers are given for {} layers, but the network has {}",
                                   job_.level_of.size(), network.layer_count()));
    }
    for (const std::size_t level : job_.level_of) {
      in_head.push_back(level == 0);
    }
    for (LayerId id = 0; id < network.layer_count(); ++id) {
      for (const TensorId input : network.layer(id).inputs) {
        if (in_head[id] && input != kAbsent && network.tensor(input).producer &&
            !in_head[*network.tensor(input).producer]) {
          throw InputError({network.name()},
                           fmt::format("layer {} is on the device but reads from the server",
                                       in_quotes(network.layer(id).name)));
        }
      }
    }
  } else {
    return {};
  }
  if (!is_legal(in_head)) {
    const std::vector<std::string> names = layers_to_cut_after();
    throw InputError(
        {network.name()},
        fmt::format("cut: the cut{} leaves the device no layer, or the server no "
                    "loss; valid: {}",
                    layer.empty() ? "" : " after " + in_quotes(layer),
                    names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
  }
  return in_head;
}

NetworkCut CutModel::choose(const std::string& layer,
                            const std::function<Seconds(const NetworkCut&)>& time) const {
  if (const std::vector<bool> in_head = stated(layer); !in_head.empty()) {
    return of(in_head);
  }
  std::optional<NetworkCut> best;
  Seconds least;
  const auto look_at = [&](const std::vector<bool>& in_head) {
    if (!is_legal(in_head)) {
      return;
    }
    NetworkCut cut = of(in_head);
    const Seconds found = time(cut);
    if (!best || found < least) {
      best = std::move(cut);
      least = found;
    }
  };
  std::size_t cuts = 0;
  const bool is_all = for_each_cut(*job_.network, [&](const Cut& cut) {
    look_at(cut.in_head);
    return ++cuts < kMostCuts;
  });
  if (!is_all) {
    best.reset();
    for (const LayerId vertex : cut_vertices(*job_.network)) {
      look_at(head_up_to(*job_.network, vertex));
    }
  }
  if (!best) {
    throw InputError({job_.network->name()},
                     "the network has no layer before its last ones that a device could have");
  }
  return *best;
}

}  // namespace offcut::training
