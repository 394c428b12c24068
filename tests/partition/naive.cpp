#include "naive.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace offcut::partition {
namespace {

/// A request on its way, with the tensors that it carries and its cost so far.
class Journey {
 public:
  Journey(const Problem& problem, const Assignment& tier_of)
      : problem_(problem), tier_of_(tier_of), tail_(problem.tail.begin(), problem.tail.end()) {
    cost_.busy.resize(problem.tier_count());
    cost_.up.resize(problem.hop_count());
    cost_.down.resize(problem.hop_count());
    for (const CrossingTensor& tensor : problem.tensors) {
      if (!tensor.producer) {
        in_hand_.insert(&tensor);
      }
    }
  }

  /// Returns none if a layer lacks a tensor.
  std::optional<NaiveCost> go() {
    std::set<const CrossingTensor*> on_device = in_hand_;
    for (std::size_t tier = 0;; tier = ways_.back().to) {
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
    std::set<LayerId> stage;
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
      stage.insert(layer);
    }
    cost_.busy[tier] += naive_schedule(problem_, tier, stage);
    return true;
  }

  /// The hops of one message, and what they amount to.
  struct Way {
    std::size_t from = 0, to = 0;
    std::vector<std::size_t> hops;
    Hop all;  // Its bandwidths are those that carry messages.
  };

  std::size_t end_of(std::size_t hop) const {
    const std::size_t neighbours = problem_.hops.size();
    return hop < neighbours ? hop + 1 : problem_.direct[hop - neighbours].to;
  }
  std::size_t begin_of(std::size_t hop) const {
    const std::size_t neighbours = problem_.hops.size();
    return hop < neighbours ? hop : problem_.direct[hop - neighbours].from;
  }

  /// Adds all lists of hops that lead from one tier to another.
  void add_lists(std::size_t from, std::size_t to, std::vector<std::size_t> so_far,
                 std::vector<std::vector<std::size_t>>& lists) const {
    if (from == to) {
      lists.push_back(so_far);
      return;
    }
    so_far.push_back(0);
    for (std::size_t hop = 0; hop < problem_.hop_count(); ++hop) {
      if (begin_of(hop) == from && end_of(hop) <= to) {
        so_far.back() = hop;
        add_lists(end_of(hop), to, so_far, lists);
      }
    }
  }

  /// Returns the way of the next message from a tier: to the next tier with layers, or to a tier
  /// before it that takes whole messages.
  Way next_way(std::size_t from) const {
    std::size_t goal = from + 1;
    while (std::count(tier_of_.begin(), tier_of_.end(), goal) == 0) {
      ++goal;
    }
    std::vector<std::vector<std::size_t>> lists;
    add_lists(from, goal, {}, lists);
    const auto first =
        std::min_element(lists.begin(), lists.end(), [&](const auto& a, const auto& b) {
          return a.size() != b.size()
                     ? a.size() < b.size()
                     : std::lexicographical_compare(
                           a.begin(), a.end(), b.begin(), b.end(),
                           [&](std::size_t x, std::size_t y) { return end_of(x) > end_of(y); });
        });
    Way way{.from = from, .to = from};
    for (const std::size_t hop : *first) {
      const bool takes = problem_.forwards.empty() || !problem_.forwards[way.to];
      if (!way.hops.empty() && takes) {
        break;
      }
      way.hops.push_back(hop);
      way.to = end_of(hop);
    }
    way.all = what_they_amount_to(way.hops);
    return way;
  }

  Hop what_they_amount_to(const std::vector<std::size_t>& hops) const {
    Hop all = problem_.hop(hops[0]);
    double up = 1e300, down = 1e300, latency = 0, price = 0, per_message = 0;
    for (const std::size_t number : hops) {
      const Hop& hop = problem_.hop(number);
      up = std::min(up, hop.up.si() * hop.payload);
      down = std::min(down, hop.down.si() * hop.payload);
      latency += hop.latency.si();
      price += hop.price;
      per_message = std::max(per_message, hop.per_message.si());
      if (hop.tcp && all.tcp) {
        all.tcp = Tcp{.initial_window = std::min(all.tcp->initial_window, hop.tcp->initial_window),
                      .idle_restart = all.tcp->idle_restart || hop.tcp->idle_restart,
                      .handshake = all.tcp->handshake || hop.tcp->handshake};
      } else if (hop.tcp) {
        all.tcp = hop.tcp;
      }
    }
    all.up = BytesPerSecond(up);
    all.down = BytesPerSecond(down);
    all.payload = 1;
    all.latency = Seconds(latency);
    all.price = price;
    all.per_message = Seconds(per_message);
    return all;
  }

  /// The radio that the first message uses, and its power on the air beyond the idle device.
  RadioOverhead radio() const {
    const std::size_t first = ways_.front().hops[0];
    return first == 0 ? problem_.radio : problem_.direct[first - problem_.hops.size()].radio;
  }
  double watts(bool upwards) const {
    const Way& way = ways_.front();
    const std::size_t first = way.hops[0];
    const Hop& own = problem_.hop(first);
    const double idle = problem_.power.idle.si();
    double base = problem_.power.base.si();
    double power = (upwards ? problem_.power.send : problem_.power.receive).si();
    if (first > 0) {
      const DirectHop& direct = problem_.direct[first - problem_.hops.size()];
      base = direct.base.si();
      power = (upwards ? direct.send : direct.receive).si();
    }
    if (way.hops.size() == 1) {
      return power;
    }
    const double own_rate = (upwards ? own.up : own.down).si() * own.payload;
    const double joules_per_byte = (power - idle - base) / own_rate;
    return idle + base + joules_per_byte * (upwards ? way.all.up : way.all.down).si();
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

  void message(const Way& way, double bytes, bool upwards) {
    const double before = cost_.seconds;
    const Hop& link = way.all;
    const double rate = (upwards ? link.up : link.down).si();
    const bool is_cold = link.tcp && (link.tcp->handshake || link.tcp->idle_restart);
    cost_.seconds += link.latency.si() + link.per_message.si() +
                     (is_cold ? seconds_of_segments(link, bytes, rate, upwards) : bytes / rate);
    cost_.longest = std::max(cost_.longest, bytes / rate);
    const bool is_first = way.from == 0;
    if (is_first) {
      cost_.joules += watts(upwards) * bytes / rate;
      on_air_ += bytes / rate;
    }
    const double promotion = is_first && upwards ? radio().promotion.si() : 0;
    std::size_t slowest = way.hops[0];
    for (const std::size_t hop : way.hops) {
      cost_.money += bytes * problem_.hop(hop).price;
      if (problem_.hop(hop).rate(upwards) < problem_.hop(slowest).rate(upwards)) {
        slowest = hop;
      }
      const double seconds =
          way.hops.size() > 1 ? problem_.hop(hop).latency.si() : cost_.seconds - before + promotion;
      (upwards ? cost_.up : cost_.down)[hop] = {bytes, seconds, true};
    }
    if (way.hops.size() > 1) {
      (upwards ? cost_.up : cost_.down)[slowest].seconds +=
          cost_.seconds - before + promotion - link.latency.si();
    }
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
    ways_.push_back(next_way(tier));
    if (tier == 0) {
      cost_.seconds += radio().promotion.si();
    }
    message(ways_.back(), bytes, true);
    in_hand_ = std::move(sent);
  }

  /// Sends back, in one message from stop to stop, the tensors that were made beyond it and that
  /// the device needs.
  void come_back() {
    for (auto way = ways_.rbegin(); way != ways_.rend(); ++way) {
      double bytes = 0;
      bool any = false;
      for (const CrossingTensor& tensor : problem_.tensors) {
        const bool is_needed =
            tensor.is_output || std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                                            [&](LayerId reader) { return tail_.contains(reader); });
        if (is_needed && tensor.producer && is_beyond(*tensor.producer, way->from)) {
          bytes += tensor.bytes.si();
          any = true;
        }
      }
      if (any) {
        message(*way, bytes, false);
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
    if (!ways_.empty()) {
      const RadioOverhead used = radio();
      const double promotion = used.promotion.si();
      cost_.joules += promotion * used.promoting.si() + used.tail.si();
      cost_.joules += (cost_.seconds - cost_.busy[0] - on_air_ - promotion) * used.waiting.si();
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
  std::vector<Way> ways_;                                            // Of the messages so far.
  double on_air_ = 0;
  NaiveCost cost_;
};

}  // namespace

double naive_schedule(const Problem& problem, std::size_t tier, const std::set<LayerId>& layers) {
  const std::size_t engines = problem.parallel.empty() ? 1 : problem.parallel[tier];
  std::map<LayerId, std::set<LayerId>> readers;
  for (const CrossingTensor& tensor : problem.tensors) {
    for (const LayerId reader : tensor.consumers) {
      if (tensor.producer && layers.contains(*tensor.producer) && layers.contains(reader)) {
        readers[*tensor.producer].insert(reader);
      }
    }
  }
  std::map<LayerId, double> way;  // The longest one from the layer to the end.
  double sum = 0;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    for (const LayerId reader : readers[*layer]) {
      way[*layer] = std::max(way[*layer], way[reader]);
    }
    way[*layer] += problem.seconds[tier][*layer].si();
    sum += problem.seconds[tier][*layer].si();
  }
  if (engines == 1) {
    return sum;
  }
  std::set<LayerId> waiting = layers;
  std::map<LayerId, double> runs;  // Until when.
  double now = 0;
  while (!waiting.empty() || !runs.empty()) {
    std::optional<LayerId> next;
    for (const LayerId layer : waiting) {
      const auto holds_up = [&](LayerId maker) {
        return readers[maker].contains(layer) && (waiting.contains(maker) || runs.contains(maker));
      };
      const bool is_ready = std::none_of(layers.begin(), layers.end(), holds_up);
      const bool needs_none = problem.seconds[tier][layer].si() == 0;
      if (is_ready && needs_none) {
        next = layer;
        break;
      }
      if (is_ready && runs.size() < engines && (!next || way[layer] > way[*next])) {
        next = layer;
      }
    }
    if (next) {
      waiting.erase(*next);
      if (const double time = problem.seconds[tier][*next].si(); time > 0) {
        runs[*next] = now + time;
      }
      continue;
    }
    now = std::min_element(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
          })->second;
    std::erase_if(runs, [&](const auto& run) { return run.second == now; });
  }
  return now;
}

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
