#include "models/parallel/tile.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "models/base/random.h"
#include "tests/models/exec/compare.h"

namespace offcut::parallel::tile_test {
namespace {

struct Operators : Registry<ops::Operator> {
  Operators() { ops::register_operators(*this); }
};

/// A random chain of layers that can be tiled, on small images.
class RandomStack {
 public:
  RandomStack(const Registry<ops::Operator>& operators, std::uint64_t i)
      : graph("stack"), operators_(operators), random_(random_stream(551, "stack", i)) {
    const Shape image = {draw(1, 2), draw(1, 4), draw(9, 24), draw(9, 24)};
    last_ = graph.add_input("in", {DataType::float32, image}, DataType::float32);
    for (std::int64_t layers = draw(1, 5); layers > 0; --layers) {
      add_layer();
    }
    graph.add_output(last_);
  }

  std::int64_t draw(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random_(static_cast<std::uint32_t>(most - least + 1)));
  }

  Graph graph;

 private:
  const Shape& shape() const { return graph.tensor(last_).type.shape; }

  TensorId parameter(Shape shape) {
    Tensor value(TensorType{DataType::float32, std::move(shape)});
    for (float& number : value.values<float>()) {
      number = static_cast<float>(draw(1, 2000)) / 1000;
    }
    return graph.add_parameter(fmt::format("p{}", graph.tensor_count()), value.type(),
                               std::make_shared<Parameter>([value] { return value; }));
  }

  void window(Attributes& attributes, std::int64_t kernel) {
    attributes.set("kernel_shape", std::vector<std::int64_t>{kernel, kernel});
    attributes.set("strides", std::vector<std::int64_t>{draw(1, 2), draw(1, 2)});
    if (draw(0, 3) == 0) {
      attributes.set("auto_pad", std::string(draw(0, 1) == 0 ? "SAME_UPPER" : "SAME_LOWER"));
    } else {
      std::vector<std::int64_t> pads;
      for (int i = 0; i < 4; ++i) {
        pads.push_back(draw(0, kernel - 1));
      }
      attributes.set("pads", pads);
    }
  }

  void apply_layer(const std::string& op, std::vector<TensorId> inputs, Attributes attributes) {
    const std::string name = fmt::format("layer{}", graph.layer_count());
    Layer layer{.name = name,
                .op_name = op,
                .opset = 13,
                .attributes = std::move(attributes),
                .inputs = std::move(inputs)};
    last_ = graph.layer(ops::apply(graph, operators_, std::move(layer), {name})).outputs.front();
  }

  void add_layer() {
    const std::int64_t channels = shape()[1];
    const bool is_small = std::min(shape()[2], shape()[3]) < 5;
    Attributes attributes;
    switch (is_small ? draw(4, 7) : draw(0, 7)) {
      case 0:
      case 1: {
        const std::int64_t kernel = draw(1, 4);
        const std::int64_t groups = draw(0, 3) == 0 ? channels : 1;
        const std::int64_t filters = groups * draw(1, 3);
        window(attributes, kernel);
        attributes.set("group", groups);
        const std::int64_t dilation = std::min(shape()[2], shape()[3]) < 9 ? 1 : draw(1, 2);
        attributes.set("dilations", std::vector<std::int64_t>{dilation, dilation});
        return apply_layer(
            "Conv",
            {last_, parameter({filters, channels / groups, kernel, kernel}), parameter({filters})},
            attributes);
      }
      case 2:
        window(attributes, draw(2, 3));
        attributes.set("ceil_mode", draw(0, 1));
        return apply_layer("MaxPool", {last_}, attributes);
      case 3:
        window(attributes, draw(2, 3));
        attributes.set("count_include_pad", draw(0, 1));
        return apply_layer("AveragePool", {last_}, attributes);
      case 4:
        return apply_layer("Relu", {last_}, {});
      case 5:
        return apply_layer("Mul", {last_, parameter({channels, 1, 1})}, {});
      case 6: {
        attributes.set("size", std::int64_t{3});
        return apply_layer("LRN", {last_}, attributes);
      }
      default: {
        const std::vector<TensorId> numbers = {parameter({channels}), parameter({channels}),
                                               parameter({channels}), parameter({channels})};
        return apply_layer("BatchNormalization",
                           {last_, numbers[0], numbers[1], numbers[2], numbers[3]}, {});
      }
    }
  }

  const Registry<ops::Operator>& operators_;
  RandomStream random_;
  TensorId last_ = 0;
};

/// Returns the stack's output for `image`, computed tile by tile.
Tensor tiled(const Graph& graph, const TileStack& stack, const Operators& operators,
             const Tensor& image, std::int64_t rows, std::int64_t columns, bool fast = false) {
  std::vector<Tensor> tiles;
  for (const Region& output : tile_grid(stack, rows, columns)) {
    const std::vector<Region> regions = needed_regions(stack, output);
    const Graph tile = tile_graph(graph, stack, regions, operators);
    const exec::TensorMap inputs = {{tile.inputs().front(), cropped(image, regions.front())}};
    exec::TensorMap made = fast ? exec::prepare(tile, exec::whole(tile)).run(inputs)
                                : exec::run(tile, exec::whole(tile), inputs);
    tiles.push_back(made.at(tile.outputs().front()));
  }
  return stitched(tiles, static_cast<std::size_t>(columns));
}

/// The first layers of a zoo network with their input and output in a run of the network.
struct Front {
  Front(const Operators& operators, const std::string& network, std::string_view last) {
    Registry<zoo::Network> networks;
    zoo::register_networks(networks);
    graph = networks.find(network)->build(operators, 1);
    stack = tile_stack(graph, 0, graph.find_layer(last).value());
    std::vector<LayerId> layers;
    for (const TiledLayer& layer : stack.layers) {
      layers.push_back(layer.layer);
    }
    const exec::Segment segment = exec::segment_of(graph, layers);
    const exec::TensorMap inputs = exec::random_inputs(graph, segment);
    image = inputs.at(stack.input);
    expected = exec::run(graph, segment, inputs).at(segment.leaves.front());
  }

  Graph graph = Graph("");
  TileStack stack;
  Tensor image;
  Tensor expected;
};

std::string refusal(const Graph& graph, LayerId first, LayerId last) {
  try {
    tile_stack(graph, first, last);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("tiles: random stacks in random grids give the same output as the whole") {
  const Operators operators;
  std::size_t same = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    RandomStack made(operators, i);
    const Graph& graph = made.graph;
    INFO("seed 551, stack " << i);
    const exec::Segment all = exec::whole(graph);
    const exec::TensorMap inputs = exec::random_inputs(graph, all, i);
    const Tensor expected = exec::run(graph, all, inputs).begin()->second;
    const std::int64_t rows = made.draw(1, std::min<std::int64_t>(4, expected.shape()[2]));
    const std::int64_t columns = made.draw(1, std::min<std::int64_t>(4, expected.shape()[3]));
    const TileStack stack = tile_stack(graph, 0, graph.layer_count() - 1);
    const double error = exec::error_of(
        tiled(graph, stack, operators, inputs.begin()->second, rows, columns), expected);
    CHECK(error <= 1e-5);
    same += error == 0 ? 1U : 0U;
  }
  CHECK(same > 800);  // The others differ in the last bits: Eigen's sums depend on the extents.
}

TEST_CASE("tiles: the first layers of networks, with both engines" * doctest::test_suite("slow")) {
  const Operators operators;
  for (const auto& [network, last] : std::vector<std::pair<std::string, std::string>>{
           {"alexnet", "pool5"}, {"yolov2", "pool3"}, {"mobilenet-v1", "relu3_1_dw"}}) {
    INFO(network);
    const Front front(operators, network, last);
    for (const bool fast : {false, true}) {
      const Tensor got = tiled(front.graph, front.stack, operators, front.image, 3, 2, fast);
      CHECK(exec::error_of(got, front.expected) <= 1e-5);
    }
  }
}

TEST_CASE("tiles: halo and redundant work, computed by hand") {
  // Two 3x3 convolutions on 8x8 pixels, padded by 1, are split into 2x2 tiles of 4x4. The first one
  // must make one pixel more on the two inner sides, 5x5, from 6x6 of the input. The work is thus
  // 4 * (25 + 16) instead of 2 * 64 pixels: 28 % more.
  const Operators operators;
  Graph graph("two");
  TensorId x = graph.add_input("in", {DataType::float32, {1, 1, 8, 8}}, DataType::uint8);
  const TensorId weights =
      graph.add_parameter("w", {DataType::float32, {1, 1, 3, 3}}, std::make_shared<Parameter>([] {
                            return Tensor({DataType::float32, {1, 1, 3, 3}});
                          }));
  for (const std::string name : {"a", "b"}) {
    Attributes attributes;
    attributes.set("pads", std::vector<std::int64_t>{1, 1, 1, 1});
    Layer layer{.name = name,
                .op_name = "Conv",
                .opset = 13,
                .attributes = attributes,
                .inputs = {x, weights}};
    x = graph.layer(ops::apply(graph, operators, std::move(layer), {name})).outputs.front();
  }
  graph.add_output(x);
  const TileStack stack = tile_stack(graph, 0, 1);
  double macs = 0;
  for (const Region& tile : tile_grid(stack, 2, 2)) {
    const TileWork work = tile_work(graph, stack, needed_regions(stack, tile));
    CHECK(work.macs == 9 * (25 + 16));
    CHECK(work.input_bytes == 36);  // The input is uint8.
    CHECK(work.output_bytes == 4 * 16);
    CHECK(work.activation_memory == 4 * (36 + 25));
    CHECK(work.weight_bytes == 2 * 4 * 9);
    macs += work.macs;
  }
  CHECK(macs / graph.total_work().macs == doctest::Approx(1.28125));
  CHECK(needed_regions(stack, {0, 4, 4, 8}) ==
        std::vector<Region>{{0, 2, 6, 8}, {0, 3, 5, 8}, {0, 4, 4, 8}});
  // A single tile has no halo.
  CHECK(tile_work(graph, stack, needed_regions(stack, {0, 0, 8, 8})).macs ==
        graph.total_work().macs);
}

TEST_CASE("tiles: the layers of YOLOv2 that DeepThings tiles, in ever finer grids") {
  // Finer tiles take less memory each and more work in all (DeepThings, section IV).
  const Operators operators;
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const Graph graph = networks.find("yolov2")->build(operators, 1);
  const TileStack stack = tile_stack(graph, 0, graph.find_layer("conv12_leaky").value());
  double memory = 1e300;
  double redundant = 0;
  for (const std::int64_t n : {1, 2, 3, 4, 5}) {
    double macs = 0;
    double most = 0;
    for (const Region& tile : tile_grid(stack, n, n)) {
      const TileWork work = tile_work(graph, stack, needed_regions(stack, tile));
      macs += work.macs;
      most = std::max(most, work.activation_memory);
    }
    double whole_macs = 0;
    for (const TiledLayer& layer : stack.layers) {
      whole_macs += graph.layer(layer.layer).work.macs;
    }
    CHECK(most < memory);
    CHECK(macs / whole_macs >= 1 + redundant);
    memory = most;
    redundant = macs / whole_macs - 1;
  }
  CHECK(redundant > 0);
}

TEST_CASE("tiles: the error for a layer that can't be tiled names it") {
  const Operators operators;
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const Graph resnet = networks.find("resnet18")->build(operators, 1);
  CHECK(refusal(resnet, 0, resnet.find_layer("prob").value()) ==
        "layer 'pool1' (MaxPool) can't be tiled: its output is not read by one layer alone");
  const LayerId add = resnet.find_layer("res2a").value();
  CHECK(refusal(resnet, add, add) ==
        "layer 'res2a' (Add) can't be tiled: it reads more than one tensor");
  const LayerId pool = resnet.find_layer("pool5").value();
  CHECK(refusal(resnet, pool, pool) ==
        "layer 'pool5' (GlobalAveragePool) can't be tiled: its output pixels depend on more than a "
        "window of its input");
  const LayerId flatten = resnet.find_layer("fc1000").value();
  CHECK(
      refusal(resnet, flatten, flatten) ==
      "layer 'fc1000' (Gemm) can't be tiled: expected one output and images with rows and columns");

  // A window of 2 with stride 2 on 5 pixels, rounded up, and a parameter that differs by column.
  Graph graph("odd");
  const TensorId x = graph.add_input("x", {DataType::float32, {1, 1, 5, 5}}, DataType::float32);
  const TensorId row =
      graph.add_parameter("row", {DataType::float32, {5}}, std::make_shared<Parameter>([] {
                            return Tensor({DataType::float32, {5}});
                          }));
  Attributes attributes;
  attributes.set("kernel_shape", std::vector<std::int64_t>{2, 2});
  attributes.set("strides", std::vector<std::int64_t>{2, 2});
  attributes.set("ceil_mode", std::int64_t{1});
  ops::apply(graph, operators,
             {.name = "mean",
              .op_name = "AveragePool",
              .opset = 13,
              .attributes = attributes,
              .inputs = {x}},
             {"mean"});
  ops::apply(graph, operators, {.name = "add", .op_name = "Add", .opset = 13, .inputs = {x, row}},
             {"add"});
  CHECK(refusal(graph, 0, 0) ==
        "layer 'mean' (AveragePool) can't be tiled: its last window extends beyond the padding");
  CHECK(refusal(graph, 1, 1) ==
        "layer 'add' (Add) can't be tiled: 'row' differs from pixel to pixel");
}

TEST_CASE("tiles: a tile of nothing but padding is refused") {
  // A 1x1 convolution padded by 2: the outer outputs are the bias, whatever the input is.
  const Operators operators;
  Graph graph("padded");
  const TensorId x = graph.add_input("x", {DataType::float32, {1, 1, 4, 4}}, DataType::float32);
  const TensorId w =
      graph.add_parameter("w", {DataType::float32, {1, 1, 1, 1}}, std::make_shared<Parameter>([] {
                            return Tensor({DataType::float32, {1, 1, 1, 1}});
                          }));
  Attributes attributes;
  attributes.set("pads", std::vector<std::int64_t>{2, 2, 2, 2});
  ops::apply(
      graph, operators,
      {.name = "conv", .op_name = "Conv", .opset = 13, .attributes = attributes, .inputs = {x, w}},
      {"y"});
  const TileStack stack = tile_stack(graph, 0, 0);
  CHECK(needed_regions(stack, {0, 0, 4, 8}).front() == Region{0, 0, 2, 4});
  CHECK_THROWS_WITH_AS(needed_regions(stack, {0, 0, 2, 8}),
                       "all windows of a tile lie in the padding", std::invalid_argument);
}

}  // namespace offcut::parallel::tile_test
