// Groups of layers that exporters write for one function: they are found, the result stays the
// same, and no operation is merged away whose output has other readers.

#include <doctest/doctest.h>

#include <numbers>

#include "tests/models/exec/net.h"

namespace offcut::exec::merge_test {
namespace {

Prepared prepared(const Graph& graph) { return prepare(graph, whole(graph)); }

/// Two blocks of a small transformer.
struct SmallTransformer : Net {
  zoo::Transformer blocks{build, 5, 16, 2, 1e-5F, 1};

  TensorId block(const std::string& name, TensorId x, const zoo::Transformer::Mask& mask = {}) {
    x = build.add(name + "_sum1", blocks.self_attention(name, x, mask), x);
    x = blocks.layer_norm(name + "_norm1", x);
    x = build.add(name + "_sum2", x, blocks.feed_forward(name + "_mlp", x));
    return blocks.layer_norm(name + "_norm2", x);
  }
};

TensorId gelu_tanh(Net& net, const std::string& name, TensorId x) {
  const auto number = [&](const std::string& part, float value) {
    return net.build.number(name + "." + part, value);
  };
  TensorId y = net.layer("Pow", name + "_cube", {x, number("three", 3)});
  y = net.build.mul(name + "_third", y, number("c", 0.044715F));
  y = net.build.add(name + "_inner", x, y);
  y = net.build.mul(name + "_outer", y, number("root", std::sqrt(2 / std::numbers::pi_v<float>)));
  y = net.build.add(name + "_plus", net.build.tanh(name + "_tanh", y), number("one", 1));
  return net.build.mul(name, net.build.mul(name + "_half", x, number("half", 0.5F)), y);
}

}  // namespace

TEST_CASE(
    "merge: a transformer becomes products, attention and norms, and every cut keeps its results") {
  SmallTransformer net;
  TensorId x = net.values("x", {1, 5, 16});
  x = net.block("a", x);
  net.graph.add_output(net.block("b", x));
  const Prepared whole_net = prepared(net.graph);
  // Without a library: the two layers that make x.
  CHECK(count_steps(whole_net, "[reference]") <= 2);
  CHECK(count_steps(whole_net, "[attention]") == 2);
  CHECK(count_steps(whole_net, "[layer norm]") == 4);
  CHECK(count_steps(whole_net, "_gelu_erf+") == 2);
  CHECK(count_steps(whole_net, "[move]") == 0);  // Heads are never copied.
  int cuts = 0;
  CHECK(worst_cut(
            net.graph, [](int number) { return number % 3 == 0; }, cuts) <= kTolerance);
  CHECK(cuts > 20);
}

TEST_CASE("merge: masks that are added or that choose, constant or computed") {
  for (const bool constant : {false, true}) {
    for (const bool added : {false, true}) {
      CAPTURE(constant);
      CAPTURE(added);
      SmallTransformer net;
      const TensorId x = net.values("x", {1, 5, 16});
      const TensorId row = net.values("mask", {1, 1, 1, 5});
      const auto mask = [&](const std::string& name, TensorId scores) {
        const TensorId numbers = constant ? net.parameter(name + ".mask", {5, 5}, -9, 9) : row;
        if (added) {
          return net.build.add(name, numbers, scores);
        }
        const TensorId zero = net.build.number(name + ".zero", 0);
        const TensorId chosen = net.layer("Greater", name + "_chosen", {numbers, zero});
        return net.layer("Where", name, {chosen, scores, net.build.number(name + ".fill", -1000)});
      };
      net.graph.add_output(net.block("a", x, mask));
      CHECK(count_steps(prepared(net.graph), "[attention]") == 1);
      CHECK(error_of_prepared(net.graph) <= kTolerance);
    }
  }
}

TEST_CASE("merge: attention with keys and queries in other layouts") {
  Net net;
  // Three matrices, no heads; keys are transposed from the start.
  const TensorId q = net.values("q", {3, 4, 6});
  const TensorId k = net.values("k", {3, 6, 7});
  const TensorId v = net.build.transpose("v_moved", net.values("v", {2, 3, 7}), {1, 2, 0});
  TensorId y = net.build.softmax("prob", net.layer("MatMul", "scores", {q, k}));
  y = net.layer("MatMul", "context", {y, v});
  net.graph.add_output(net.build.relu("relu", y));
  CHECK(count_steps(prepared(net.graph), "[attention]") == 1);
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("merge: softmax over another axis, or scores that are an output, are no attention") {
  for (const bool other_axis : {true, false}) {
    CAPTURE(other_axis);
    Net net;
    const TensorId q = net.values("q", {2, 4, 6});
    const TensorId k = net.values("k", {2, 6, 4});
    const TensorId v = net.values("v", {2, 4, 5});
    const TensorId scores = net.layer("MatMul", "scores", {q, k});
    Attributes attributes;
    attributes.set("axis", std::int64_t{other_axis ? 1 : 2});
    const TensorId prob = net.layer("Softmax", "prob", {scores}, attributes);
    net.graph.add_output(net.layer("MatMul", "context", {prob, v}));
    if (!other_axis) {
      net.graph.add_output(scores);
    }
    CHECK(count_steps(prepared(net.graph), "[attention]") == 0);
    CHECK(error_of_prepared(net.graph) <= kTolerance);
  }
}

TEST_CASE("merge: activations that are written as products") {
  const auto number = [](Net& net, const std::string& name, float value) {
    return net.build.number(name, value);
  };
  struct Form {
    const char* name;
    std::function<TensorId(Net&, TensorId)> write;
  };
  const std::vector<Form> forms = {
      {"silu", [](Net& net, TensorId x) { return net.build.silu("f", x); }},
      {"hard swish by hard sigmoid",
       [](Net& net, TensorId x) {
         return net.build.mul("f", net.build.hard_sigmoid("gate", x), x);
       }},
      {"hard swish by clip",
       [&](Net& net, TensorId x) {
         TensorId y = net.build.add("plus", x, number(net, "three", 3));
         y = net.build.mul("product", x, net.build.relu6("gate", y));
         return net.layer("Div", "f", {y, number(net, "six", 6)});
       }},
      {"gelu", [](Net& net,
                  TensorId x) { return zoo::Transformer{net.build, 1, 1, 1, 0, 1}.gelu("f", x); }},
      {"gelu, halved first",
       [&](Net& net, TensorId x) {
         TensorId y = net.build.mul("in", x, number(net, "root", 1 / std::numbers::sqrt2_v<float>));
         y = net.build.add("plus", number(net, "one", 1), net.layer("Erf", "erf", {y}));
         return net.build.mul("f", net.build.mul("half", x, number(net, "two", 0.5F)), y);
       }},
      {"gelu by tanh", [](Net& net, TensorId x) { return gelu_tanh(net, "f", x); }},
  };
  for (const Form& form : forms) {
    CAPTURE(std::string(form.name));
    for (const bool fused : {false, true}) {
      Net net;
      TensorId x = net.values("x", {1, 16, 5, 5});
      if (fused) {
        x = net.build.conv("conv", x, {.filters = 16, .kernel = 3, .pad = 1});
      }
      net.graph.add_output(form.write(net, x));
      // Two steps make x, and one lays out the output. Winograd's kernels, which may be the fastest
      // by measurement, leave activations to further steps.
      const PrepareOptions untimed{.time_layouts = false,
                                   .winograd = PrepareOptions::Winograd::never};
      CHECK(prepare(net.graph, whole(net.graph), untimed).steps().size() <= 5);
      CHECK(count_steps(prepared(net.graph), "+f [") >= 1);
      CHECK(error_of_prepared(net.graph) <= kTolerance);
      PrepareOptions own;
      own.fast_kernels = false;
      CHECK(error_of_prepared(net.graph, own) <= kTolerance);
    }
  }
}

TEST_CASE("merge: layers that only look like an activation stay") {
  Net net;
  const TensorId x = net.values("x", {1, 4, 6});
  const TensorId other = net.values("other", {1, 4, 6});
  // A gate of another tensor; a slope that is not GELU's; a gate with another reader.
  net.graph.add_output(net.build.mul("gated", x, net.build.sigmoid("gate", other)));
  TensorId y = net.build.mul("in", x, net.build.number("slope", 0.7F));
  y = net.build.add("plus", net.layer("Erf", "erf", {y}), net.build.number("one", 1));
  y = net.build.mul("half", y, net.build.number("two", 0.5F));
  net.graph.add_output(net.build.mul("not gelu", x, y));
  const TensorId gate = net.build.sigmoid("read", x);
  net.graph.add_output(net.build.mul("silu", x, gate));
  net.graph.add_output(gate);
  CHECK(count_steps(prepared(net.graph), "gate+") == 0);
  CHECK(count_steps(prepared(net.graph), "erf+") == 0);
  CHECK(count_steps(prepared(net.graph), "read+") == 0);
  CHECK(error_of_prepared(net.graph) <= kTolerance);
}

TEST_CASE("merge: layer norm as nine layers, and not where d is read or axes differ") {
  for (const int way : {0, 1, 2}) {
    CAPTURE(way);
    Net net;
    const zoo::Transformer blocks{net.build, 4, 8, 1, 1e-3F, 1};
    const TensorId x = net.values("x", {2, 4, 8});
    const TensorId y = blocks.layer_norm("norm", x);
    net.graph.add_output(y);
    if (way == 1) {
      net.graph.add_output(*net.graph.find_tensor("norm_centred"));
    }
    if (way == 2) {  // An activation after it.
      net.graph.add_output(net.build.relu("relu", y));
    }
    CHECK(count_steps(prepared(net.graph), "[layer norm]") == (way == 1 ? 0 : 1));
    CHECK(error_of_prepared(net.graph) <= kTolerance);
  }
}

TEST_CASE(
    "merge: products with a matrix, with bias, residual and activation, own kernels and not") {
  for (const bool fast : {true, false}) {
    CAPTURE(fast);
    Net net;
    const TensorId x = net.values("x", {2, 3, 8});
    const TensorId w = net.parameter("w", {8, 6}, -1, 1);
    const TensorId bias = net.parameter("bias", {6}, -1, 1);
    const TensorId plain = net.layer("MatMul", "plain", {x, w});
    const TensorId second = net.build.add("with bias", bias, net.layer("MatMul", "second", {x, w}));
    net.graph.add_output(plain);
    net.graph.add_output(net.build.add("sum", second, plain));
    net.graph.add_output(net.build.tanh(
        "tanh", net.build.add("third bias", net.layer("MatMul", "third", {x, w}), bias)));
    PrepareOptions options;
    options.fast_kernels = fast;
    const Prepared made = prepare(net.graph, whole(net.graph), options);
    CHECK(has_step(made, "second+with bias+sum"));
    CHECK(has_step(made, "third+third bias+tanh"));
    CHECK(error_of_prepared(net.graph, options) <= kTolerance);
  }
}

TEST_CASE("merge: the whole of bert-base and gpt2 runs without a reference kernel in its blocks" *
          doctest::test_suite("slow")) {
  const zoo::Zoo zoo;
  for (const std::string name : {"bert-base", "gpt2"}) {
    CAPTURE(name);
    const Prepared made = prepared(zoo.build(name));
    CHECK(count_steps(made, "[attention]") == 12);
    CHECK(count_steps(made, "[layer norm]") == 25);
  }
}

}  // namespace offcut::exec::merge_test
