// Draws random planning problems, objectives, limits and assignments, and prints them.

#include "random_problem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "partition/evaluation.h"

namespace offcut::partition {
namespace {

bool chance(RandomStream& random, double p) {
  return boost::random::uniform_01<double>()(random) < p;
}

double whole(RandomStream& random, int least, int most) {
  return boost::random::uniform_int_distribution<int>(least, most)(random);
}

/// Pins some of the first layers and makes some of the last ones the tail, which is consistent
/// because ids are in the order of the data.
void add_pins(RandomStream& random, Problem& problem) {
  const std::size_t layers = problem.layer_count();
  const auto some = [&] { return static_cast<std::size_t>(whole(random, 1, 3)); };
  const std::size_t first = chance(random, 0.4) ? std::min(some(), layers) : 0;
  const std::size_t last = chance(random, 0.4) ? std::min(some(), layers - first) : 0;
  for (LayerId layer = 0; layer < layers; ++layer) {
    if (layer < first) {
      problem.goal.limits.pinned.push_back(layer);
    } else if (layer >= layers - last) {
      problem.tail.push_back(layer);
    }
  }
}

void add_memory_limits(RandomStream& random, Problem& problem) {
  double all = 0;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    problem.memory.push_back({Bytes(whole(random, 0, 9)), Bytes(whole(random, 0, 9))});
    all += problem.memory.back().parameters.si();
  }
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    problem.goal.limits.memory.push_back(
        chance(random, 0.3) ? std::nullopt
                            : std::optional(Bytes(all * whole(random, 2, 10) / 10 + 5)));
  }
}

/// Draws the parts of one problem.
class Maker {
 public:
  Maker(RandomStream& random, const ProblemKind& kind)
      : random_(random), kind_(kind), whole_(chance(0.5)) {}

  Problem make() {
    const std::size_t tiers = between(kind_.least_tiers, kind_.most_tiers);
    const std::size_t layers = between(kind_.least_layers, kind_.most_layers);
    add_inputs();
    for (LayerId layer = 0; layer < layers; ++layer) {
      problem_.layers.push_back(fmt::format("layer{}", layer));
      read_some(layer);
      make_tensors(layer);
    }
    settle_outputs();
    const std::vector<std::string> names = {"device", "edge", "cloud", "moon"};
    for (std::size_t tier = 0; tier < tiers; ++tier) {
      problem_.tiers.push_back(names.at(tier));
      problem_.seconds.emplace_back();
      for (LayerId layer = 0; layer < layers; ++layer) {
        problem_.seconds.back().push_back(Seconds(amount(1e-4, 10)));
      }
    }
    for (std::size_t hop = 0; hop + 1 < tiers; ++hop) {
      problem_.hops.push_back({.up = BytesPerSecond(rate()),
                               .down = BytesPerSecond(rate()),
                               .latency = Seconds(amount(1e-3, 1))});
    }
    return std::move(problem_);
  }

 private:
  std::size_t between(std::size_t least, std::size_t most) {
    return boost::random::uniform_int_distribution<std::size_t>(least, most)(random_);
  }
  double uniform() { return boost::random::uniform_01<double>()(random_); }
  bool chance(double p) { return uniform() < p; }

  /// Returns a time or a similar amount: 0 in one of six cases.
  double amount(double least, double most) {
    if (chance(1.0 / 6)) {
      return 0;
    }
    return whole_ ? static_cast<double>(between(1, 6)) : least * std::pow(most / least, uniform());
  }
  double rate() {
    return whole_ ? static_cast<double>(std::size_t{1} << between(0, 3))
                  : 10 * std::pow(1e4, uniform());
  }
  double bytes() { return whole_ ? amount(1, 6) : std::floor(amount(1, 1e5)); }

  void add_tensor(std::string name, std::optional<LayerId> producer) {
    problem_.tensors.push_back(
        {.name = std::move(name), .producer = producer, .bytes = Bytes(bytes())});
  }

  void add_inputs() {
    const std::size_t inputs = kind_.plain || kind_.chain || chance(0.6) ? 1 : between(2, 3);
    for (std::size_t i = 0; i < inputs; ++i) {
      add_tensor(fmt::format("in{}", i), std::nullopt);
    }
  }

  void read(LayerId layer, std::size_t tensor) {
    auto& readers = problem_.tensors[tensor].consumers;
    if (readers.empty() || readers.back() != layer) {
      readers.push_back(layer);
    }
  }

  /// Lets the layer read mostly the last tensors, sometimes earlier ones.
  void read_some(LayerId layer) {
    const std::size_t there = problem_.tensors.size();
    if (kind_.chain || chance(0.4)) {
      read(layer, there - 1);
      return;
    }
    if (!kind_.plain && chance(0.07)) {
      return;  // The layer reads only constants.
    }
    for (std::size_t reads = between(1, 3); reads > 0; --reads) {
      const std::size_t window = chance(0.7) ? std::min<std::size_t>(3, there) : there;
      read(layer, there - between(1, window));
    }
  }

  void make_tensors(LayerId layer) {
    const std::size_t count = kind_.plain || kind_.chain || chance(0.8) ? 1 : between(2, 3);
    for (std::size_t i = 0; i < count; ++i) {
      add_tensor(fmt::format("t{}{}", layer, count == 1 ? "" : fmt::format(".{}", i)), layer);
    }
  }

  void settle_outputs() {
    for (CrossingTensor& tensor : problem_.tensors) {
      if (!tensor.consumers.empty()) {
        tensor.is_output = !kind_.plain && !kind_.chain && chance(0.1);
      } else if (kind_.plain && tensor.producer != problem_.layers.size() - 1) {
        tensor.consumers.push_back(problem_.layers.size() - 1);
      } else {
        tensor.is_output = kind_.plain || kind_.chain || (tensor.producer && chance(0.9));
      }
    }
  }

  RandomStream& random_;
  const ProblemKind& kind_;
  bool whole_;
  Problem problem_;
};

}  // namespace

Problem random_problem(RandomStream& random, const ProblemKind& kind) {
  Problem problem = Maker(random, kind).make();
  problem.check();
  return problem;
}

Problem random_problem(std::uint64_t seed, std::uint64_t i, const ProblemKind& kind) {
  RandomStream random = random_stream(seed, "random problem", i);
  return random_problem(random, kind);
}

void add_objective(RandomStream& random, Problem& problem) {
  problem.power = {Watts(whole(random, 0, 8)), Watts(whole(random, 0, 8)),
                   Watts(whole(random, 0, 8)), Watts(whole(random, 0, 2))};
  if (chance(random, 0.5)) {
    problem.radio = {.promotion = Seconds(whole(random, 0, 3)),
                     .promoting = Watts(whole(random, 0, 4)),
                     .waiting = Watts(whole(random, 0, 2)),
                     .tail = Joules(whole(random, 0, 8))};
  }
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    problem.price.push_back(whole(random, 0, 4));
  }
  for (Hop& hop : problem.hops) {
    hop.price = chance(random, 0.5) ? whole(random, 0, 4) / 16 : 0;
  }
  constexpr Objective kAlone[] = {{.latency = 1}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}};
  const auto kind = static_cast<std::size_t>(whole(random, 0, 5));
  const auto weight = [&] { return whole(random, 0, 3); };
  problem.goal.objective = kind < 4    ? kAlone[kind]
                           : kind == 4 ? Objective{weight(), weight(), weight(), 0}
                                       : Objective{weight(), weight(), weight(), weight()};
  problem.check();
}

void add_limits(RandomStream& random, Problem& problem) {
  add_pins(random, problem);
  if (chance(random, 0.5)) {
    add_memory_limits(random, problem);
  }
  if (chance(random, 0.5)) {
    const Assignment tier_of = random_assignment(random, problem);
    problem.goal.limits.deadline =
        evaluate(problem, tier_of).latency() * (whole(random, 8, 12) / 10);
  }
  problem.check();
}

void add_transport(RandomStream& random, Problem& problem) {
  const auto amount = [&] { return Seconds(0.25 * whole(random, 0, 4)); };
  for (Hop& hop : problem.hops) {
    hop.payload = chance(random, 0.5) ? 1 : 0.25 * whole(random, 1, 3);
    hop.per_message = amount();
    if (chance(random, 0.8)) {
      hop.tcp =
          Tcp{.initial_window = double(whole(random, 1, 3)), .handshake = chance(random, 0.3)};
      // Half a window to eight windows per round trip.
      hop.latency = hop.tcp->first_window() * std::pow(2, whole(random, -2, 2)) /
                    hop.rate(chance(random, 0.5));
    }
  }
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.bytes = kSegment * whole(random, 0, 12) + Bytes(whole(random, 0, 2));
  }
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    problem.per_request.push_back(amount());
  }
}

void add_codings(RandomStream& random, Problem& problem) {
  const auto times = [&] {
    std::vector<Seconds> all;
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      all.emplace_back(whole(random, 0, 4) / 8);
    }
    return all;
  };
  for (CrossingTensor& tensor : problem.tensors) {
    if (chance(random, 0.7)) {
      const Bytes bytes = tensor.bytes * (whole(random, 0, 5) / 4);
      tensor.coding = Coding{bytes, times(), times(), "coded"};
    }
  }
  problem.check();
}

void add_everything(RandomStream& random, Problem& problem) {
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.is_output = tensor.is_output || (tensor.producer && chance(random, 1.0 / 3));
  }
  const double slower = whole(random, 1, 4);
  for (Seconds& on_device : problem.seconds.front()) {
    on_device = on_device * slower;
  }
  if (chance(random, 0.6)) {
    for (Hop& hop : problem.hops) {  // Messages of several segments take seconds, not hours.
      hop.up = hop.up * kSegment.si();
      hop.down = hop.down * kSegment.si();
    }
    add_transport(random, problem);
    if (chance(random, 0.3)) {  // Each message waits for its connection, and never stalls.
      for (Hop& hop : problem.hops) {
        hop.tcp = Tcp{.initial_window = 1e9, .handshake = true};
      }
    }
  }
  if (chance(random, 0.6)) {
    add_codings(random, problem);
  }
  if (chance(random, 0.8)) {
    add_objective(random, problem);
  }
  if (chance(random, 0.6)) {
    add_limits(random, problem);
  }
  problem.check();
}

void add_routes(RandomStream& random, Problem& problem) {
  const double packets = chance(random, 0.5) ? 1 : 0.5;
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    problem.forwards.push_back(chance(random, packets));
  }
  problem.power.base = Watts(whole(random, 0, 3));
  problem.power.send += problem.power.base + problem.power.idle;
  problem.power.receive += problem.power.base + problem.power.idle;
  for (std::size_t from = 0; from + 2 < problem.tier_count(); ++from) {
    for (std::size_t to = from + 2; to < problem.tier_count(); ++to) {
      if (!chance(random, 0.4)) {
        continue;
      }
      // As fast as one of the hops that it leaves out, up to four times as slow or as fast.
      DirectHop direct{.from = from, .to = to};
      direct.hop = problem.hops[from + static_cast<std::size_t>(whole(random, 0, 1))];
      const double factor = std::pow(2, whole(random, -2, 2));
      direct.hop.up = direct.hop.up * factor;
      direct.hop.down = direct.hop.down * (chance(random, 0.8) ? factor : 1 / factor);
      direct.hop.latency = direct.hop.latency * (whole(random, 0, 4) / 2);
      if (from == 0) {
        const Watts idle = problem.power.idle;
        direct.base = Watts(whole(random, 0, 3));
        direct.send = idle + direct.base + Watts(whole(random, 0, 4));
        direct.receive = idle + direct.base + Watts(whole(random, 0, 4));
        direct.radio = {.promotion = Seconds(whole(random, 0, 2)),
                        .promoting = Watts(whole(random, 0, 4)),
                        .waiting = Watts(whole(random, 0, 2)),
                        .tail = Joules(whole(random, 0, 8))};
      }
      problem.direct.push_back(std::move(direct));
    }
  }
  problem.check();
}

void add_engines(RandomStream& random, Problem& problem) {
  const auto some = [&](int least) { return static_cast<std::size_t>(whole(random, least, 3)); };
  problem.parallel.clear();
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    problem.parallel.push_back(some(1));
  }
  problem.parallel[some(1) % problem.tier_count()] = some(2);
  problem.check();
}

Assignment random_assignment(RandomStream& random, const Problem& problem) {
  Assignment tier_of(problem.layer_count(), 0);
  const auto& tail = problem.tail;
  for (LayerId layer = 0; layer < tier_of.size(); ++layer) {
    if (std::binary_search(tail.begin(), tail.end(), layer)) {
      continue;
    }
    std::size_t nearest = 0;
    for (const CrossingTensor& tensor : problem.tensors) {
      if (tensor.producer &&
          std::count(tensor.consumers.begin(), tensor.consumers.end(), layer) > 0) {
        nearest = std::max(nearest, tier_of[*tensor.producer]);
      }
    }
    using Tiers = boost::random::uniform_int_distribution<std::size_t>;
    // Mostly the same tier as before; otherwise nearly all layers would be on the last one.
    tier_of[layer] =
        Tiers(0, 2)(random) > 0 ? nearest : Tiers(nearest, problem.tier_count() - 1)(random);
  }
  return tier_of;
}

namespace {

std::string limits_text(const Problem& problem) {
  const Objective& objective = problem.goal.objective;
  const DevicePower& power = problem.power;
  const Limits& limits = problem.goal.limits;
  std::string text = fmt::format(
      "  // objective: latency {}, energy {}, money {}, bottleneck {}; power {}, {}, {}, {} W; "
      "price {}\n  // pinned {}, tail {}, deadline {}\n",
      objective.latency, objective.energy, objective.money, objective.bottleneck, power.busy.si(),
      power.send.si(), power.receive.si(), power.idle.si(), problem.price, limits.pinned,
      problem.tail, limits.deadline ? fmt::format("{} s", limits.deadline->si()) : "none");
  const RadioOverhead& radio = problem.radio;
  text +=
      fmt::format("  // radio: promotion {} s, {} W, waiting {} W, tail {} J\n",
                  radio.promotion.si(), radio.promoting.si(), radio.waiting.si(), radio.tail.si());
  for (std::size_t tier = 0; tier < limits.memory.size(); ++tier) {
    if (limits.memory[tier]) {
      text +=
          fmt::format("  // memory of {}: {}\n", problem.tiers[tier], limits.memory[tier]->si());
    }
  }
  for (LayerId layer = 0; layer < problem.memory.size(); ++layer) {
    text += fmt::format("  // {}: {} B, working memory {} B\n", problem.layers[layer],
                        problem.memory[layer].parameters.si(), problem.memory[layer].working.si());
  }
  return text;
}

}  // namespace

std::string to_dot(const Problem& problem) {
  std::string dot = "digraph problem {\n";
  for (std::size_t i = 0; i < problem.hops.size(); ++i) {
    const Hop& hop = problem.hops[i];
    dot += fmt::format("  // {} to {}: up {} B/s, down {} B/s, latency {} s, price {}\n",
                       problem.tiers[i], problem.tiers[i + 1], hop.up.si(), hop.down.si(),
                       hop.latency.si(), hop.price);
  }
  for (std::size_t i = 0; i < problem.direct.size(); ++i) {
    const DirectHop& direct = problem.direct[i];
    dot += fmt::format("  // direct, {} to {}: up {} B/s, down {} B/s, latency {} s, price {}\n",
                       problem.tiers[direct.from], problem.tiers[direct.to], direct.hop.up.si(),
                       direct.hop.down.si(), direct.hop.latency.si(), direct.hop.price);
  }
  dot +=
      fmt::format("  // forwards packets: {}, engines: {}\n", problem.forwards, problem.parallel);
  dot += limits_text(problem);
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    std::vector<double> seconds;
    for (const auto& row : problem.seconds) {
      seconds.push_back(row[layer].si());
    }
    dot += fmt::format("  {} [label=\"{} s\"]\n", problem.layers[layer], fmt::join(seconds, " | "));
  }
  for (const CrossingTensor& tensor : problem.tensors) {
    const std::string from = tensor.producer ? problem.layers[*tensor.producer] : tensor.name;
    std::vector<std::string> to;
    for (const LayerId reader : tensor.consumers) {
      to.push_back(problem.layers[reader]);
    }
    if (tensor.is_output) {
      to.emplace_back("answer");
    }
    dot += fmt::format("  {} -> {{{}}} [label=\"{}: {} B\"]\n", from, fmt::join(to, " "),
                       tensor.name, tensor.bytes.si());
  }
  return dot + "}\n";
}

std::string to_text(const Assignment& tier_of) { return fmt::format("{}", tier_of); }

}  // namespace offcut::partition
