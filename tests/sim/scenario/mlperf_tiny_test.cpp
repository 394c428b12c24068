#include <doctest/doctest.h>

#include "models/cost/roofline.h"
#include "models/zoo/builder.h"
#include "sim/scenario/catalogue.h"
#include "tests/models/zoo/built.h"

namespace offcut::scenario::mlperf_tiny_test {
namespace {

/// A network of MLPerf Tiny (Banbury et al., NeurIPS 2021), built layer by layer.
struct TinyNetwork {
  explicit TinyNetwork(const std::string& name) : graph(name) {}

  void separable(const std::string& name, std::int64_t channels, std::int64_t filters,
                 std::int64_t stride) {
    x = net.conv(
        name + "_dw", x,
        {.filters = channels, .kernel = 3, .stride = stride, .pad = 1, .groups = channels});
    x = net.relu(name + "_dw_relu", x);
    x = net.conv(name + "_pw", x, {.filters = filters, .kernel = 1});
    x = net.relu(name + "_pw_relu", x);
  }
  void classify(std::int64_t classes) {
    x = net.softmax(
        "prob", net.dense("fc", net.flatten("flat", net.global_average_pool("pool", x)), classes));
    graph.add_output(x);
  }

  zoo::Zoo zoo;
  Graph graph;
  zoo::NetworkBuilder net{graph, zoo.operators, 1};
  TensorId x{};
};

/// Image classification: ResNet-8 on images of 32x32.
void build_resnet8(TinyNetwork& t) {
  t.x = t.net.relu(
      "relu", t.net.conv("conv", t.net.image(3, 32, 32), {.filters = 16, .kernel = 3, .pad = 1}));
  for (const std::int64_t filters : {16, 32, 64}) {
    const std::string name = std::to_string(filters);
    const std::int64_t stride = filters == 16 ? 1 : 2;
    const TensorId input = t.x;
    t.x =
        t.net.conv(name + "a", t.x, {.filters = filters, .kernel = 3, .stride = stride, .pad = 1});
    t.x = t.net.relu(name + "a_relu", t.x);
    t.x = t.net.conv(name + "b", t.x, {.filters = filters, .kernel = 3, .pad = 1});
    const TensorId shortcut =
        stride == 1
            ? input
            : t.net.conv(name + "s", input, {.filters = filters, .kernel = 1, .stride = stride});
    t.x = t.net.relu(name + "_relu", t.net.add(name + "_sum", t.x, shortcut));
  }
  t.classify(10);
}

/// Keyword spotting: DS-CNN on 49 windows of 10 coefficients.
void build_ds_cnn(TinyNetwork& t) {
  t.x = t.net.relu("relu",
                   t.net.conv("conv", t.net.image(1, 49, 10),
                              {.filters = 64, .kernel = {10, 4}, .stride = 2, .pad = {5, 1}}));
  for (const char* name : {"1", "2", "3", "4"}) {
    t.separable(name, 64, 64, 1);
  }
  t.classify(12);
}

/// Visual wake words: MobileNetV1 of a quarter's width on images of 96x96.
void build_mobilenet_quarter(TinyNetwork& t) {
  t.x = t.net.relu("relu", t.net.conv("conv", t.net.image(3, 96, 96),
                                      {.filters = 8, .kernel = 3, .stride = 2, .pad = 1}));
  std::int64_t channels = 8;
  int number = 0;
  for (const std::int64_t filters : {16, 32, 32, 64, 64, 128, 128, 128, 128, 128, 128, 256, 256}) {
    // The first layer of each width has a stride of 2, but for the narrowest.
    const bool is_wider = filters > channels && channels > 8;
    t.separable(std::to_string(++number), channels, filters, is_wider ? 2 : 1);
    channels = filters;
  }
  t.classify(2);
}

/// Anomaly detection: an autoencoder of dense layers.
void build_autoencoder(TinyNetwork& t) {
  t.x = t.net.features(640);
  int number = 0;
  for (const std::int64_t outputs : {128, 128, 128, 128, 8, 128, 128, 128, 128}) {
    const std::string name = std::to_string(++number);
    t.x = t.net.relu(name + "_relu", t.net.dense(name, t.x, outputs));
  }
  t.x = t.net.dense("out", t.x, 640);
  t.graph.add_output(t.x);
}

/// The closed division of MLPerf Tiny v1.2, STMicroelectronics, NUCLEO_H7A3ZI_Q, int8.
struct TinyResult {
  const char* name;
  void (*build)(TinyNetwork&);
  double mmacs;       // Millions, of the benchmark's paper.
  double throughput;  // Inferences per second.
  double energy;      // Microjoules per inference.
};

constexpr TinyResult kResults[] = {
    {"ResNet-8", build_resnet8, 12.5, 24.483, 5090.283},
    {"MobileNetV1-0.25", build_mobilenet_quarter, 7.5, 42.009, 2965.461},
    {"DS-CNN", build_ds_cnn, 2.66, 88.356, 1375.599},
    {"FC-AutoEncoder", build_autoencoder, 0.264, 816.004, 165.728},
};

}  // namespace

TEST_CASE("catalogue: a microcontroller in int8 is within 30 % of MLPerf Tiny") {
  const Catalogue catalogue = read_catalogue();
  const cost::Device& device = catalogue.devices.at("stm32h7a3-int8");
  for (const TinyResult& result : kResults) {
    CAPTURE(result.name);
    TinyNetwork network(result.name);
    result.build(network);
    CHECK(network.graph.total_work().macs == doctest::Approx(result.mmacs * 1e6).epsilon(0.01));
    Seconds predicted;
    for (const Seconds layer : cost::layer_times(device, network.graph)) {
      predicted += layer;
    }
    CHECK(predicted.si() == doctest::Approx(1 / result.throughput).epsilon(0.3));
    CHECK((predicted * *device.busy).si() == doctest::Approx(result.energy * 1e-6).epsilon(0.3));
  }
}

}  // namespace offcut::scenario::mlperf_tiny_test
