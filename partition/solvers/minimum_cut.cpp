// Builds the flow network of a part of a problem, solves it, and reads the layers' tiers off the
// source's side of the cut. Flows have whole units, so a plan that turns out far cheaper than the
// one known so far is solved again in finer units.

#include "partition/solvers/minimum_cut.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace offcut::partition {
namespace {

using Node = FlowNetwork::Node;

/// The flow network of a part; see place().
class PartNetwork {
 public:
  PartNetwork(const CutCosts& costs, const CutPart& part, const Assignment& nearest,
              const Assignment& farthest, const Assignment& tier_of, double enough,
              FlowSolver solver)
      : costs_(costs),
        part_(part),
        nearest_(nearest),
        farthest_(farthest),
        tier_of_(tier_of),
        hops_(costs.linear.hop_count()),
        flow_((part.end - part.first) * hops_, enough, solver) {
    for (LayerId layer = part.first; layer < part.end; ++layer) {
      add_layer(layer);
    }
    for (const std::size_t tensor : part.tensors) {
      for (std::size_t hop = 0; hop < hops_; ++hop) {
        add_tensor(tensor, hop);
      }
    }
    for (std::size_t hop = 0; part.messages && hop < hops_; ++hop) {
      add_messages(hop);
    }
  }

  void solve(Assignment& tier_of) {
    const std::vector<bool> near = flow_.source_side();
    for (LayerId layer = part_.first; layer < part_.end; ++layer) {
      tier_of[layer] = nearest_[layer];
      while (tier_of[layer] < farthest_[layer] && !near[node(layer, tier_of[layer])]) {
        ++tier_of[layer];
      }
    }
  }

 private:
  bool is_inside(LayerId layer) const { return layer >= part_.first && layer < part_.end; }

  Node node(LayerId layer, std::size_t hop) const {
    const bool inside = is_inside(layer);
    if (hop < (inside ? nearest_ : tier_of_)[layer]) {
      return FlowNetwork::kSink;
    }
    if (hop >= (inside ? farthest_ : tier_of_)[layer]) {
      return FlowNetwork::kSource;
    }
    return FlowNetwork::kFirst + (layer - part_.first) * hops_ + hop;
  }

  void add_layer(LayerId layer) {
    const std::size_t last = farthest_[layer];
    Node farther = FlowNetwork::kSource;
    for (std::size_t tier = last + 1; last > nearest_[layer] && tier-- > nearest_[layer];) {
      const Node nearer = tier > 0 ? node(layer, tier - 1) : FlowNetwork::kSink;
      flow_.add_arc(farther, nearer, costs_.layer[tier][layer]);
      if (tier > nearest_[layer] && tier < last) {
        flow_.tie(nearer, farther);  // A layer beyond the farther hop is beyond the nearer one.
      }
      farther = nearer;
    }
  }

  void add_tensor(std::size_t index, std::size_t hop) {
    const CrossingTensor& tensor = costs_.problem.tensors[index];
    const Node maker = tensor.producer ? node(*tensor.producer, hop) : FlowNetwork::kSource;
    if (maker == FlowNetwork::kSink || tensor.consumers.empty()) {
      return;
    }
    const double cost = costs_.crossing[hop][index];
    if (tensor.consumers.size() == 1) {
      const Node reader = node(tensor.consumers.front(), hop);
      flow_.add_arc(maker, reader, cost);
      flow_.tie(reader, maker);
      return;
    }
    const Node copy = flow_.add_node();
    flow_.add_arc(maker, copy, cost);
    for (const LayerId consumer : tensor.consumers) {
      const Node reader = node(consumer, hop);
      flow_.tie(copy, reader);
      flow_.tie(reader, maker);
    }
  }

  void add_messages(std::size_t hop) {
    std::vector<bool> is_read(costs_.problem.layer_count());
    const Node up = flow_.add_node();
    const Node down = flow_.add_node();
    flow_.add_arc(FlowNetwork::kSource, up, costs_.linear.message_up(hop));
    flow_.add_arc(FlowNetwork::kSource, down, costs_.linear.message[hop]);
    for (const CrossingTensor& tensor : costs_.problem.tensors) {
      if (tensor.producer && !tensor.consumers.empty()) {
        is_read[*tensor.producer] = true;
      }
      if (tensor.producer && tensor.is_output) {
        flow_.tie(down, node(*tensor.producer, hop));
      }
    }
    for (LayerId layer = 0; layer < is_read.size(); ++layer) {
      if (!is_read[layer]) {  // If any layer is beyond the hop, a last one is.
        flow_.tie(up, node(layer, hop));
      }
    }
  }

  const CutCosts& costs_;
  const CutPart& part_;
  const Assignment& nearest_;
  const Assignment& farthest_;
  const Assignment& tier_of_;
  std::size_t hops_;
  FlowNetwork flow_;
};

double cost_of_messages(const CutCosts& costs, const Assignment& tier_of) {
  std::size_t farthest = 0;
  std::size_t farthest_output = 0;
  for (const std::size_t tier : tier_of) {
    farthest = std::max(farthest, tier);
  }
  for (const CrossingTensor& tensor : costs.problem.tensors) {
    if (tensor.is_output && tensor.producer) {
      farthest_output = std::max(farthest_output, tier_of[*tensor.producer]);
    }
  }
  double cost = 0;
  for (std::size_t hop = 0; hop < costs.linear.hop_count(); ++hop) {
    cost += (hop < farthest ? costs.linear.message_up(hop) : 0) +
            (hop < farthest_output ? costs.linear.message[hop] : 0);
  }
  return cost;
}

bool takes_time(const std::vector<Seconds>& times) {
  return std::any_of(times.begin(), times.end(), [](Seconds time) { return time > Seconds(0); });
}

}  // namespace

CutCosts::CutCosts(const Problem& given, LinearCosts prices)
    : problem(given),
      linear(std::move(prices)),
      layer(layer_costs(given, linear)),
      crossing(linear.hop_count(), std::vector<double>(given.tensors.size())) {
  for (std::size_t i = 0; i < given.tensors.size(); ++i) {
    const CrossingTensor& tensor = given.tensors[i];
    double coding = 0;  // On two tiers, a tensor crosses from the first to the second, or not.
    if (tensor.coding && tier_count() == 2) {
      coding = tensor.coding->encode[linear.tiers[0]].si() * linear.second[0] +
               tensor.coding->decode[linear.tiers[1]].si() * linear.second[1];
    }
    for (std::size_t hop = 0; hop < crossing.size(); ++hop) {
      crossing[hop][i] = tensor.outward_bytes().si() * linear.byte_up[hop] + coding;
    }
  }
}

bool can_cut(const CostTable& table, std::size_t tiers) {
  return tiers <= 2 ||
         std::none_of(table.tensors.begin(), table.tensors.end(), [](const CrossingTensor& tensor) {
           return tensor.coding &&
                  (takes_time(tensor.coding->encode) || takes_time(tensor.coding->decode));
         });
}

double cost_of(const CutCosts& costs, const CutPart& part, const Assignment& tier_of) {
  double cost = part.messages ? cost_of_messages(costs, tier_of) : 0;
  for (LayerId layer = part.first; layer < part.end; ++layer) {
    cost += costs.layer[tier_of[layer]][layer];
  }
  for (const std::size_t index : part.tensors) {
    const CrossingTensor& tensor = costs.problem.tensors[index];
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    std::size_t to = from;
    for (const LayerId reader : tensor.consumers) {
      to = std::max(to, tier_of[reader]);
    }
    for (std::size_t hop = from; hop < to; ++hop) {
      cost += costs.crossing[hop][index];
    }
  }
  return cost;
}

double place(const CutCosts& costs, const CutPart& part, const Assignment& nearest,
             const Assignment& farthest, FlowSolver solver, Assignment& tier_of) {
  Assignment found = tier_of;
  const auto keep = [&](double cost) {
    std::copy(found.begin() + static_cast<std::ptrdiff_t>(part.first),
              found.begin() + static_cast<std::ptrdiff_t>(part.end),
              tier_of.begin() + static_cast<std::ptrdiff_t>(part.first));
    return cost;
  };
  double least = INFINITY;
  bool is_open = false;
  for (const Assignment* known : {&nearest, &farthest}) {
    for (LayerId layer = part.first; layer < part.end; ++layer) {
      is_open = is_open || nearest[layer] < farthest[layer];
      found[layer] = (*known)[layer];
    }
    if (const double cost = cost_of(costs, part, found); cost < least) {
      least = keep(cost);
    }
  }
  // An assignment that is far cheaper than the one known so far is solved again in finer units.
  constexpr double kFar = 16;
  bool is_far = is_open && least > 0;
  while (is_far) {
    PartNetwork(costs, part, nearest, farthest, tier_of, least, solver).solve(found);
    const double cost = cost_of(costs, part, found);
    is_far = cost > 0 && kFar * cost < least;
    if (cost < least) {
      least = keep(cost);
    }
  }
  return least;
}

Assignment plain_minimum_cut(const CutCosts& costs, FlowSolver solver) {
  const Problem& problem = costs.problem;
  Assignment nearest(problem.layer_count(), 0);
  Assignment farthest(problem.layer_count(), costs.tier_count() - 1);
  for (const LayerId layer : problem.goal.limits.pinned) {
    farthest[layer] = 0;
  }
  std::vector<std::size_t> all(problem.tensors.size());
  std::iota(all.begin(), all.end(), 0U);
  const CutPart whole{.end = problem.layer_count(), .tensors = all, .messages = true};
  Assignment best = nearest;
  place(costs, whole, nearest, farthest, solver, best);
  return best;
}

}  // namespace offcut::partition
