// The plan of sliced layers: whose slice takes which share of a layer's time, where devices
// exchange tensors, and where the weights of slices lie in those of the whole network.

#include "sim/training/slice_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "models/base/error.h"
#include "sim/training/network_cut.h"

namespace offcut::training {
namespace {

parallel::SliceDirection direction_of(const Job& job) {
  return job.settings.parameters.text("direction") == "rows" ? parallel::SliceDirection::rows
                                                             : parallel::SliceDirection::columns;
}

parallel::SlicedNetwork sliced_network_of(const Job& job, std::size_t devices) {
  const train::WeightChoice& choice = job.trainer->settings().weights;
  if (!choice.only.empty() || !choice.freeze.empty()) {
    throw InputError({job.network->name()},
                     fmt::format("{}: slices train all weights: none can be frozen",
                                 choice.only.empty() ? "freeze" : "only"));
  }
  try {
    return parallel::sliced_network(*job.network, devices, direction_of(job),
                                    job.trainer->libraries().operators);
  } catch (const std::invalid_argument& error) {
    throw InputError({job.network->name()}, error.what());
  }
}

const Layout::Part& part_named(const Layout& layout, const std::string& name) {
  const auto found = std::find_if(layout.parts().begin(), layout.parts().end(),
                                  [&](const Layout::Part& part) { return part.name == name; });
  if (found == layout.parts().end()) {
    throw std::logic_error("a state lacks the parameter " + name);
  }
  return *found;
}

}  // namespace

Seconds SlicePlan::Phase::longest() const {
  return *std::max_element(compute.begin(), compute.end());
}

SlicePlan::SlicePlan(const Job& job, std::size_t devices)
    : job_(job),
      direction_(direction_of(job)),
      sliced_(sliced_network_of(job, devices)),
      shares_(job.network->layer_count(), std::vector<double>(devices, 1)),
      is_sliced_(job.network->layer_count()) {
  for (LayerId id = 0; id < sliced_.graph.layer_count(); ++id) {
    if (!sliced_.node_of[id]) {
      continue;
    }
    const LayerId original = *sliced_.original[id];
    std::vector<double>& shares = shares_[original];
    if (!is_sliced_[original]) {
      std::fill(shares.begin(), shares.end(), 0);
      is_sliced_[original] = true;
    }
    shares[*sliced_.node_of[id]] = sliced_.share[id];
  }
  if (devices > 1 && std::none_of(is_sliced_.begin(), is_sliced_.end(), [](bool s) { return s; })) {
    throw InputError({job.network->name()},
                     "the network has no convolution or dense layer that could be sliced so");
  }
}

template <class Copy>
void SlicePlan::for_each_run(const Layout& slices, Copy copy) const {
  const Layout& layout = job_.trainer->layout();
  std::map<std::string, const parallel::WeightSlice*> slice_of;
  for (const parallel::WeightSlice& slice : sliced_.weights) {
    slice_of[slice.name] = &slice;
  }
  for (const Layout::Part& part : slices.parts()) {
    const auto found = slice_of.find(part.name);
    if (found == slice_of.end() || !found->second->axis) {
      const std::string& name = found == slice_of.end() ? part.name : found->second->whole;
      copy(part_named(layout, name).first, part.first, part.size);
      continue;
    }
    const parallel::WeightSlice& slice = *found->second;
    const Layout::Part& whole = part_named(layout, slice.whole);
    // Blocks before the axis; each has `run` floats of the slice in a row.
    std::size_t inner = 1;
    for (std::size_t i = *slice.axis + 1; i < whole.shape.size(); ++i) {
      inner *= static_cast<std::size_t>(whole.shape[i]);
    }
    const std::size_t run = static_cast<std::size_t>(slice.last - slice.first) * inner;
    const std::size_t stride = static_cast<std::size_t>(whole.shape[*slice.axis]) * inner;
    const std::size_t start = static_cast<std::size_t>(slice.first) * inner;
    for (std::size_t block = 0; block < part.size / run; ++block) {
      copy(whole.first + block * stride + start, part.first + block * run, run);
    }
  }
}

State SlicePlan::slices_of(const State& whole, const Layout& layout) const {
  State slices(layout.size());
  for_each_run(layout, [&](std::size_t from, std::size_t to, std::size_t count) {
    std::copy_n(whole.begin() + static_cast<std::ptrdiff_t>(from), count,
                slices.begin() + static_cast<std::ptrdiff_t>(to));
  });
  return slices;
}

State SlicePlan::whole_of(const State& slices, const Layout& layout) const {
  State whole(job_.trainer->layout().size());
  for_each_run(layout, [&](std::size_t to, std::size_t from, std::size_t count) {
    std::copy_n(slices.begin() + static_cast<std::ptrdiff_t>(from), count,
                whole.begin() + static_cast<std::ptrdiff_t>(to));
  });
  return whole;
}

std::vector<SlicePlan::Phase> SlicePlan::phases(const std::vector<std::size_t>& groups,
                                                std::int64_t batch) const {
  const Graph& network = *job_.network;
  const train::StepPlan plan = CutModel(job_).plan();
  const bool columns = direction_ == parallel::SliceDirection::columns;
  const Phase empty{.compute = std::vector<Seconds>(groups.size())};
  std::vector<Phase> phases = {empty};
  const auto add = [&](LayerId id, Seconds StepParts::*part) {
    for (std::size_t device = 0; device < groups.size(); ++device) {
      phases.back().compute[device] +=
          shares_[id][device] * (job_.times->of(groups[device], 0, batch, std::span(&id, 1)).*part);
    }
  };
  const auto exchange = [&](Exchange kind, TensorId tensor) {
    phases.back().exchange = kind;
    phases.back().bytes = static_cast<double>(batch) *
                          Bytes(static_cast<double>(network.tensor(tensor).type.bytes()));
    phases.push_back(empty);
  };
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    if (plan.layers[id].runs) {
      add(id, &StepParts::forward);
      if (is_sliced_[id]) {
        exchange(columns ? Exchange::gather : Exchange::reduce, network.layer(id).outputs.front());
      }
    }
  }
  for (LayerId id = network.layer_count(); id-- > 0;) {
    if (plan.layers[id].goes_back) {
      add(id, &StepParts::backward);
      if (is_sliced_[id] && plan.layers[id].wanted.front()) {
        exchange(columns ? Exchange::reduce : Exchange::gather, network.layer(id).inputs.front());
      }
    }
  }
  for (LayerId id = 0; id < network.layer_count(); ++id) {
    add(id, &StepParts::update);
  }
  return phases;
}

}  // namespace offcut::training
