#include "partition/solvers/exit_network.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "../between.h"
#include "../outcome_of.h"
#include "../random_problem.h"
#include "partition/solvers/exit_ways.h"

namespace offcut::partition::exit_network_test {
namespace {

/// A trunk, which is a chain of layers, and after some of them an exit of up to two layers. Layer
/// ids are in a random topological order.
struct Branchy {
  Problem problem{{.tiers = {"device", "server"}, .seconds = {{}, {}}, .hops = {}}};
  std::vector<LayerId> trunk;
  std::vector<std::size_t> exits;              // Tensors, in the order of the trunk.
  std::vector<std::vector<LayerId>> branches;  // Per exit.
  std::vector<std::size_t> after;              // Per exit: its place in the trunk.

  LayerId add_layer(const Between& between, std::optional<std::size_t> reads) {
    const LayerId layer = problem.layers.size();
    problem.layers.push_back(fmt::format("l{}", layer));
    problem.seconds[0].emplace_back(between(0, 9));
    problem.seconds[1].emplace_back(between(0, 3));
    if (reads) {
      problem.tensors[*reads].consumers.push_back(layer);
    }
    problem.tensors.push_back({.name = fmt::format("t{}", layer),
                               .producer = layer,
                               .consumers = {},
                               .bytes = Bytes(between(0, 9))});
    return layer;
  }
  std::size_t made_last() const { return problem.tensors.size() - 1; }
};

Branchy random_branchy(std::uint64_t i) {
  RandomStream random = random_stream(547, "branchy", i);
  const Between between{random};
  Branchy net;
  net.problem.hops = {
      {BytesPerSecond(between(1, 4)), BytesPerSecond(between(1, 4)), Seconds(between(0, 2))}};
  net.problem.per_request = {Seconds(between(0, 2)), Seconds(between(0, 2))};
  net.problem.radio.promotion = Seconds(between(0, 2));
  net.problem.tensors.push_back({.name = "in", .producer = {}, .consumers = {}, .bytes = Bytes(5)});
  std::size_t reads = 0;
  const int length = between(3, 6);
  for (int place = 0; place < length; ++place) {
    net.trunk.push_back(net.add_layer(between, reads));
    reads = net.made_last();
    if (place + 3 < length && between(0, 1) == 0) {  // The branch is shorter than the rest.
      std::size_t last = reads;
      net.branches.emplace_back();
      for (int more = between(1, 2); more > 0; --more) {
        net.branches.back().push_back(net.add_layer(between, last));
        last = net.made_last();
      }
      net.problem.tensors[last].is_output = true;
      net.exits.push_back(last);
      net.after.push_back(static_cast<std::size_t>(place));
    }
  }
  net.problem.tensors[reads].is_output = true;
  for (const std::size_t exit : net.exits) {
    net.problem.extras.exits.push_back({.output = net.problem.tensors[exit].name,
                                        .leaves = between(0, 4) / 4.0,
                                        .accuracy = between(0, 8) / 8.0});
  }
  net.problem.extras.exits.push_back({.output = net.problem.tensors[reads].name, .accuracy = 0.75});
  return net;
}

/// Returns the time of one request that leaves at the given exit, or at the end, layer by layer.
double seconds_of_way(const Branchy& net, std::size_t cut, std::size_t last_exit) {
  const Problem& p = net.problem;
  double seconds = p.per_request[0].si();
  bool is_over = false;
  for (std::size_t place = 0; place < net.trunk.size() && !is_over; ++place) {
    const std::size_t tier = place < cut ? 0 : 1;
    if (place == cut) {
      const std::size_t tensor = static_cast<std::size_t>(
          std::find_if(p.tensors.begin(), p.tensors.end(),
                       [&](const CrossingTensor& t) {
                         return std::find(t.consumers.begin(), t.consumers.end(),
                                          net.trunk[place]) != t.consumers.end();
                       }) -
          p.tensors.begin());
      seconds += p.hops[0].latency.si() + p.tensors[tensor].bytes.si() / p.hops[0].up.si();
      seconds += p.radio.promotion.si() + p.per_request[1].si();
    }
    seconds += p.seconds[tier][net.trunk[place]].si();
    for (std::size_t exit = 0; exit < net.exits.size() && !is_over; ++exit) {
      if (net.after[exit] == place) {
        for (const LayerId layer : net.branches[exit]) {
          seconds += p.seconds[tier][layer].si();
        }
        is_over = exit == last_exit;
      }
    }
    if (tier == 1 && (is_over || place + 1 == net.trunk.size())) {
      const std::size_t answer = is_over ? net.exits[last_exit] : p.tensors.size();
      const double bytes =
          is_over ? p.tensors[answer].bytes.si()
                  : std::find_if(p.tensors.begin(), p.tensors.end(), [&](const CrossingTensor& t) {
                      return t.producer == net.trunk.back();
                    })->bytes.si();
      seconds += p.hops[0].latency.si() + bytes / p.hops[0].down.si();
    }
  }
  return seconds;
}

double figure(const Plan& plan, const std::string& title) {
  for (const PlanFigure& figure : plan.figures) {
    if (figure.title() == title) {
      return std::get<double>(figure.value);
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// Checks the share of requests that reach the plan's cut, and the bytes that they send there.
void check_crossing(const Branchy& net, const Plan& plan) {
  const auto is_far = [&](LayerId layer) { return plan.tier_of[layer] == 1; };
  const auto first_far = std::find_if(net.trunk.begin(), net.trunk.end(), is_far);
  double there = first_far == net.trunk.end() ? 0 : 1;
  for (std::size_t exit = 0; exit < net.exits.size(); ++exit) {
    if (net.after[exit] < static_cast<std::size_t>(first_far - net.trunk.begin())) {
      there *= 1 - *net.problem.extras.exits[exit].leaves;
    }
  }
  double bytes = 0;
  for (const CrossingTensor& tensor : net.problem.tensors) {
    const auto& readers = tensor.consumers;
    if (first_far != net.trunk.end() &&
        std::count(readers.begin(), readers.end(), *first_far) > 0) {
      bytes += tensor.bytes.si();
    }
  }
  CHECK(figure(plan, "part_that_crosses") == doctest::Approx(there).epsilon(1e-12));
  CHECK(figure(plan, "expected_upload_bytes") == doctest::Approx(there * bytes).epsilon(1e-12));
}

std::string refusal(const Problem& problem) {
  return std::get<Declined>(exit_network(problem)).reason;
}

}  // namespace

TEST_CASE("edgent: with exit probabilities, the cut of least mean latency over all paths") {
  std::size_t exits = 0;
  std::size_t cuts_between = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Branchy net = random_branchy(i);
    net.problem.check();
    INFO("seed 547, network " << i << "\n" << to_dot(net.problem));
    double least = std::numeric_limits<double>::infinity();
    double accuracy = 0;
    for (std::size_t cut = 0; cut <= net.trunk.size(); ++cut) {
      double seconds = 0;
      double there = 1;
      accuracy = 0;
      for (std::size_t exit = 0; exit <= net.exits.size(); ++exit) {
        const ExitStatistics& statistics = net.problem.extras.exits[exit];
        const double part = there * statistics.leaves.value_or(1);
        seconds += part * seconds_of_way(net, cut, exit);
        accuracy += part * *statistics.accuracy;
        there -= part;
      }
      least = std::min(least, seconds);
    }
    const Plan plan = plan_of("edgent", net.problem);
    CHECK(figure(plan, "expected_latency_s") == doctest::Approx(least).epsilon(1e-12));
    CHECK(figure(plan, "expected_accuracy") == doctest::Approx(accuracy).epsilon(1e-12));
    check_crossing(net, plan);
    for (std::size_t exit = 0; exit < net.exits.size(); ++exit) {
      const std::size_t tier = plan.tier_of[net.trunk[net.after[exit]]];
      for (const LayerId layer : net.branches[exit]) {
        CHECK(plan.tier_of[layer] == tier);
      }
      const std::string name = "exit " + net.problem.tensors[net.exits[exit]].name;
      const auto shown = std::find_if(plan.figures.begin(), plan.figures.end(),
                                      [&](const PlanFigure& f) { return f.name == name; });
      REQUIRE(shown != plan.figures.end());
      CHECK(shown->text().starts_with(net.problem.tiers[tier]));
    }
    exits += net.exits.size();
    cuts_between += plan.tier_of[net.trunk.front()] < plan.tier_of[net.trunk.back()] ? 1U : 0U;
  }
  CHECK(exits > 300);
  CHECK(cuts_between > 50);
}

TEST_CASE("exit ways: two solvers agree on each way under each cut") {
  std::size_t ways = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const Branchy net = random_branchy(i);
    if (net.exits.empty()) {
      continue;
    }
    INFO("seed 547, network " << i << "\n" << to_dot(net.problem));
    const auto network = std::get<ExitNetwork>(exit_network(net.problem));
    const std::vector<double> shares = shares_of_ways(network.chain);
    for (std::size_t cut = 0; cut <= net.trunk.size(); ++cut) {
      const Assignment tier_of = network.cut_after(cut);
      const auto deployment = std::get<Deployment>(leaving_at_exits(net.problem, tier_of));
      REQUIRE(deployment.variants.size() == network.ways());
      for (std::size_t way = 0; way < network.ways(); ++way) {
        const Cost expected = cost_of_way(network.chain, cut, way);
        const Variant& variant = deployment.variants[way];
        CHECK(variant.name == (way < network.exits.size() ? network.exits[way] : kLastWay));
        CHECK(deployment.odds[way] == doctest::Approx(shares[way]).epsilon(1e-12));
        for (std::size_t tier = 0; tier < 2; ++tier) {
          CHECK(variant.cost.compute[tier].si() ==
                doctest::Approx(expected.compute[tier].si()).epsilon(1e-12));
        }
        CHECK(variant.cost.up_bytes == expected.up_bytes);
        CHECK(variant.cost.down_bytes == expected.down_bytes);
        CHECK(variant.cost.goes_up == expected.goes_up);
        CHECK(variant.cost.latency().si() ==
              doctest::Approx(seconds_of_way(net, cut, way)).epsilon(1e-12));
        ++ways;
      }
      CHECK(deployment.latency().si() ==
            doctest::Approx(expected_cost(network.chain, cut).latency.si()).epsilon(1e-12));
    }
  }
  CHECK(ways > 3000);
}

TEST_CASE("exit ways: the reasons why requests can't leave") {
  std::uint64_t i = 0;
  while (random_branchy(i).exits.empty()) {
    ++i;
  }
  const Branchy net = random_branchy(i);
  const auto reason = [](const Problem& problem, const Assignment& tier_of) {
    return std::get<Declined>(leaving_at_exits(problem, tier_of)).reason;
  };
  const Assignment here(net.problem.layer_count(), 0);
  Problem unknown = net.problem;
  unknown.extras.exits.clear();
  CHECK(reason(unknown, here) == "the share of requests that leave at '" +
                                     net.problem.tensors[net.exits[0]].name + "' is unknown");
  Problem single = net.problem;
  for (const std::size_t exit : net.exits) {
    single.tensors[exit].is_output = false;
  }
  CHECK(reason(single, here) == "the network has no early exit: it has one output");
  Assignment late = here;  // The exit's branch is on the server, and the end on the device.
  late[net.branches[0].back()] = 1;
  CHECK(reason(net.problem, late).find("is on a later tier than") != std::string::npos);
}

TEST_CASE("exit network: of two outputs of the same depth, the trunk leads to the first") {
  RandomStream random = random_stream(547, "ends");
  const Between between{random};
  Branchy net;
  net.problem.hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}};
  net.problem.tensors.push_back({.name = "in", .producer = {}, .consumers = {}, .bytes = Bytes(5)});
  net.add_layer(between, 0);
  const std::size_t shared = net.made_last();
  for (const std::optional<double> leaves : {std::optional<double>(), std::optional(0.5)}) {
    net.add_layer(between, shared);
    CrossingTensor& end = net.problem.tensors.back();
    end.is_output = true;
    net.problem.extras.exits.push_back({.output = end.name, .leaves = leaves, .accuracy = {}});
  }
  const auto network = std::get<ExitNetwork>(exit_network(net.problem));
  CHECK(network.trunk == std::vector<LayerId>{0, 1});
  CHECK(network.exits == std::vector<std::string>{"t2"});
}

TEST_CASE("exit network: the reasons why a problem is none") {
  std::uint64_t i = 0;
  while (random_branchy(i).exits.empty()) {
    ++i;
  }
  const Branchy net = random_branchy(i);
  const std::string exit = net.problem.tensors[net.exits[0]].name;
  const std::string last = net.problem.extras.exits.back().output;
  CHECK(std::holds_alternative<ExitNetwork>(exit_network(net.problem)));

  Problem unknown = net.problem;
  unknown.extras.exits.erase(unknown.extras.exits.begin());
  CHECK(refusal(unknown) == "the share of requests that leave at '" + exit + "' is unknown");

  Problem three = net.problem;
  three.tiers.emplace_back("cloud");
  three.seconds.push_back(three.seconds[1]);
  three.hops.push_back(three.hops[0]);
  CHECK(refusal(three) == "it needs a device and one other tier, not 3 tiers");

  Problem joined = net.problem;  // The exit's last layer also reads the input.
  joined.tensors[0].consumers.push_back(net.branches[0].back());
  CHECK(refusal(joined) ==
        "the branch to '" + exit + "' must read exactly one of the tensors up to '" + last + "'");

  Problem skipping = net.problem;  // The last layer of the trunk also reads the input.
  skipping.tensors[0].consumers.push_back(net.trunk.back());
  CHECK(refusal(skipping) == "the layers up to '" + last + "' are not a chain");

  const Outcome both = outcome_of("edgent", net.problem, {{"deadline", 1}});
  CHECK(std::get<Declined>(both).reason ==
        "it takes a deadline or exit probabilities, but not both");
}

}  // namespace offcut::partition::exit_network_test
