// Plans for networks with exits: takes the part of a problem up to one output, chooses the most
// accurate exit in time, and computes the expected cost of cutting a chain with exits.

#include "partition/solvers/early_exit.h"

#include <algorithm>
#include <stdexcept>

#include "partition/amount.h"
#include "partition/dependence.h"
#include "partition/solvers/stop_search.h"

namespace offcut::partition {
namespace {

void require_early_exit(bool holds, const std::string& invariant) {
  if (!holds) {
    throw std::logic_error("chain with exits: " + invariant);
  }
}

bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

ProblemPart part_up_to(const Problem& problem, std::size_t tensor) {
  const auto producer = problem.tensors[tensor].producer;
  const std::vector<bool> needed =
      producer ? up_to(problem, *producer) : std::vector<bool>(problem.layer_count(), false);
  ProblemPart part;
  part.problem.tiers = problem.tiers;
  part.problem.hops = problem.hops;
  part.problem.direct = problem.direct;
  part.problem.forwards = problem.forwards;
  part.problem.per_request = problem.per_request;
  part.problem.radio = problem.radio;
  part.problem.seconds.resize(problem.tier_count());
  std::vector<LayerId> id_in_part(problem.layer_count());
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (needed[layer]) {
      id_in_part[layer] = part.layers.size();
      part.layers.push_back(layer);
      part.problem.layers.push_back(problem.layers[layer]);
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        part.problem.seconds[tier].push_back(problem.seconds[tier][layer]);
      }
    }
  }
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    CrossingTensor tensor_there = problem.tensors[i];
    if (tensor_there.producer && !needed[*tensor_there.producer]) {
      continue;
    }
    std::erase_if(tensor_there.consumers, [&](LayerId reader) { return !needed[reader]; });
    for (LayerId& reader : tensor_there.consumers) {
      reader = id_in_part[reader];
    }
    if (tensor_there.producer) {
      tensor_there.producer = id_in_part[*tensor_there.producer];
    }
    tensor_there.is_output = i == tensor;
    part.problem.tensors.push_back(std::move(tensor_there));
  }
  return part;
}

std::optional<ExitPlan> most_accurate_exit(const std::vector<NetworkExit>& exits,
                                           Seconds deadline) {
  std::optional<ExitPlan> best;
  for (std::size_t exit = 0; exit < exits.size(); ++exit) {
    if (best && exits[exit].accuracy < exits[best->exit].accuracy) {
      continue;
    }
    Assignment tier_of = cheapest_assignment(exits[exit].problem);
    Cost cost = evaluate(exits[exit].problem, tier_of);
    const bool better = !best || exits[exit].accuracy > exits[best->exit].accuracy ||
                        cost.latency() < best->cost.latency();
    if (cost.latency() <= deadline && better) {
      best = ExitPlan{exit, std::move(tier_of), std::move(cost)};
    }
  }
  return best;
}

void ExitChain::check() const {
  require_early_exit(
      on_server.size() == on_device.size() && bytes.size() == on_device.size() + 1,
      "each layer needs a time on both sides, and there must be one tensor more than layers");
  require_early_exit(std::all_of(on_device.begin(), on_device.end(), is_amount<Seconds>) &&
                         std::all_of(on_server.begin(), on_server.end(), is_amount<Seconds>) &&
                         std::all_of(bytes.begin(), bytes.end(), is_amount<Bytes>),
                     "times and bytes must be finite and not negative");
  std::size_t last = 0;
  for (const ExitBranch& exit : exits) {
    require_early_exit(exit.after >= last && exit.after < on_device.size(),
                       "exits must be in the order of the layers");
    require_early_exit(
        is_amount(exit.on_device) && is_amount(exit.on_server) && is_amount(exit.answer),
        "times and bytes of exits must be finite and not negative");
    require_early_exit(is_share(exit.leaves),
                       "the share that leaves at an exit must be from 0 to 1");
    last = exit.after;
  }
  check_hop(hop);
  require_early_exit(is_amount(promotion) && is_amount(hand_over[0]) && is_amount(hand_over[1]),
                     "the promotion and times per request must be finite and not negative");
}

ExpectedCost expected_cost(const ExitChain& chain, std::size_t cut) {
  ExpectedCost cost{.latency = chain.hand_over[0]};
  double reach = 1;
  const auto cross = [&] {
    cost.crosses = reach;
    cost.upload = chain.bytes[cut] * reach;
    const Seconds start = chain.promotion + chain.hand_over[1];
    cost.latency += (start + chain.hop.message_time(true, chain.bytes[cut])) * reach;
  };
  const auto leave = [&](double share, Bytes answer, double accuracy, bool on_device) {
    cost.accuracy += share * accuracy;
    cost.latency += on_device ? Seconds(0) : chain.hop.message_time(false, answer) * share;
  };
  std::size_t exit = 0;
  for (std::size_t layer = 0; layer < chain.on_device.size(); ++layer) {
    const bool on_device = layer < cut;
    if (layer == cut) {
      cross();
    }
    cost.latency += (on_device ? chain.on_device : chain.on_server)[layer] * reach;
    for (; exit < chain.exits.size() && chain.exits[exit].after == layer; ++exit) {
      const ExitBranch& branch = chain.exits[exit];
      cost.latency += (on_device ? branch.on_device : branch.on_server) * reach;
      leave(reach * branch.leaves, branch.answer, branch.accuracy, on_device);
      reach *= 1 - branch.leaves;
    }
  }
  leave(reach, chain.bytes.back(), chain.accuracy, cut == chain.on_device.size());
  return cost;
}

std::vector<double> shares_of_ways(const ExitChain& chain) {
  std::vector<double> shares;
  double reach = 1;
  for (const ExitBranch& exit : chain.exits) {
    shares.push_back(reach * exit.leaves);
    reach *= 1 - exit.leaves;
  }
  shares.push_back(reach);
  return shares;
}

Cost cost_of_way(const ExitChain& chain, std::size_t cut, std::size_t way) {
  const std::size_t layers = chain.on_device.size();
  const bool is_end = way == chain.exits.size();
  const std::size_t last = is_end ? layers : chain.exits[way].after + 1;
  const bool crosses = cut < last;
  Cost cost{.compute = {chain.hand_over[0], crosses ? chain.hand_over[1] : Seconds(0)},
            .up_bytes = {Bytes(0)},
            .down_bytes = {Bytes(0)},
            .goes_up = {crosses},
            .comes_down = {crosses},
            .up_time = {Seconds(0)},
            .down_time = {Seconds(0)}};
  for (std::size_t layer = 0; layer < last; ++layer) {
    cost.compute[layer < cut ? 0 : 1] += (layer < cut ? chain.on_device : chain.on_server)[layer];
  }
  for (std::size_t exit = 0; exit < (is_end ? way : way + 1); ++exit) {
    const ExitBranch& branch = chain.exits[exit];
    const bool on_device = branch.after < cut;
    cost.compute[on_device ? 0 : 1] += on_device ? branch.on_device : branch.on_server;
  }
  if (crosses) {
    cost.up_bytes[0] = chain.bytes[cut];
    cost.down_bytes[0] = is_end ? chain.bytes.back() : chain.exits[way].answer;
    cost.up_time[0] = chain.promotion + chain.hop.message_time(true, cost.up_bytes[0]);
    cost.down_time[0] = chain.hop.message_time(false, cost.down_bytes[0]);
  }
  return cost;
}

std::size_t best_expected_cut(const ExitChain& chain) {
  std::size_t best = chain.on_device.size();
  for (std::size_t cut = best; cut-- > 0;) {
    if (expected_cost(chain, cut).latency < expected_cost(chain, best).latency) {
      best = cut;
    }
  }
  return best;
}

}  // namespace offcut::partition
