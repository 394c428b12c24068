#include "models/cost/kernel_work.h"

#include <doctest/doctest.h>

#include "tests/models/exec/net.h"

namespace offcut::cost {
namespace {

KernelWork kernel(const exec::Net& net, const char* layer) {
  return kernels_of(net.graph).at(net.graph.find_layer(layer).value());
}

}  // namespace

TEST_CASE("kernels: elementwise layers after a convolution are fused into it") {
  exec::Net net;
  TensorId x = net.build.image(8, 10, 10);
  x = net.build.relu("before", x);
  x = net.build.conv("conv", x, {.filters = 8, .kernel = 3, .pad = 1});
  x = net.build.silu("silu", net.batch_norm("norm", x));
  x = net.build.max_pool("pool", x, {.kernel = 2, .stride = 2});
  x = net.build.relu("after", x);
  net.graph.add_output(
      net.build.softmax("prob", net.build.dense("fc", net.build.flatten("f", x), 4)));
  for (const char* fused : {"norm", "silu_sigmoid", "silu"}) {
    CAPTURE(fused);
    CHECK(kernel(net, fused).is_fused);
  }
  for (const char* own : {"before", "conv", "pool", "after", "fc", "prob"}) {
    CAPTURE(own);
    CHECK(!kernel(net, own).is_fused);
  }
  CHECK(kernel(net, "conv").layer.macs == net.graph.layer(*net.graph.find_layer("conv")).work.macs);
}

TEST_CASE("kernels: the sum of two branches is a kernel, and so is the layer after it") {
  exec::Net net;
  const TensorId x = net.build.image(4, 6, 6);
  const TensorId a = net.build.conv("a", x, {.filters = 4, .kernel = 1});
  const TensorId b = net.build.conv("b", x, {.filters = 4, .kernel = 1});
  const TensorId c = net.build.relu("c", b);
  net.graph.add_output(net.build.relu("last", net.build.add("sum", a, c)));
  CHECK(kernel(net, "c").is_fused);
  CHECK(!kernel(net, "sum").is_fused);
  CHECK(!kernel(net, "last").is_fused);
}

TEST_CASE("kernels: 3x3 convolutions have stride 1 and are not depthwise") {
  exec::Net net;
  TensorId x = net.build.image(4, 12, 12);
  x = net.build.conv("plain", x, {.filters = 8, .kernel = 3, .pad = 1});
  x = net.build.conv("groups", x, {.filters = 8, .kernel = 3, .pad = 1, .groups = 2});
  x = net.build.conv("strided", x, {.filters = 8, .kernel = 3, .stride = 2, .pad = 1});
  x = net.build.conv("depthwise", x, {.filters = 8, .kernel = 3, .pad = 1, .groups = 8});
  net.graph.add_output(net.build.conv("wide", x, {.filters = 8, .kernel = 5, .pad = 2}));
  CHECK(kernel(net, "plain").is_3x3);
  CHECK(kernel(net, "groups").is_3x3);
  CHECK(!kernel(net, "strided").is_3x3);
  CHECK(!kernel(net, "depthwise").is_3x3);
  CHECK(!kernel(net, "wide").is_3x3);
}

}  // namespace offcut::cost
