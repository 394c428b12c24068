// Structured pruning. The oracle is the whole network with zeros where an operator sums over
// removed channels (masked.h), which knows no rules: the smaller network must give its results.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "models/compress/channel_groups.h"
#include "models/zoo/builder.h"
#include "models/zoo/network.h"
#include "tests/compress/masked.h"
#include "tests/compress/networks.h"
#include "tests/compress/random_networks.h"
#include "tests/train/networks.h"
#include "tests/train/registries.h"

namespace offcut::compress::channels_test {
namespace {

constexpr double kRounding = 2e-5;  // Of float32 sums in another order, through a whole network.

struct Draft {
  Graph graph{"draft"};
  zoo::NetworkBuilder net{graph, train::all_operators(), 1};
};

const Shape& shape_of(const Graph& graph, const std::string& tensor) {
  return graph.tensor(graph.find_tensor(tensor).value()).type.shape;
}

/// The sizes of all groups of channels, in ascending order.
std::vector<std::size_t> group_sizes(const Graph& graph) {
  std::vector<std::size_t> sizes;
  for (const ChannelGroup& group : channel_groups(graph, channel_map(graph, all_channel_rules()))) {
    sizes.push_back(group.channels.size());
  }
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

const Registry<zoo::Network>& zoo_networks() {
  return train::filled_registry<zoo::Network, zoo::register_networks>();
}

/// Builds a network with small images or few tokens, where it has an open dimension.
Graph small_zoo_network(const zoo::Network& network) {
  std::map<std::string, std::int64_t> bind;
  if (network.open) {
    constexpr std::int64_t kTokens = 32;
    constexpr std::int64_t kPixels = 64;
    bind[network.open->name] = network.open->name == "tokens" ? kTokens : kPixels;
  }
  return zoo::build_network(network, train::all_operators(), 1, bind);
}

}  // namespace

TEST_CASE("a sum ties the channels of both summands, and of what reads them") {
  Draft d;
  TensorId x = d.net.conv("a", d.net.image(3, 6, 6), {.filters = 10, .kernel = 1});
  const TensorId y = d.net.conv("b", x, {.filters = 10, .kernel = 1});
  x = d.net.add("sum", x, y);
  d.graph.add_output(d.net.conv("c", x, {.filters = 2, .kernel = 1}));
  CHECK(group_sizes(d.graph) == std::vector<std::size_t>{10});
  const Network small = applied("channels:rate=0.3,round=1", {.graph = d.graph});
  CHECK(shape_of(small.graph, "a.weight") == Shape{7, 3, 1, 1});
  CHECK(shape_of(small.graph, "b.weight") == Shape{7, 7, 1, 1});
  CHECK(shape_of(small.graph, "c.weight") == Shape{2, 7, 1, 1});
  CHECK(shape_of(small.graph, "b.bias") == Shape{7});
}

TEST_CASE("the channels with the least sum of magnitudes go") {
  Draft d;
  TensorId x = d.net.image(1, 4, 4);
  const std::vector<float> magnitudes = {4, -1, 3, -2};
  const TensorId w = d.graph.add_parameter(
      "w", {DataType::float32, {4, 1, 1, 1}}, std::make_shared<Parameter>([magnitudes] {
        return Tensor(Shape{4, 1, 1, 1}, std::span<const float>(magnitudes));
      }));
  x = d.net.layer("Conv", "a", {x, w});
  d.graph.add_output(d.net.conv("b", x, {.filters = 2, .kernel = 1}));
  const Network small = applied("channels:rate=0.5,round=1", {.graph = d.graph});
  CHECK(values_in(small.graph, "w") == std::vector<float>{4, 3});
}

TEST_CASE("groups keep multiples of `round`, and smaller ones where they are small") {
  Draft d;
  TensorId x = d.net.conv("a", d.net.image(3, 4, 4), {.filters = 64, .kernel = 1});
  x = d.net.conv("b", x, {.filters = 12, .kernel = 1});
  d.graph.add_output(d.net.conv("c", x, {.filters = 2, .kernel = 1}));
  const Network small = applied("channels:rate=0.6,round=8", {.graph = d.graph});
  CHECK(shape_of(small.graph, "a.weight")[0] == 32);  // 25.6, rounded up to eights.
  CHECK(shape_of(small.graph, "b.weight")[0] == 6);   // 4.8, rounded up to twos.
}

TEST_CASE("a head is removed from queries, keys, values and what reads them") {
  const Graph bert = small_zoo_network(*zoo_networks().find("bert-base"));
  const Network small = applied("channels:rate=0.5,criterion=random", {.graph = bert});
  CHECK(shape_of(small.graph, "layer1_query.weight") == Shape{768, 384});
  CHECK(shape_of(small.graph, "layer1_projection.weight") == Shape{384, 768});
  CHECK(shape_of(small.graph, "layer1_attention_scores") == Shape{1, 6, 32, 32});
  CHECK(shape_of(small.graph, "layer1_expand.weight") == Shape{768, 1536});
}

TEST_CASE("what no rule describes keeps its channels") {
  Draft d;
  TensorId x = d.net.conv("a", d.net.image(3, 4, 4), {.filters = 8, .kernel = 1});
  x = d.net.lrn("norm", x, {.size = 3, .alpha = 0.1F, .beta = 0.7F, .bias = 1});
  d.graph.add_output(d.net.conv("b", x, {.filters = 2, .kernel = 1}));
  CHECK(group_sizes(d.graph).empty());
  CHECK_THROWS_WITH_AS(applied("channels:rate=0.5", {.graph = d.graph}),
                       "channels: 'draft' has no channels that can go", std::invalid_argument);
}

TEST_CASE("the oracle sees a rule that is wrong") {
  Registry<ChannelRule> wrong;
  register_channel_rules(wrong);
  ChannelRule lie = *wrong.find("elementwise");  // As if LRN were elementwise.
  lie.name = "a-lie";
  lie.operators = {"LRN"};
  wrong.add(lie);
  Draft d;
  TensorId x = d.net.conv("a", d.net.image(3, 4, 4), {.filters = 8, .kernel = 1});
  x = d.net.lrn("norm", x, {.size = 3, .alpha = 2, .beta = 0.7F, .bias = 1});
  d.graph.add_output(d.net.conv("b", x, {.filters = 2, .kernel = 1}));
  ChannelMap map = channel_map(d.graph, wrong);
  REQUIRE(map.count == 8);
  std::vector<bool> removed(8, false);
  removed[3] = true;
  Graph left = without_channels(d.graph, map, removed, {wrong, train::all_operators()});
  CHECK(difference({d.graph, map, removed, left}, 1) > 1e-3);
}

TEST_CASE("a rate of 0 leaves the network as it is, and every group keeps a channel at 1") {
  const Graph lenet = lenet5();
  CHECK(applied("channels:rate=0", {.graph = lenet}).graph.total_work().macs ==
        lenet.total_work().macs);
  const Graph least = applied("channels:rate=1,round=1", {.graph = lenet}).graph;
  CHECK(least.total_work().parameters < 400);
  CHECK_THROWS_WITH_AS(
      applied("channels:macs=0.01", {.graph = lenet}),
      doctest::Contains("of the multiply-accumulates are of channels that can't be removed"),
      std::invalid_argument);
}

TEST_CASE("channels of masked weights can't go, and the error says so") {
  const Network masked_network = applied("magnitude:rate=0.5", {.graph = lenet5()});
  CHECK_THROWS_WITH_AS(
      applied("channels:rate=0.5", masked_network),
      doctest::Contains("an earlier pass or the file masks or rounds it: remove channels first"),
      std::invalid_argument);
}

TEST_CASE("a target of multiply-accumulates is met by the next smaller number") {
  const Graph lenet = lenet5();
  for (const char* const criterion : {"l1", "l2", "random"}) {
    for (const char* const scope : {"group", "global"}) {
      CAPTURE(criterion);
      CAPTURE(scope);
      const Network small =
          applied(fmt::format("channels:macs=0.5,round=1,criterion={},scope={}", criterion, scope),
                  {.graph = lenet});
      const double share = small.graph.total_work().macs / lenet.total_work().macs;
      CHECK(share <= 0.5);
      CHECK(share > 0.4);
    }
  }
}

TEST_CASE("Taylor importance keeps the channels that the loss depends on") {
  const Graph lenet = lenet5();
  const dataset::Samples samples = drawn_samples(lenet, 32);
  const ChosenPass pass = make_pass("channels:rate=0.5,criterion=taylor,samples=32", all_passes());
  const Network small = apply_pass(*pass.pass, pass.parameters, {.graph = lenet},
                                   {.libraries = all_libraries(), .samples = &samples});
  CHECK(small.graph.total_work().macs < lenet.total_work().macs);
  CHECK_THROWS_WITH_AS(applied("channels:rate=0.5,criterion=taylor", {.graph = lenet}),
                       "channels: criterion=taylor needs samples: a data set",
                       std::invalid_argument);
}

TEST_CASE("random networks give the results of masked ones") {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    CAPTURE(seed);
    const Pruned result = prune_at_random(random_network(seed), 0.5, seed);
    CHECK(difference(result, seed) < kRounding + 10 * sensitivity(result, seed));
  }
}

TEST_CASE("150 random networks do, too" * doctest::test_suite("slow")) {
  std::size_t pruned = 0, sound = 0;
  for (std::uint64_t seed = 30; seed < 180; ++seed) {
    CAPTURE(seed);
    const Pruned result =
        prune_at_random(random_network(seed), 0.1 + 0.1 * static_cast<double>(seed % 9), seed);
    const double own = sensitivity(result, seed);
    CHECK(difference(result, seed) < kRounding + 10 * own);
    sound += own < kRounding ? 1 : 0;
    if (result.left.total_work().macs < result.whole.total_work().macs) {
      ++pruned;
    }
  }
  CHECK(pruned > 140);
  CHECK(sound > 132);  // Of 150: few are ill-conditioned.
}

TEST_CASE("the zoo's networks halve their work, and give the results of masked ones" *
          doctest::test_suite("slow")) {
  std::vector<std::string> refused;
  for (const auto& [name, network] : zoo_networks()) {
    CAPTURE(name);
    const Graph whole = small_zoo_network(network);
    try {
      const Network half = applied("channels:macs=0.5,criterion=random", {.graph = whole});
      CHECK(half.graph.total_work().macs <= 0.5 * whole.total_work().macs);
      CHECK(half.graph.total_work().macs > 0.39 * whole.total_work().macs);
    } catch (const std::invalid_argument&) {
      refused.push_back(name);
    }
    CHECK(difference(prune_at_random(whole, 0.3, 1), 1) < kRounding);
  }
  // Local response normalisation reads a channel's neighbours, which keeps conv1, conv2 and conv3;
  // the only layer of the regression has the classes as its channels.
  CHECK(refused == std::vector<std::string>{"branchy-alexnet", "softmax-regression"});
}

}  // namespace offcut::compress::channels_test
