// Tests of spatial, tensor-parallel and pipeline, which run one network on several devices.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "../outcome_of.h"
#include "../random_problem.h"
#include "models/graph/graph.h"
#include "models/zoo/builder.h"
#include "models/zoo/network.h"
#include "partition/graph_problem.h"

namespace offcut::partition::spread_test {
namespace {

constexpr double kFast = 1e15;  // Bytes per second; sending takes almost no time.

std::string text(const Outcome& outcome, const std::string& title) {
  for (const PlanFigure& figure : std::get<Plan>(outcome).figures) {
    if (figure.title() == title) {
      return figure.text();
    }
  }
  return "none";
}

double number(const Outcome& outcome, const std::string& title) {
  return std::strtod(text(outcome, title).c_str(), nullptr);
}

/// Two 3x3 convolutions with 8 filters on an image, then a sum over all pixels.
struct Small {
  explicit Small(int rows = 8, int columns = 8) {
    ops::register_operators(operators);
    zoo::NetworkBuilder net(graph, operators, 1);
    TensorId x = net.image(1, rows, columns);
    x = net.conv("a", x, {.filters = 8, .kernel = 3, .pad = 1});
    x = net.conv("b", x, {.filters = 8, .kernel = 3, .pad = 1});
    graph.add_output(net.global_average_pool("mean", x));
  }

  /// Returns the problem on one tier, where the layers take 64, 64 and 1 s.
  Problem problem() const {
    Problem problem = problem_of(graph, {{"board", {Seconds(64), Seconds(64), Seconds(1)}}}, {});
    problem.extras.graph = &graph;
    return problem;
  }

  Registry<ops::Operator> operators;
  Graph graph{"small"};
};

/// The devices of a pipeline: a few of each tier's kind.
struct Kinds {
  std::vector<std::size_t> count;
  std::vector<double> memory;
  double bandwidth = 1;
};

/// Returns the least period of stages for the layers from `first` on, if the device before them is
/// the last one used; infinite if they do not fit. Counts down the devices that are left.
double least_period(const Problem& problem, Kinds& left, std::size_t first) {
  if (first == problem.layer_count()) {
    return 0;
  }
  const auto passed = [&](std::size_t cut) {  // Made before the cut, and read after it.
    double bytes = 0;
    for (const CrossingTensor& tensor : problem.tensors) {
      const bool is_made = !tensor.producer || *tensor.producer < cut;
      const auto is_later = [&](LayerId reader) { return reader >= cut; };
      bytes += is_made && std::any_of(tensor.consumers.begin(), tensor.consumers.end(), is_later)
                   ? tensor.bytes.si()
                   : 0;
    }
    return bytes;
  };
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t kind = 0; kind < left.count.size(); ++kind) {
    if (left.count[kind] == 0) {
      continue;
    }
    --left.count[kind];
    double seconds = 0;
    double held = passed(first);
    for (std::size_t last = first + 1; last <= problem.layer_count(); ++last) {
      seconds += problem.seconds[kind][last - 1].si();
      held += problem.extras.graph->layer(last - 1).work.parameter_bytes;
      if (held + passed(last) <= left.memory[kind]) {
        const bool is_end = last == problem.layer_count();
        const double send = is_end ? 0 : passed(last) / left.bandwidth;
        least = std::min(least, std::max({seconds, send, least_period(problem, left, last)}));
      }
    }
    ++left.count[kind];
  }
  return least;
}

/// Returns a graph of layers with these bytes of parameters and no tensors.
Graph weights_only(const std::vector<double>& bytes) {
  Graph graph("weights");
  for (const double parameters : bytes) {
    Layer layer{.name = fmt::format("l{}", graph.layer_count())};
    layer.work.parameter_bytes = parameters;
    graph.add_layer(layer, {{.name = layer.name, .type = {DataType::float32, {1}}}});
  }
  return graph;
}

}  // namespace

TEST_CASE("spatial: makespan, redundant work and memory of four tiles, by hand") {
  // A tile makes 16 of the 64 pixels in b and, with the halo, 25 in a: 25 + 16 = 41 s on each of
  // four boards, then 1 s for the mean. A tile of b reads 6x6 pixels of 1 channel and 5x5 of 8.
  const Small small;
  const Outcome plan = outcome_of("spatial", small.problem(), {{"bandwidth", kFast}});
  CHECK(text(plan, "tiled_until") == "b");
  CHECK(number(plan, "makespan_s") == doctest::Approx(41));
  CHECK(std::get<Plan>(plan).makespan == Seconds(number(plan, "makespan_s")));
  CHECK(number(plan, "latency_s") == doctest::Approx(42));
  CHECK(number(plan, "work_of_untiled") == doctest::Approx(1.28125));
  const double weights = 4 * (8 * 9 + 8 + 8 * 8 * 9 + 8);
  CHECK(number(plan, "memory_bytes") == 4 * (25 * 8 + 16 * 8) + weights);
  CHECK(text(plan, "tile 4") == "board 4");
  CHECK(std::get<Plan>(plan).cost.latency() == Seconds(129));  // This is the latency of one board.

  // Two boards run two tiles each. If only a is tiled, it takes 16 s on each of four boards, then b
  // and the mean follow.
  const Problem problem = small.problem();
  CHECK(number(outcome_of("spatial", problem, {{"bandwidth", kFast}, {"devices", 2}}),
               "makespan_s") == doctest::Approx(82));
  CHECK(number(outcome_of("spatial", problem, {{"bandwidth", kFast}, {"layers", 1}}),
               "latency_s") == doctest::Approx(16 + 64 + 1));
  // With slow links, the first board computes all tiles, and fuses at most one layer.
  CHECK(number(outcome_of("spatial", problem, {{"bandwidth", 1}}), "latency_s") ==
        doctest::Approx(129));
}

TEST_CASE("spatial: rows and columns of an image that is not square") {
  // A pixel takes 2 s. Each of 8 boards has a column of 4 pixels of b, and three columns of a.
  const Small wide(4, 8);
  const auto tiles = [&](const Small& image, double rows, double columns) {
    return outcome_of("spatial", image.problem(),
                      {{"bandwidth", kFast}, {"devices", 8}, {"rows", rows}, {"columns", columns}});
  };
  CHECK(number(tiles(wide, 1, 8), "makespan_s") == doctest::Approx(2 * (4 + 12)));
  CHECK(std::holds_alternative<Declined>(tiles(wide, 8, 1)));
  CHECK(std::holds_alternative<Declined>(tiles(wide, 1, 9)));
  const Small high(8, 4);
  CHECK(number(tiles(high, 8, 1), "makespan_s") == doctest::Approx(2 * (4 + 12)));
  CHECK(std::holds_alternative<Declined>(tiles(high, 1, 8)));
}

TEST_CASE("spatial: the problems that it declines") {
  const Small small;
  Problem problem = small.problem();
  CHECK(std::get<Declined>(outcome_of("spatial", problem, {{"memory", 100}})).reason ==
        "2 first layers can be tiled, but none has 2x2 tiles that fit on a device");
  CHECK(std::get<Declined>(outcome_of("spatial", problem, {{"rows", 9}})).reason ==
        "2 first layers can be tiled, but none has 9x2 tiles that fit on a device");
  problem.extras.graph = nullptr;
  for (const std::string name : {"spatial", "tensor-parallel"}) {
    CHECK(std::get<Declined>(outcome_of(name, problem, {})).reason ==
          "it needs the network, not only its costs");
  }
}

TEST_CASE("tensor-parallel: layers with weights take a share of their time, others all of it") {
  const Small small;
  const Outcome plan =
      outcome_of("tensor-parallel", small.problem(), {{"bandwidth", kFast}, {"latency", 0}});
  CHECK(number(plan, "latency_s") == doctest::Approx(16 + 16 + 1));
  CHECK(text(plan, "sliced_layers") == "2");
  CHECK(text(plan, "a") == "channels 2 2 2 2");
  CHECK(number(plan, "memory_bytes") == doctest::Approx((8 * 9 + 8 + 8 * 8 * 9 + 8) * 4 / 4));
  const Outcome slow = outcome_of("tensor-parallel", small.problem(), {{"bandwidth", 1}});
  CHECK(number(slow, "latency_s") == 129);
  CHECK(text(slow, "sliced_layers") == "0");
}

TEST_CASE("pipeline: stages on equal devices, and on different ones") {
  // Layers take 3 s on the device and 1 s on the server; the 2 B between them take 2 s.
  const Problem problem = {{.tiers = {"device", "server"},
                            .layers = {"a", "b"},
                            .seconds = {{Seconds(3), Seconds(3)}, {Seconds(1), Seconds(1)}},
                            .tensors = {{"in", {}, {0}, Bytes(6)},
                                        {"a", 0, {1}, Bytes(2)},
                                        {"b", 1, {}, Bytes(0), true}},
                            .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
  const Outcome equal = outcome_of("pipeline", problem, {{"devices", 2}, {"bandwidth", 1}});
  CHECK(std::get<Plan>(equal).figures ==
        std::vector<PlanFigure>{{"period", "s", 3.0},
                                {"latency", "s", 8.0},
                                {"stage 1", "", "device: a..a", {{8.0, "bytes"}}},
                                {"stage 2", "", "device: b..b", {{2.0, "bytes"}}}});
  const Outcome unlike =
      outcome_of("pipeline", problem, {{"devices", 1}, {"others", 2}, {"bandwidth", 2}});
  CHECK(number(unlike, "period_s") == 1);
  CHECK(text(unlike, "stage 2") == "server: b..b, 2 bytes");
  CHECK(std::get<Declined>(outcome_of("pipeline", problem, {{"memory", 5}})).reason ==
        "no stages fit into the devices' memory");
  Problem long_one = problem;
  for (LayerId id = 2; id < 20000; ++id) {
    long_one.layers.emplace_back("more");
    long_one.seconds[0].emplace_back(1);
    long_one.seconds[1].emplace_back(1);
  }
  CHECK(std::get<Declined>(outcome_of("pipeline", long_one, {{"devices", 32}})).reason ==
        "20000 layers on so many devices take 3e+10 steps, more than 3e+09");
}

TEST_CASE("pipeline: the shortest period of random networks, against all stages") {
  std::size_t fits = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(891, i, {.most_layers = 5, .most_tiers = 3});
    RandomStream random = random_stream(891, "devices", i);
    const auto draw = [&](std::size_t least, std::size_t most) {
      return static_cast<double>(least + random() % (most - least + 1));
    };
    std::vector<double> weights(problem.layer_count());
    for (double& bytes : weights) {
      bytes = draw(0, 9);
    }
    const Graph graph = weights_only(weights);
    problem.extras.graph = &graph;
    const double devices = draw(0, 3), others = draw(0, 2), bandwidth = draw(1, 9);
    const double memory = draw(5, 60), others_memory = draw(5, 60);
    Kinds kinds{.bandwidth = bandwidth};
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      kinds.count.push_back(static_cast<std::size_t>(tier == 0 ? devices : others));
      kinds.memory.push_back(tier == 0 ? memory : others_memory);
    }
    INFO("seed 891, problem " << i << "\n" << to_dot(problem));
    const double least = least_period(problem, kinds, 0);
    const Outcome found = outcome_of("pipeline", problem,
                                     {{"devices", devices},
                                      {"others", others},
                                      {"bandwidth", bandwidth},
                                      {"memory", memory},
                                      {"others_memory", others_memory}});
    REQUIRE(std::holds_alternative<Plan>(found) == std::isfinite(least));
    if (std::isfinite(least)) {
      CHECK(number(found, "period_s") == doctest::Approx(least).epsilon(1e-9));
      ++fits;
    }
  }
  CHECK(fits > 50);
  CHECK(fits < 250);
}

TEST_CASE("tensor-parallel and spatial: the bytes that go to the helpers and back, by hand") {
  // Image and tensors of `a` have 64 B and 2 kB (8 channels of 64 floats). Of two boards, each
  // computes four channels: the second one gets all of the input and returns half of the output.
  const Small small;
  const Outcome sliced = outcome_of("tensor-parallel", small.problem(),
                                    {{"devices", 2}, {"bandwidth", 1024}, {"latency", 0.5}});
  CHECK(number(sliced, "transmission_s") ==
        doctest::Approx(4 * 0.5 + (64 + 1024.0) / 1024 + (2048 + 1024.0) / 1024));
  CHECK(number(sliced, "latency_s") ==
        doctest::Approx(number(sliced, "transmission_s") + 32 + 32 + 1));
  // A tile of b has 4x4 pixels of 8 channels, and needs 6x6 pixels of the image.
  const Outcome tiled = outcome_of("spatial", small.problem(), {{"bandwidth", 1024}});
  CHECK(number(tiled, "makespan_s") == doctest::Approx(41 + (36 + 16 * 8 * 4) / 1024.0));
}

TEST_CASE("spread: for every network of the zoo, the answer is no worse than one device") {
  Registry<ops::Operator> operators;
  ops::register_operators(operators);
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  for (const auto& [name, network] : networks) {
    const Graph graph = network.build(operators, 1);
    std::vector<Seconds> times;
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      times.emplace_back(1e-5 + graph.layer(id).work.macs / 1e10);
    }
    Problem problem = problem_of(graph, {{"board", times}}, {});
    problem.extras.graph = &graph;
    INFO(name);
    const Outcome sliced = outcome_of("tensor-parallel", problem, {});
    const double alone = std::get<Plan>(sliced).cost.latency().si();
    CHECK(number(sliced, "latency_s") <= alone * (1 + 1e-9));
    CHECK(number(outcome_of("pipeline", problem, {}), "period_s") <= alone * (1 + 1e-9));
    const Outcome tiled = outcome_of("spatial", problem, {});
    if (std::holds_alternative<Plan>(tiled)) {
      CHECK(number(tiled, "makespan_s") >= number(tiled, "makespan_bound_s") * (1 - 1e-9));
      CHECK(number(tiled, "work_of_untiled") >= 1 - 1e-9);
    }
  }
}

}  // namespace offcut::partition::spread_test
