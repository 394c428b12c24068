// Sums, products and activations of tensors in every layout, and concatenations in place.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "models/exec/concat_plan.h"
#include "tests/models/exec/net.h"

namespace offcut::exec::elementwise_test {

TEST_CASE("elementwise: operands that are broadcast, on either side, constant or not") {
  for (const std::string op : {"Add", "Sub", "Mul", "Div"}) {
    CAPTURE(op);
    Net net;
    TensorId x = net.build.image(3, 6, 5);
    x = net.build.conv("conv", x, {.filters = 32, .kernel = 1});  // Lies in blocks.
    const TensorId gate = net.build.sigmoid("gate", net.build.global_average_pool("pool", x));
    int number = 0;
    const auto output = [&](TensorId a, TensorId b) {
      net.graph.add_output(net.layer(op, fmt::format("y{}", number++), {a, b}));
    };
    output(x, gate);
    output(gate, x);
    output(x, net.build.number("scalar", 3));
    output(net.build.number("scalar2", 3), x);
    output(x, net.parameter("channels", {32, 1, 1}, 1, 2));
    output(x, net.parameter("rows", {6, 1}, 1, 2));
    output(x, net.parameter("columns", {5}, 1, 2));
    output(net.parameter("all", {1, 32, 6, 5}, -1, 1), x);
    output(x, net.parameter("larger", {2, 32, 6, 5}, 1, 2));
    output(net.build.flatten("flat", x), net.parameter("one row", {960}, 1, 2));
    CHECK(error_of_prepared(net.graph) <= kTolerance);
  }
}

TEST_CASE("elementwise: every activation, alone, after convolutions, norms and vectors") {
  const std::vector<std::pair<std::string, Attributes>> activations = [] {
    std::vector<std::pair<std::string, Attributes>> all;
    for (const char* op : {"Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish"}) {
      all.emplace_back(op, Attributes());
    }
    return all;
  }();
  for (const auto& [op, attributes] : activations) {
    CAPTURE(op);
    Net net;
    const TensorId x = net.values("x", {1, 20, 7, 7});
    net.graph.add_output(net.layer(op, "alone", {x}, attributes));
    // 3 x 3 with full blocks, for which there is a Winograd kernel; 21 channels fill no whole
    // blocks.
    const TensorId wide = net.build.conv("wide", x, {.filters = 32, .kernel = 3, .pad = 1});
    net.graph.add_output(net.layer(op, "after wide", {wide}, attributes));
    const TensorId odd = net.build.conv("odd", wide, {.filters = 21, .kernel = 3, .pad = 1});
    net.graph.add_output(net.layer(op, "after odd", {odd}, attributes));
    net.graph.add_output(net.layer(op, "after norm", {net.batch_norm("norm", x)}, attributes));
    const TensorId point = net.build.conv("point", net.build.global_average_pool("pool", odd),
                                          {.filters = 13, .kernel = 1});
    net.graph.add_output(net.layer(op, "after point", {point}, attributes));
    CHECK(error_of_prepared(net.graph) <= kTolerance);
    CHECK(error_of_prepared(net.graph, {.winograd = PrepareOptions::Winograd::always}) <=
          kTolerance);
  }
}

TEST_CASE("concat: a dense block takes one buffer, and every cut keeps its result") {
  Net net;
  TensorId x = net.build.image(3, 8, 8);
  std::vector<TensorId> all = {net.build.conv("stem", x, {.filters = 32, .kernel = 3, .pad = 1})};
  for (const std::string name : {"a", "b", "c"}) {
    x = all.size() == 1 ? all[0] : net.build.concat(name + "_in", all);
    x = net.build.relu(name + "_relu", net.batch_norm(name + "_norm", x));
    all.push_back(net.build.conv(name, x, {.filters = 16, .kernel = 3, .pad = 1}));
  }
  x = net.build.concat("out", all);
  net.graph.add_output(net.build.relu("end", net.batch_norm("end_norm", x)));

  const Segment segment = whole(net.graph);
  const auto places = place_concats(Program(net.graph, segment));
  const TensorId out = *net.graph.find_tensor("out");
  for (const auto& [name, channel] : std::vector<std::pair<std::string, std::int64_t>>{
           {"stem", 0}, {"a", 32}, {"b", 48}, {"c", 64}, {"b_in", 0}, {"c_in", 0}, {"out", 0}}) {
    CAPTURE(name);
    const Placement& place = places.at(*net.graph.find_tensor(name));
    CHECK(place.whole == out);
    CHECK(place.channel == channel);
    CHECK(place.in_blocks);
  }
  int cuts = 0;
  CHECK(worst_cut(
            net.graph, [](int) { return true; }, cuts) <= kTolerance);
  CHECK(cuts > 10);
}

TEST_CASE("concat: parts that are read later, outputs, inputs, nested, and of every width") {
  for (const std::int64_t filters : {16, 8, 5}) {
    for (const bool read_later : {false, true}) {
      CAPTURE(filters);
      CAPTURE(read_later);
      Net net;
      const TensorId image = net.build.image(16, 6, 6);
      const TensorId a = net.build.conv("a", image, {.filters = filters, .kernel = 1});
      const TensorId b =
          net.build.relu("b", net.build.conv("b0", image, {.filters = 16, .kernel = 3, .pad = 1}));
      const TensorId inner = net.build.concat("inner", {a, b});
      const TensorId outer = net.build.concat("outer", {image, inner, b, a});
      net.graph.add_output(net.build.relu("end", outer));
      net.graph.add_output(inner);
      if (read_later) {
        net.graph.add_output(net.build.sigmoid("later", a));
        net.graph.add_output(net.build.tanh("inner_tanh", inner));
        net.graph.add_output(b);
      }
      CHECK(error_of_prepared(net.graph) <= kTolerance);
      int cuts = 0;
      CHECK(worst_cut(
                net.graph, [](int) { return true; }, cuts) <= kTolerance);
    }
  }
}

TEST_CASE("concat: a batch, and other axes") {
  for (const std::int64_t axis : {0, 1, 2, 3}) {
    CAPTURE(axis);
    Net net;
    const TensorId x = net.values("x", {2, 16, 4, 3});
    const TensorId y = net.build.conv("y", x, {.filters = 16, .kernel = 1});
    Attributes attributes;
    attributes.set("axis", axis);
    net.graph.add_output(net.layer("Concat", "both", {x, y, x}, attributes));
    CHECK(error_of_prepared(net.graph) <= kTolerance);
  }
}

}  // namespace offcut::exec::elementwise_test
