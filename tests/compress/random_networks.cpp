#include "tests/compress/random_networks.h"

#include <fmt/format.h>

#include "models/base/random.h"
#include "models/zoo/builder.h"
#include "tests/train/networks.h"

namespace offcut::compress {
namespace {

class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint64_t seed)
      : graph_(fmt::format("random{}", seed)),
        net_(graph_, train::all_operators(), seed),
        random_(random_stream(seed, "random network")) {}

  Graph run() {
    images_ = {net_.image(3, 8, 8)};
    images_.push_back(conv(images_.front()));
    for (std::uint64_t i = 5 + draw(20); i > 0; --i) {
      add_block();
    }
    graph_.add_output(finish(images_.back()));
    if (draw(3) == 0) {
      const TensorId extra = images_[1 + draw(images_.size() - 1)];
      graph_.add_output(net_.layer("Relu", name("extra"), {extra}));
    }
    return std::move(graph_);
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  std::string name(const std::string& kind) { return fmt::format("{}{}", kind, next_++); }
  const Shape& shape(TensorId id) const { return graph_.tensor(id).type.shape; }
  TensorId some() { return images_[1 + draw(images_.size() - 1)]; }

  TensorId conv(TensorId x) {
    const std::int64_t channels = shape(x)[1];
    std::int64_t groups = 1;
    std::int64_t filters = 4 + 2 * static_cast<std::int64_t>(draw(5));
    if (channels % 2 == 0 && draw(4) == 0) {
      groups = 2;
    } else if (draw(4) == 0) {
      groups = channels;
      filters = channels * (1 + static_cast<std::int64_t>(draw(2)));
    }
    const std::int64_t kernel = draw(2) == 0 ? 3 : 1;
    return net_.conv(name("conv"), x,
                     {.filters = filters,
                      .kernel = kernel,
                      .pad = kernel / 2,
                      .groups = groups,
                      .bias = draw(2) == 0});
  }

  TensorId transposed_conv(TensorId x) {
    const std::int64_t channels = shape(x)[1];
    const std::uint64_t kind = draw(3);
    const std::int64_t groups = kind == 0 ? channels : kind == 1 && channels % 2 == 0 ? 2 : 1;
    Attributes a;
    a.set("group", groups);
    const std::string own = name("up");
    return net_.layer("ConvTranspose", own,
                      {x, net_.drawn(own + ".weight", {channels, 3, 1, 1}, 0, 0.5)}, std::move(a));
  }

  TensorId norm(TensorId x) {
    const std::int64_t channels = shape(x)[1];
    const std::string own = name("norm");
    const TensorId scale = net_.drawn(own + ".scale", {channels}, 1, 0.2);
    const TensorId bias = net_.drawn(own + ".bias", {channels}, 0, 0.2);
    if (draw(3) == 0) {
      return net_.layer("InstanceNormalization", own, {x, scale, bias});
    }
    return net_.layer("BatchNormalization", own,
                      {x, scale, bias, net_.drawn(own + ".mean", {channels}, 0, 0.2),
                       net_.drawn(own + ".variance", {channels}, 2, 0.1)});
  }

  TensorId activation(TensorId x) {
    const std::string own = name("act");
    switch (draw(5)) {
      case 0:
        return net_.layer("PRelu", own, {x, net_.drawn(own + ".slope", {shape(x)[1], 1, 1}, 0, 1)});
      case 1:
        return net_.silu(own, x);
      case 2:
        return net_.layer("Exp", own, {net_.layer("Tanh", own + "_tanh", {x})});  // Not 0 at 0.
      case 3:
        return net_.add(own, x, net_.drawn(own + ".shift", {1, shape(x)[1], 1, 1}, 0, 1));
      default:
        return net_.relu(own, x);
    }
  }

  TensorId sum(TensorId x) {
    for (std::size_t i = images_.size(); i-- > 1;) {
      if (images_[i] != x && shape(images_[i]) == shape(x)) {
        return draw(2) == 0 ? net_.add(name("sum"), x, images_[i])
                            : net_.mul(name("product"), images_[i], x);
      }
    }
    return net_.add(name("sum"), x, net_.relu(name("act"), x));
  }

  TensorId concat(TensorId x) {
    std::vector<TensorId> parts = {x};
    for (std::uint64_t i = 1 + draw(2); i > 0; --i) {
      parts.push_back(some());
    }
    return net_.concat(name("concat"), std::move(parts));
  }

  TensorId split(TensorId x) {
    const std::int64_t channels = shape(x)[1];
    Attributes axis;
    axis.set("axis", std::int64_t{1});
    const std::string own = name("split");
    if (channels % 2 == 0 && draw(2) == 0) {
      const auto halves = net_.layers("Split", own, {x}, std::move(axis), 2);
      return net_.mul(name("gate"), halves[0], net_.sigmoid(name("sigmoid"), halves[1]));
    }
    const TensorId sizes = net_.integers(own + ".sizes", {3}, {1, channels - 2, 1});
    return net_.layers("Split", own, {x, sizes}, std::move(axis), 3)[1];
  }

  TensorId slice(TensorId x) {
    const std::string own = name("slice");
    const auto list = [&](const std::string& kind, std::int64_t value) {
      return net_.integers(own + kind, {1}, {value});
    };
    if (draw(2) == 0) {
      Attributes axis;
      axis.set("axis", std::int64_t{1});
      const std::int64_t last = shape(x)[1] - 1;
      return net_.layer("Gather", own,
                        {x, net_.integers(own + ".rows", {4}, {last, 0, -2, last / 2})},
                        std::move(axis));
    }
    return net_.layer("Slice", own, {x, list(".first", 1), list(".last", -1), list(".axis", 1)});
  }

  /// Squeeze and excitation: a gate for each channel.
  TensorId gate(TensorId x) {
    const std::string own = name("gate");
    TensorId y = net_.global_average_pool(own + "_pool", x);
    y = net_.conv(own + "_down", y, {.filters = 4, .kernel = 1});
    y = net_.relu(own + "_relu", y);
    y = net_.conv(own + "_up", y, {.filters = shape(x)[1], .kernel = 1});
    return net_.mul(own, x, net_.sigmoid(own + "_sigmoid", y));
  }

  /// Attention of the pixels with two heads, from products and reshapes.
  TensorId attention(TensorId x) {
    const std::string own = name("attention");
    const std::int64_t channels = shape(x)[1];
    TensorId rows = net_.reshape(own + "_flat", x, {1, channels, -1});
    rows = net_.transpose(own + "_rows", rows, {0, 2, 1});
    const auto heads = [&](const std::string& part, std::vector<std::int64_t> order) {
      const TensorId y = net_.linear(own + part, rows, 8);
      return net_.transpose(own + part + "_heads",
                            net_.reshape(own + part + "_split", y, {0, 64, 2, 4}),
                            std::move(order));
    };
    const TensorId q = heads("_q", {0, 2, 1, 3});
    const TensorId k = heads("_k", {0, 2, 3, 1});
    const TensorId v = heads("_v", {0, 2, 1, 3});
    TensorId y = net_.softmax(own + "_softmax", net_.layer("MatMul", own + "_scores", {q, k}));
    y = net_.transpose(own + "_tokens", net_.layer("MatMul", own + "_context", {y, v}),
                       {0, 2, 1, 3});
    y = net_.linear(own + "_out", net_.reshape(own + "_merged", y, {1, 64, 8}), channels);
    y = net_.transpose(own + "_back", y, {0, 2, 1});
    return net_.reshape(own, y, {1, channels, 8, 8});
  }

  /// A recurrent layer over the rows of an image, whose units become channels.
  TensorId recurrent(TensorId x) {
    const std::string own = name("lstm");
    const std::int64_t channels = shape(x)[1];
    const std::int64_t hidden = 5;
    TensorId y = net_.reshape(own + "_flat", x, {channels, 64});
    y = net_.transpose(own + "_steps", y, {1, 0});
    y = net_.reshape(own + "_sequence", y, {64, 1, -1});
    Attributes a;
    a.set("hidden_size", hidden);
    a.set("direction", "bidirectional");
    y = net_.layer("LSTM", own,
                   {y, net_.drawn(own + ".W", {2, 4 * hidden, channels}, 0, 0.3),
                    net_.drawn(own + ".R", {2, 4 * hidden, hidden}, 0, 0.3),
                    net_.drawn(own + ".B", {2, 8 * hidden}, 0, 0.3)},
                   std::move(a));
    y = net_.transpose(own + "_back", y, {2, 1, 3, 0});
    return net_.reshape(own + "_image", y, {1, 2 * hidden, 8, 8});
  }

  TensorId blocks(TensorId x) {
    Attributes a;
    a.set("blocksize", std::int64_t{2});
    const TensorId deep = net_.layer("SpaceToDepth", name("deep"), {x}, a);
    const TensorId y = net_.conv(name("conv"), deep, {.filters = 16, .kernel = 1});
    return net_.layer("DepthToSpace", name("flat"), {y}, std::move(a));
  }

  TensorId row_function(TensorId x) {
    const std::string own = name("rows");
    Attributes axis;
    axis.set("axis", std::int64_t{draw(2) == 0 ? 1 : -1});
    return net_.layer("Softmax", own, {x}, std::move(axis));
  }

  TensorId padded(TensorId x) {
    const std::string own = name("pad");
    return net_.layer("Pad", own, {x, net_.integers(own + ".pads", {8}, {0, 1, 0, 0, 0, 2, 0, 0})});
  }

  TensorId repeated(TensorId x) {
    const std::string own = name("tile");
    return net_.layer("Tile", own, {x, net_.integers(own + ".times", {4}, {1, 2, 1, 1})});
  }

  TensorId shuffled(TensorId x) {
    const std::int64_t channels = shape(x)[1];
    if (channels % 2 != 0) {
      return conv(x);
    }
    const std::string own = name("shuffle");
    TensorId y = net_.reshape(own + "_split", x, {1, 2, channels / 2, 8, 8});
    y = net_.transpose(own + "_swap", y, {0, 2, 1, 3, 4});
    return net_.reshape(own, y, {1, -1, 8, 8});
  }

  void add_block() {
    using Block = TensorId (RandomNetwork::*)(TensorId);
    static constexpr Block kBlocks[] = {
        &RandomNetwork::conv,       &RandomNetwork::conv,
        &RandomNetwork::conv,       &RandomNetwork::norm,
        &RandomNetwork::activation, &RandomNetwork::activation,
        &RandomNetwork::sum,        &RandomNetwork::sum,
        &RandomNetwork::concat,     &RandomNetwork::split,
        &RandomNetwork::slice,      &RandomNetwork::gate,
        &RandomNetwork::attention,  &RandomNetwork::recurrent,
        &RandomNetwork::blocks,     &RandomNetwork::row_function,
        &RandomNetwork::padded,     &RandomNetwork::repeated,
        &RandomNetwork::shuffled,   &RandomNetwork::transposed_conv};
    const TensorId x = draw(3) == 0 ? some() : images_.back();
    if (shape(x)[1] < 4 || shape(x)[1] > 40) {
      images_.push_back(net_.conv(name("conv"), x, {.filters = 6, .kernel = 1}));
      return;
    }
    images_.push_back((this->*kBlocks[draw(std::size(kBlocks))])(x));
  }

  TensorId finish(TensorId x) {
    if (draw(2) == 0) {
      x = net_.max_pool(name("pool"), x, {.kernel = 2, .stride = 2});
      x = net_.flatten(name("flatten"), x);
    } else {
      x = net_.layer("Flatten", name("flatten"), {net_.global_average_pool(name("pool"), x)});
    }
    x = net_.relu(name("act"), net_.dense(name("fc"), x, 12));
    return net_.dense(name("fc"), x, 5);
  }

  Graph graph_;
  zoo::NetworkBuilder net_;
  RandomStream random_;
  std::vector<TensorId> images_;  // All of 8 x 8 pixels.
  int next_ = 0;
};

}  // namespace

Graph random_network(std::uint64_t seed) { return RandomNetwork(seed).run(); }

}  // namespace offcut::compress
