#include "models/cost/device_fit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "models/cost/roofline.h"
#include "tests/models/zoo/built.h"

namespace offcut::cost::device_fit_test {
namespace {

Device device(double peak, double bandwidth, double overhead, double launch = 0) {
  Device made;
  made.peak = FlopsPerSecond(peak);
  made.memory_bandwidth = BytesPerSecond(bandwidth);
  made.memory = Bytes(bandwidth);
  made.efficiency = {.convolution = 0.5,
                     .convolution_3x3 = 1,
                     .depthwise_convolution = 0.125,
                     .dense = 0.25,
                     .memory = 0.5};
  made.layer_overhead = Seconds(overhead);
  made.launch = Seconds(launch);
  return made;
}

Seconds whole(const Device& on, const Graph& graph, double batch) {
  Seconds sum;
  for (const Seconds layer : layer_times(on, graph, batch)) {
    sum += layer;
  }
  return sum;
}

/// Latencies that follow the model of a device exactly.
struct ExactLatencies {
  ExactLatencies(const Device& truth, const std::vector<std::string>& networks,
                 const std::vector<std::int64_t>& batches) {
    for (const std::string& name : networks) {
      const Graph& graph = graphs.emplace(name, zoo.build(name)).first->second;
      for (const std::int64_t batch : batches) {
        latencies.push_back({.network = name,
                             .batch = batch,
                             .latency = whole(truth, graph, static_cast<double>(batch)),
                             .graph = &graph});
      }
    }
  }

  zoo::Zoo zoo;
  std::map<std::string, Graph> graphs;
  std::vector<NetworkLatency> latencies;
};

}  // namespace

TEST_CASE("device fit: a family has the mean and covariance of logarithms") {
  const std::vector<Device> two = {device(1e9, 1e9, 1e-5), device(4e9, 2e9, 1e-5)};
  const DeviceFamily family = family_of(two);
  const std::size_t count = family.mean.size();
  const double two_log = std::log(2);
  CHECK(family.mean[0] == doctest::Approx(std::log(1e9)));  // Half of 2e9 is reached.
  CHECK(family.mean[1] == doctest::Approx(two_log));
  CHECK(family.mean[4] == doctest::Approx(std::log(0.5e9 * std::sqrt(2))));
  // Two devices, and three of the usual spread: a factor of 4 for speeds.
  CHECK(family.covariance[0] == doctest::Approx((2 + 3 * 4) * two_log * two_log / 5));
  CHECK(family.covariance[4] == doctest::Approx(two_log * two_log / 5));
  CHECK(family.covariance[4 * count] == doctest::Approx(family.covariance[4]));
  CHECK(family.covariance[1] == doctest::Approx(0));
  CHECK(family.memory == Bytes(2e9));
}

TEST_CASE("device fit: latencies of a device predict other networks on it" *
          doctest::test_suite("slow")) {
  const Device truth = device(40e9, 9e9, 70e-6);
  const ExactLatencies exact(truth, {"squeezenet", "mobilenet-v1", "resnet18", "alexnet", "vgg16"},
                             {1});
  const std::vector<Device> like = {device(10e9, 4e9, 30e-6), device(90e9, 20e9, 50e-6),
                                    device(300e9, 40e9, 20e-6)};
  const DeviceFamily family = family_of(like);
  DeviceFit fit = fit_device(exact.latencies, family);
  const Graph other = exact.zoo.build("googlenet");
  CHECK(whole(fit.device, other, 1).si() ==
        doctest::Approx(whole(truth, other, 1).si()).epsilon(0.05));
  CHECK(fit.device.launch == Seconds(0));
  CHECK(fit.device.calibration->models == 5);
  CHECK_FALSE(fit.device.calibration->median_error);

  double done = 0;
  add_left_out(
      exact.latencies, family, [&](double share) { done = share; }, fit);
  CHECK(done == 1);
  REQUIRE(fit.left_out.size() == 5);
  std::vector<double> errors;
  for (const ModelError& error : fit.left_out) {
    CAPTURE(error.model);
    CHECK(std::abs(error.relative()) < 0.35);  // Only alexnet and vgg16 have large dense layers.
    errors.push_back(std::abs(error.relative()));
  }
  std::sort(errors.begin(), errors.end());
  CHECK(fit.device.calibration->median_error == doctest::Approx(errors[2]));
  CHECK(fit.device.calibration->worst_error == doctest::Approx(errors[4]));

  // Devices of a hundredth of the speed are a less likely family.
  const std::vector<Device> slow = {device(0.1e9, 0.04e9, 3e-3), device(0.2e9, 0.05e9, 2e-3)};
  CHECK(fit_device(exact.latencies, family_of(slow)).misfit > fit.misfit);
}

TEST_CASE("device fit: batches show the launch of kernels" * doctest::test_suite("slow")) {
  const Device truth = device(10e12, 600e9, 5e-6, 90e-6);
  const ExactLatencies exact(truth, {"resnet50"}, {1, 2, 4, 16, 64});
  const std::vector<Device> like = {device(5e12, 300e9, 8e-6, 50e-6),
                                    device(30e12, 900e9, 8e-6, 60e-6)};
  const DeviceFit fit = fit_device(exact.latencies, family_of(like));
  CHECK(fit.device.launch.si() == doctest::Approx(90e-6).epsilon(0.05));
  for (const double batch : {1., 8., 64.}) {
    const Graph& graph = exact.graphs.at("resnet50");
    CHECK(whole(fit.device, graph, batch).si() ==
          doctest::Approx(whole(truth, graph, batch).si()).epsilon(0.05));
  }
}

}  // namespace offcut::cost::device_fit_test
