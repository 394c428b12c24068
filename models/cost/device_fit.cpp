// Fits a device's figures to latencies of whole networks. A few latencies do not determine all
// figures, so their logarithms are also drawn towards a family of like devices, a normal
// distribution. Eigen's Levenberg-Marquardt solver finds the maximum of the posterior; a prediction
// is the sum of cost::layer_times(), whatever its model. kParameters lists all that is fitted.
#include "models/cost/device_fit.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <unsupported/Eigen/LevenbergMarquardt>
#include <unsupported/Eigen/NumericalDiff>

#include "models/base/quantile.h"
#include "models/cost/kernel_work.h"
#include "models/cost/roofline.h"

namespace offcut::cost {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// A figure of a device that latencies determine. Speeds of layers are relative to that of
/// convolutions, which stands for the peak: latencies alone can't tell a peak from the share of it
/// that is reached.
struct FittedParameter {
  double (*get)(const Device&);
  void (*set)(Device&, double);
  double spread;               // The usual factor between devices of a family.
  bool needs_batches = false;  // Only batches of several sizes determine it; otherwise it is 0.
};

constexpr auto kParameters = std::to_array<FittedParameter>({
    {[](const Device& d) { return (d.peak * d.efficiency.convolution).si(); },
     [](Device& d, double value) { d.peak = FlopsPerSecond(value); }, 4},
    {[](const Device& d) { return d.efficiency.convolution_3x3 / d.efficiency.convolution; },
     [](Device& d, double value) { d.efficiency.convolution_3x3 = value; }, 1.4},
    {[](const Device& d) { return d.efficiency.depthwise_convolution / d.efficiency.convolution; },
     [](Device& d, double value) { d.efficiency.depthwise_convolution = value; }, 2.5},
    {[](const Device& d) { return d.efficiency.dense / d.efficiency.convolution; },
     [](Device& d, double value) { d.efficiency.dense = value; }, 1.5},
    {[](const Device& d) { return (d.memory_bandwidth * d.efficiency.memory).si(); },
     [](Device& d, double value) { d.memory_bandwidth = BytesPerSecond(value); }, 4},
    {[](const Device& d) { return d.layer_overhead.si(); },
     [](Device& d, double value) { d.layer_overhead = Seconds(value); }, 2.5},
    {[](const Device& d) { return d.launch.si(); },
     [](Device& d, double value) { d.launch = Seconds(value); }, 2.5, true},
});
constexpr auto kCount = static_cast<Index>(kParameters.size());

// One standard deviation of a network's latency from the model, as a factor.
const double kLatencySpread = std::log(1.16);
// So many independent devices of usual spread are added to those of a family.
constexpr double kUsualDevices = 3;
constexpr double kLeast = 1e-9;  // In place of a figure that is 0, which has no logarithm.
constexpr int kDigits = 4;       // Of the figures, so that files are readable.

double rounded(double value) { return std::stod(fmt::format("{:.{}g}", value, kDigits)); }

FittedRange range_of(std::span<const NetworkLatency> latencies) {
  const auto [lightest, heaviest] = std::minmax_element(
      latencies.begin(), latencies.end(), [](const NetworkLatency& a, const NetworkLatency& b) {
        return total_macs(*a.graph) < total_macs(*b.graph);
      });
  const auto [least, most] = std::minmax_element(
      latencies.begin(), latencies.end(),
      [](const NetworkLatency& a, const NetworkLatency& b) { return a.batch < b.batch; });
  return {.least_macs = total_macs(*lightest->graph),
          .most_macs = total_macs(*heaviest->graph),
          .least_batch = least->batch,
          .most_batch = most->batch};
}

/// Returns the geometric mean of a figure of the devices, rounded, or 0 if it is 0 for one of them.
template <class Get>
double mean_of(std::span<const Device> devices, Get get) {
  double logs = 0;
  for (const Device& device : devices) {
    logs += std::log(get(device));
  }
  const double mean = std::exp(logs / static_cast<double>(devices.size()));
  return mean > 0 ? rounded(mean) : 0;
}

/// Returns the figures that are not fitted, where all devices have them, relative to fitted ones.
Device form_of(std::span<const Device> devices) {
  Device form;
  const auto share = [&](std::optional<double> Efficiency::*part, double Efficiency::*whole) {
    const bool all = std::all_of(devices.begin(), devices.end(),
                                 [&](const Device& d) { return (d.efficiency.*part).has_value(); });
    if (all) {
      form.efficiency.*part = mean_of(
          devices, [&](const Device& d) { return *(d.efficiency.*part) / d.efficiency.*whole; });
    }
  };
  share(&Efficiency::other_convolution, &Efficiency::convolution);
  share(&Efficiency::grouped_convolution, &Efficiency::depthwise_convolution);
  share(&Efficiency::pooling, &Efficiency::memory);
  share(&Efficiency::local_normalization, &Efficiency::memory);
  share(&Efficiency::odd_dense, &Efficiency::dense);
  share(&Efficiency::normalization, &Efficiency::memory);
  form.narrow = mean_of(devices, [](const Device& d) { return d.narrow; });
  form.step.convolution =
      Seconds(mean_of(devices, [](const Device& d) { return d.step.convolution.si(); }));
  form.step.dense = Seconds(mean_of(devices, [](const Device& d) { return d.step.dense.si(); }));
  form.winograd_tile = devices.front().winograd_tile;
  if (devices.front().overheads.winograd) {
    form.overheads.winograd = Seconds(mean_of(devices, [](const Device& d) {
      return d.overheads.winograd.value_or(d.layer_overhead) / d.layer_overhead;
    }));
  }
  return form;
}

Device device_of(const VectorXd& logs, const Device& form, bool has_batches) {
  Device device = form;
  for (std::size_t i = 0; i < kParameters.size(); ++i) {
    const FittedParameter& parameter = kParameters[i];
    parameter.set(device, parameter.needs_batches && !has_batches
                              ? 0
                              : std::exp(logs[static_cast<Index>(i)]));
  }
  if (form.efficiency.grouped_convolution) {
    device.efficiency.grouped_convolution =
        *form.efficiency.grouped_convolution * device.efficiency.depthwise_convolution;
  }
  if (form.overheads.winograd) {
    device.overheads.winograd = form.overheads.winograd->si() * device.layer_overhead;
  }
  return device;
}

/// Rounds the figures that device_of() derives from fitted ones.
void round_derived(Device& device) {
  if (device.efficiency.grouped_convolution) {
    device.efficiency.grouped_convolution = rounded(*device.efficiency.grouped_convolution);
  }
  if (device.overheads.winograd) {
    device.overheads.winograd = Seconds(rounded(device.overheads.winograd->si()));
  }
}

double predicted(const Device& device, const NetworkLatency& latency) {
  Seconds sum;
  for (const Seconds layer :
       layer_times(device, *latency.graph, static_cast<double>(latency.batch))) {
    sum += layer;
  }
  return sum.si();
}

/// The residuals of a fit, each in its standard deviations: of the latencies, then of the family.
struct Residuals : Eigen::DenseFunctor<double> {
  std::vector<const NetworkLatency*> latencies;
  VectorXd mean;
  Device form;
  Eigen::LLT<MatrixXd> spread;  // Of the family's covariance.
  bool has_batches = false;

  Residuals(std::vector<const NetworkLatency*> latencies_, const DeviceFamily& family,
            bool has_batches_)
      : DenseFunctor(static_cast<int>(kCount),
                     static_cast<int>(latencies_.size() + kParameters.size())),
        latencies(std::move(latencies_)),
        mean(Eigen::Map<const VectorXd>(family.mean.data(), kCount)),
        form(family.form),
        spread(Eigen::Map<const MatrixXd>(family.covariance.data(), kCount, kCount)),
        has_batches(has_batches_) {}

  int operator()(const VectorXd& logs, VectorXd& residuals) const {
    const Device device = device_of(logs, form, has_batches);
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      residuals[static_cast<Index>(i)] =
          std::log(predicted(device, *latencies[i]) / latencies[i]->latency.si()) / kLatencySpread;
    }
    residuals.tail(kCount) = spread.matrixL().solve(logs - mean);
    return 0;
  }
};

/// Returns the logarithms of the parameters with the least squares of the residuals.
VectorXd solve(const Residuals& residuals, const VectorXd& start) {
  Eigen::NumericalDiff<Residuals> differences(residuals);
  Eigen::LevenbergMarquardt<Eigen::NumericalDiff<Residuals>> solver(differences);
  solver.setXtol(1e-8);
  solver.setFtol(1e-8);
  VectorXd logs = start;
  solver.minimize(logs);
  return logs;
}

double sum_of_squares(const Residuals& residuals, const VectorXd& logs) {
  VectorXd values(residuals.values());
  residuals(logs, values);
  return values.squaredNorm();
}

bool has_several_batches(std::span<const NetworkLatency> latencies) {
  return std::any_of(latencies.begin(), latencies.end(), [&](const NetworkLatency& latency) {
    return latency.batch != latencies.front().batch;
  });
}

/// Returns the latencies of all networks but one.
std::vector<const NetworkLatency*> without(std::span<const NetworkLatency> latencies,
                                           std::string_view network) {
  std::vector<const NetworkLatency*> kept;
  for (const NetworkLatency& latency : latencies) {
    if (latency.network != network) {
      kept.push_back(&latency);
    }
  }
  return kept;
}

/// Returns the best fit from several starts: where the overhead of kernels hides their launch at
/// first, the launch would not be found.
VectorXd best_fit(const Residuals& residuals) {
  VectorXd best = solve(residuals, residuals.mean);
  if (residuals.has_batches) {
    VectorXd start = residuals.mean;
    constexpr Index kOverhead = 5;
    start[kOverhead] -= std::log(20);
    const VectorXd other = solve(residuals, start);
    best = sum_of_squares(residuals, other) < sum_of_squares(residuals, best) ? other : best;
  }
  return best;
}

}  // namespace

DeviceFamily family_of(std::span<const Device> devices) {
  const auto count = static_cast<double>(devices.size());
  MatrixXd logs(static_cast<Index>(devices.size()), kCount);
  VectorXd usual(kCount);
  for (std::size_t i = 0; i < kParameters.size(); ++i) {
    const auto column = static_cast<Index>(i);
    usual[column] = std::pow(std::log(kParameters[i].spread), 2);
    for (std::size_t row = 0; row < devices.size(); ++row) {
      logs(static_cast<Index>(row), column) =
          std::log(std::max(kParameters[i].get(devices[row]), kLeast));
    }
  }
  const VectorXd mean = logs.colwise().mean();
  const MatrixXd centred = logs.rowwise() - mean.transpose();
  const MatrixXd usual_spread = usual.asDiagonal();
  const MatrixXd covariance =
      (centred.transpose() * centred + kUsualDevices * usual_spread) / (count + kUsualDevices);
  std::vector<Bytes> memories;
  for (const Device& device : devices) {
    memories.push_back(device.memory);
  }
  std::sort(memories.begin(), memories.end());
  return {.mean = {mean.begin(), mean.end()},
          .covariance = {covariance.data(), covariance.data() + covariance.size()},
          .memory = memories[memories.size() / 2],
          .form = form_of(devices)};
}

DeviceFit fit_device(std::span<const NetworkLatency> latencies, const DeviceFamily& family) {
  const Residuals residuals(without(latencies, ""), family, has_several_batches(latencies));
  VectorXd logs = best_fit(residuals);
  DeviceFit fit;
  const double spread = 2 * residuals.spread.matrixLLT().diagonal().array().log().sum();
  fit.misfit = sum_of_squares(residuals, logs) + spread;
  for (double& parameter : logs) {
    parameter = std::log(rounded(std::exp(parameter)));
  }
  fit.device = device_of(logs, family.form, residuals.has_batches);
  round_derived(fit.device);
  fit.device.memory = family.memory;
  std::set<std::string_view> networks;
  for (const NetworkLatency& latency : latencies) {
    networks.insert(latency.network);
  }
  fit.device.calibration = Calibration{.models = static_cast<int>(networks.size()), .range = range_of(latencies)};
  return fit;
}

void add_left_out(std::span<const NetworkLatency> latencies, const DeviceFamily& family,
                  const std::function<void(double done)>& progress, DeviceFit& fit) {
  std::set<std::string_view> networks;
  for (const NetworkLatency& latency : latencies) {
    networks.insert(latency.network);
  }
  if (networks.size() < 2) {
    return;
  }
  std::vector<double> errors;
  const bool has_batches = has_several_batches(latencies);
  std::size_t done = 0;
  for (const std::string_view network : networks) {
    const Residuals residuals(without(latencies, network), family, has_batches);
    const Device device = device_of(best_fit(residuals), family.form, has_batches);
    for (const NetworkLatency& latency : latencies) {
      if (latency.network == network) {
        fit.left_out.push_back({.model = latency.network,
                                .batch = latency.batch,
                                .measured = latency.latency.si(),
                                .predicted = predicted(device, latency)});
        errors.push_back(std::abs(fit.left_out.back().relative()));
      }
    }
    progress(static_cast<double>(++done) / static_cast<double>(networks.size()));
  }
  Calibration& calibration = *fit.device.calibration;
  calibration.median_error = quantile(errors, 0.5);
  calibration.worst_error = *std::max_element(errors.begin(), errors.end());
}

}  // namespace offcut::cost
