#include "naive.h"

#include <algorithm>
#include <limits>
#include <set>

namespace offcut {

std::optional<double> naive_seconds(const Problem& problem, const Assignment& tier_of) {
  const auto tier_is = [&](std::size_t tier) {
    return [&tier_of, tier](LayerId layer) { return tier_of[layer] == tier; };
  };
  const auto beyond = [&](std::size_t tier) {
    return [&tier_of, tier](LayerId layer) { return tier_of[layer] > tier; };
  };
  std::set<const CrossingTensor*> in_hand;
  for (const CrossingTensor& tensor : problem.tensors) {
    if (!tensor.producer) {
      in_hand.insert(&tensor);
    }
  }
  double seconds = 0;
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    // The layers of this tier, in order: each needs what it reads, and adds what it makes.
    for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
      if (!tier_is(tier)(layer)) {
        continue;
      }
      for (const CrossingTensor& tensor : problem.tensors) {
        const bool reads = std::count(tensor.consumers.begin(), tensor.consumers.end(), layer) > 0;
        if (reads && !in_hand.contains(&tensor)) {
          return std::nullopt;
        }
        if (tensor.producer == layer) {
          in_hand.insert(&tensor);
        }
      }
      seconds += problem.seconds[tier][layer].si();
    }
    if (tier_of.empty() || *std::max_element(tier_of.begin(), tier_of.end()) <= tier) {
      break;
    }
    // One message carries all that somebody farther out reads.
    double bytes = 0;
    std::set<const CrossingTensor*> sent;
    for (const CrossingTensor* tensor : in_hand) {
      if (std::any_of(tensor->consumers.begin(), tensor->consumers.end(), beyond(tier))) {
        sent.insert(tensor);
        bytes += tensor->bytes.si();
      }
    }
    seconds += problem.hops[tier].latency.si() + bytes / problem.hops[tier].up.si();
    in_hand = std::move(sent);
  }
  // The way back: each hop carries, in one message, the outputs that were made behind it.
  for (std::size_t hop = problem.hops.size(); hop-- > 0;) {
    double bytes = 0;
    bool any = false;
    for (const CrossingTensor& tensor : problem.tensors) {
      if (tensor.is_output && tensor.producer && beyond(hop)(*tensor.producer)) {
        bytes += tensor.bytes.si();
        any = true;
      }
    }
    seconds += any ? problem.hops[hop].latency.si() + bytes / problem.hops[hop].down.si() : 0;
  }
  return seconds;
}

double naive_optimum(const Problem& problem,
                     const std::function<bool(const Assignment&)>& allowed) {
  double least = std::numeric_limits<double>::infinity();
  Assignment tier_of(problem.layer_count(), 0);
  while (true) {
    if (!allowed || allowed(tier_of)) {
      if (const auto seconds = naive_seconds(problem, tier_of)) {
        least = std::min(least, *seconds);
      }
    }
    std::size_t digit = 0;  // the next assignment, as one counts
    while (digit < tier_of.size() && ++tier_of[digit] == problem.tier_count()) {
      tier_of[digit++] = 0;
    }
    if (digit == tier_of.size()) {
      return least;
    }
  }
}

}  // namespace offcut
