#include "naive.h"

#include <algorithm>
#include <limits>
#include <set>

namespace offcut::partition {
namespace {

/// A request on its way, with the tensors that it carries and its cost so far.
class Journey {
 public:
  Journey(const Problem& problem, const Assignment& tier_of)
      : problem_(problem), tier_of_(tier_of), tail_(problem.tail.begin(), problem.tail.end()) {
    cost_.busy.resize(problem.tier_count());
    cost_.up.resize(problem.hops.size());
    cost_.down.resize(problem.hops.size());
    for (const CrossingTensor& tensor : problem.tensors) {
      if (!tensor.producer) {
        in_hand_.insert(&tensor);
      }
    }
  }

  /// Returns none if a layer lacks a tensor.
  std::optional<NaiveCost> go() {
    std::set<const CrossingTensor*> on_device = in_hand_;
    for (std::size_t tier = 0; tier < problem_.tier_count(); ++tier) {
      cost_.busy[tier] += problem_.per_request.empty() ? 0 : problem_.per_request[tier].si();
      if (!run_layers(tier, false)) {
        return std::nullopt;
      }
      for (const CrossingTensor* tensor : in_hand_) {
        const bool is_needed = tensor->is_output ||
                               std::any_of(tensor->consumers.begin(), tensor->consumers.end(),
                                           [&](LayerId reader) { return tail_.contains(reader); });
        if (tier == 0 || is_needed) {
          on_device.insert(tensor);
        }
      }
      if (!anyone_beyond(tier)) {
        break;
      }
      send_outward(tier);
    }
    come_back();
    in_hand_ = on_device;
    for (const LayerId layer : tail_) {
      if (tier_of_[layer] != 0) {
        return std::nullopt;
      }
    }
    if (!run_layers(0, true)) {
      return std::nullopt;
    }
    settle();
    return cost_;
  }

 private:
  bool is_beyond(LayerId layer, std::size_t tier) const {
    return tier_of_[layer] > tier && !tail_.contains(layer);
  }

  /// Returns whether the tensor is made on the tier; inputs are given on the device.
  bool is_made_on(const CrossingTensor& tensor, std::size_t tier) const {
    return tensor.producer ? tier_of_[*tensor.producer] == tier : tier == 0;
  }

  bool anyone_beyond(std::size_t tier) const {
    bool any = false;
    for (LayerId layer = 0; layer < tier_of_.size(); ++layer) {
      any = any || is_beyond(layer, tier);
    }
    return any;
  }

  /// Runs the layers of a tier in order. Returns whether each had the tensors that it reads.
  bool run_layers(std::size_t tier, bool is_tail) {
    for (LayerId layer = 0; layer < problem_.layer_count(); ++layer) {
      if (tier_of_[layer] != tier || tail_.contains(layer) != is_tail) {
        continue;
      }
      for (const CrossingTensor& tensor : problem_.tensors) {
        const bool reads = std::count(tensor.consumers.begin(), tensor.consumers.end(), layer) > 0;
        if (reads && !in_hand_.contains(&tensor)) {
          return false;
        }
        if (reads && tensor.coding && !is_tail && !is_made_on(tensor, tier) &&
            decoded_.insert({tier, &tensor}).second) {
          cost_.busy[tier] += tensor.coding->decode[tier].si();
        }
        if (tensor.producer == layer) {
          in_hand_.insert(&tensor);
        }
      }
      cost_.busy[tier] += problem_.seconds[tier][layer].si();
    }
    return true;
  }

  /// Returns how long it takes until the message's last bit has left, segment by segment: a segment
  /// leaves after the one before, and once its window is open.
  static double seconds_of_segments(const Hop& hop, double bytes, double rate, bool upwards) {
    const double round_trip = 2 * hop.latency.si();
    double opens = hop.tcp->handshake && upwards ? round_trip : 0;
    double now = opens;
    double window = hop.tcp->initial_window;
    double sent = 0;  // Segments of the window.
    for (double left = bytes; left > 0; left -= kSegment.si()) {
      if (sent == window) {
        opens = std::max(now, opens + round_trip);
        now = opens;
        window *= 2;
        sent = 0;
      }
      now += std::min(left, kSegment.si()) / rate;
      ++sent;
    }
    return now;
  }

  void message(std::size_t hop, double bytes, double bandwidth, bool upwards, double watts) {
    const double before = cost_.seconds;
    const Hop& link = problem_.hops[hop];
    const double rate = bandwidth * link.payload;
    const bool is_cold = link.tcp && (link.tcp->handshake || link.tcp->idle_restart);
    cost_.seconds += link.latency.si() + link.per_message.si() +
                     (is_cold ? seconds_of_segments(link, bytes, rate, upwards) : bytes / rate);
    cost_.longest = std::max(cost_.longest, bytes / rate);
    cost_.money += bytes * problem_.hops[hop].price;
    if (hop == 0) {
      cost_.joules += watts * bytes / rate;
      on_air_ += bytes / rate;
    }
    const double promotion = hop == 0 && upwards ? problem_.radio.promotion.si() : 0;
    (upwards ? cost_.up : cost_.down)[hop] = {bytes, cost_.seconds - before + promotion, true};
  }

  /// Sends all tensors that farther tiers read, in one message.
  void send_outward(std::size_t tier) {
    double bytes = 0;
    std::set<const CrossingTensor*> sent;
    for (const CrossingTensor* tensor : in_hand_) {
      if (std::any_of(tensor->consumers.begin(), tensor->consumers.end(),
                      [&](LayerId reader) { return is_beyond(reader, tier); })) {
        sent.insert(tensor);
        bytes += (tensor->coding ? tensor->coding->bytes : tensor->bytes).si();
        if (tensor->coding && is_made_on(*tensor, tier)) {
          cost_.busy[tier] += tensor->coding->encode[tier].si();
        }
      }
    }
    if (tier == 0) {
      cost_.seconds += problem_.radio.promotion.si();
      uses_radio_ = true;
    }
    message(tier, bytes, problem_.hops[tier].up.si(), true, problem_.power.send.si());
    in_hand_ = std::move(sent);
  }

  /// Sends back, in one message per hop, the tensors that were made beyond it and that the device
  /// needs.
  void come_back() {
    for (std::size_t hop = problem_.hops.size(); hop-- > 0;) {
      double bytes = 0;
      bool any = false;
      for (const CrossingTensor& tensor : problem_.tensors) {
        const bool is_needed =
            tensor.is_output || std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                                            [&](LayerId reader) { return tail_.contains(reader); });
        if (is_needed && tensor.producer && is_beyond(*tensor.producer, hop)) {
          bytes += tensor.bytes.si();
          any = true;
        }
      }
      if (any) {
        message(hop, bytes, problem_.hops[hop].down.si(), false, problem_.power.receive.si());
      }
    }
  }

  void settle() {
    for (std::size_t tier = 0; tier < cost_.busy.size(); ++tier) {
      cost_.seconds += cost_.busy[tier];
      cost_.longest = std::max(cost_.longest, cost_.busy[tier]);
      cost_.money += problem_.price.empty() ? 0 : cost_.busy[tier] * problem_.price[tier];
    }
    cost_.joules += cost_.busy[0] * problem_.power.busy.si();
    cost_.joules += (cost_.seconds - cost_.busy[0] - on_air_) * problem_.power.idle.si();
    if (uses_radio_) {
      const RadioOverhead& radio = problem_.radio;
      const double promotion = radio.promotion.si();
      cost_.joules += promotion * radio.promoting.si() + radio.tail.si();
      cost_.joules += (cost_.seconds - cost_.busy[0] - on_air_ - promotion) * radio.waiting.si();
    }
    const Limits& limits = problem_.goal.limits;
    const auto exceeds = [](double value, double most) { return value > most * (1 + 1e-9); };
    for (const LayerId layer : limits.pinned) {
      cost_.keeps_limits = cost_.keeps_limits && tier_of_[layer] == 0;
    }
    if (limits.deadline && exceeds(cost_.seconds, limits.deadline->si())) {
      cost_.keeps_limits = false;
    }
    for (std::size_t tier = 0; tier < problem_.tier_count() && !problem_.memory.empty(); ++tier) {
      double parameters = 0;
      double working = 0;
      for (LayerId layer = 0; layer < tier_of_.size(); ++layer) {
        if (tier_of_[layer] == tier) {
          parameters += problem_.memory[layer].parameters.si();
          working = std::max(working, problem_.memory[layer].working.si());
        }
      }
      cost_.memory.push_back(parameters + working);
    }
    for (std::size_t tier = 0; tier < limits.memory.size(); ++tier) {
      if (limits.memory[tier] && exceeds(cost_.memory[tier], limits.memory[tier]->si())) {
        cost_.keeps_limits = false;
      }
    }
  }

  const Problem& problem_;
  const Assignment& tier_of_;
  std::set<LayerId> tail_;
  std::set<const CrossingTensor*> in_hand_;
  std::set<std::pair<std::size_t, const CrossingTensor*>> decoded_;  // On which tier, and which.
  double on_air_ = 0;
  bool uses_radio_ = false;
  NaiveCost cost_;
};

}  // namespace

std::optional<NaiveCost> naive_cost(const Problem& problem, const Assignment& tier_of) {
  return Journey(problem, tier_of).go();
}

std::optional<double> naive_seconds(const Problem& problem, const Assignment& tier_of) {
  const auto cost = naive_cost(problem, tier_of);
  return cost ? std::optional(cost->seconds) : std::nullopt;
}

void each_cut_in_two(const Problem& problem, const std::function<void(const Assignment&)>& visit) {
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    for (std::size_t bits = 0; bits < std::size_t{1} << problem.layer_count(); ++bits) {
      Assignment tier_of;
      for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
        tier_of.push_back((bits >> layer & 1U) * tier);
      }
      if (naive_seconds(problem, tier_of)) {
        visit(tier_of);
      }
    }
  }
}

void each_placement(const Problem& problem, const std::function<void(const Assignment&)>& visit) {
  Assignment tier_of(problem.layer_count(), 0);
  while (true) {
    visit(tier_of);
    std::size_t digit = tier_of.size();  // Counts up to the next assignment, the last layer first.
    while (digit > 0 && ++tier_of[digit - 1] == problem.tier_count()) {
      tier_of[--digit] = 0;
    }
    if (digit == 0) {
      return;
    }
  }
}

std::optional<NaiveBest> naive_best(const Problem& problem) {
  std::optional<NaiveBest> best;
  each_placement(problem, [&](const Assignment& tier_of) {
    const auto cost = naive_cost(problem, tier_of);
    if (cost && cost->keeps_limits) {
      const double value = cost->value(problem.goal.objective);
      if (!best || value < best->value) {
        best = {tier_of, value};
      }
    }
  });
  return best;
}

double naive_optimum(const Problem& problem,
                     const std::function<bool(const Assignment&)>& allowed) {
  double least = std::numeric_limits<double>::infinity();
  each_placement(problem, [&](const Assignment& tier_of) {
    if (!allowed || allowed(tier_of)) {
      const auto cost = naive_cost(problem, tier_of);
      if (cost && cost->keeps_limits) {
        least = std::min(least, cost->value(problem.goal.objective));
      }
    }
  });
  return least;
}

}  // namespace offcut::partition
