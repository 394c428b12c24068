#include "models/cost/device.h"

#include <doctest/doctest.h>

#include <stdexcept>

namespace offcut::cost::device_test {
namespace {

Device two_precisions() {
  Device device{.name = "d", .peak = FlopsPerSecond(10)};
  device.runtime.name = "graph";
  Runtime eager;
  eager.name = "eager";
  eager.issue = Seconds(4);
  device.runtimes = {eager};
  Device half{.name = "", .peak = FlopsPerSecond(80)};
  half.precision = "fp16";
  half.element = 2;
  device.precisions = {half};
  return device;
}

}  // namespace

TEST_CASE("device: a precision has its own figures, and the device's runtimes") {
  const Device device = two_precisions();
  CHECK(precision_names(device) == std::vector<std::string>{"fp32", "fp16"});
  CHECK(in_precision(device, "fp32").peak == FlopsPerSecond(10));
  const Device half = in_precision(device, "fp16");
  CHECK(half.name == "d");
  CHECK(half.peak == FlopsPerSecond(80));
  CHECK(half.element == 2);
  CHECK(with_runtime(half, "eager").runtime.issue == Seconds(4));
  CHECK_THROWS_WITH_AS(in_precision(device, "int8"), "the device has no precision 'int8'",
                       std::invalid_argument);
}

TEST_CASE("device: a runtime is chosen by its name") {
  const Device device = two_precisions();
  CHECK(runtime_names(device) == std::vector<std::string>{"graph", "eager"});
  CHECK(with_runtime(device, "graph").runtime.issue == Seconds(0));
  CHECK(with_runtime(device, "").runtime.name == "graph");
  CHECK_THROWS_WITH_AS(with_runtime(device, "ncnn"), "the device has no runtime 'ncnn'",
                       std::invalid_argument);
  CHECK(runtime_names(Device{.name = "plain"}).empty());
}

}  // namespace offcut::cost::device_test
