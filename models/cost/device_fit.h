#pragma once

#include <functional>
#include <span>
#include <vector>

#include "models/cost/device.h"
#include "models/cost/predictor.h"

namespace offcut::cost {

/// A measured latency of a whole network on a device. `graph` outlives the fit.
struct NetworkLatency {
  std::string network;
  std::int64_t batch = 1;
  Seconds latency;  // Of the whole batch.
  const Graph* graph = nullptr;
};

/// The parameters of a family of like devices: the mean of their logarithms, and the covariance,
/// row by row. Devices of a family differ in speed by orders of magnitude, but less in the ratios
/// of their speeds.
struct DeviceFamily {
  std::vector<double> mean;
  std::vector<double> covariance;
  Bytes memory;  // The median of the devices' memories.
  /// The figures that a fit does not change, such as Device::narrow: geometric means, as those of a
  /// device whose other figures are 1.
  Device form;
};

/// Returns the family of these devices. The fewer they are, the more their covariance is drawn
/// towards independent parameters of usual spread. REQUIRES: there is at least one.
DeviceFamily family_of(std::span<const Device> devices);

/// A device that was fitted to latencies.
struct DeviceFit {
  Device device;  // With its figures and its calibration; no name, power or sources.
  /// How badly device and latencies fit the family: -2 log(probability), up to a constant. Of
  /// several families, the one with the least is the most likely.
  double misfit = 0;
  /// Each latency, predicted from a fit to all other networks; empty if there is one network.
  std::vector<ModelError> left_out;
};

/// Fits a device's figures to latencies of whole networks, so that logarithms of predicted /
/// measured and of parameter / family are both small (the maximum of the posterior). REQUIRES:
/// there is at least one latency; all are above 0.
DeviceFit fit_device(std::span<const NetworkLatency> latencies, const DeviceFamily& family);

/// Adds to the fit the errors of predictions of networks that it has not seen, which needs two
/// networks. Calls `progress` with the share of the networks that is done.
void add_left_out(std::span<const NetworkLatency> latencies, const DeviceFamily& family,
                  const std::function<void(double done)>& progress, DeviceFit& fit);

}  // namespace offcut::cost
