// Compares the catalogue with the latencies to which it is fitted: computes the predictions and
// errors of fit_devices.py and fit_int8.py again, over the zoo's networks.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "models/base/csv_rows.h"
#include "models/base/quantile.h"
#include "models/cost/roofline.h"
#include "sim/scenario/scenario.h"
#include "tests/paths.h"

namespace offcut::scenario::calibration_test {
namespace {

using Fields = std::map<std::string, std::string>;

std::vector<Fields> read_table(const std::string& name) {
  const std::vector<CsvRow> rows =
      read_csv(source_path("scenarios/catalogue/") + name, "a table of latencies").rows;
  std::vector<Fields> table;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    Fields fields;
    for (std::size_t column = 0; column < rows[i].fields.size(); ++column) {
      fields[rows.front().fields.at(column)] = rows[i].fields[column];
    }
    table.push_back(std::move(fields));
  }
  return table;
}

double number(const Fields& row, const std::string& column) { return std::stod(row.at(column)); }

/// Returns whether the relative difference is below the tolerance.
bool agree(double value, double expected, double tolerance) {
  return std::abs(value / expected - 1) <= tolerance;
}

/// The device with the efficiencies of a fit without the row's network.
cost::Device fitted_without(cost::Device device, const Fields& row) {
  const bool is_ncnn = device.efficiency.local_normalization.has_value();
  const bool own_groups = device.efficiency.grouped_convolution.has_value();
  device.efficiency = {.convolution = number(row, "convolution"),
                       .convolution_3x3 = number(row, "convolution-3x3"),
                       .depthwise_convolution = number(row, "depthwise-convolution"),
                       .dense = number(row, "dense"),
                       .memory = number(row, "memory"),
                       .other_convolution = number(row, "other-convolution")};
  if (is_ncnn) {
    device.efficiency.pooling = number(row, "pooling");
    device.efficiency.local_normalization = number(row, "local-normalization");
    device.overheads.winograd = 3 * Seconds(number(row, "overhead"));
  }
  if (own_groups) {
    device.efficiency.grouped_convolution = number(row, "grouped-convolution");
  }
  device.layer_overhead = Seconds(number(row, "overhead"));
  device.launch = Seconds(number(row, "launch"));
  device.narrow = number(row, "narrow");
  device.step = {.convolution = Seconds(number(row, "step")),
                 .dense = Seconds(number(row, "step"))};
  return device;
}

/// The latencies of the zoo's networks.
class Zoo {
 public:
  double seconds(const cost::Device& device, const Fields& row) {
    const std::string& model = row.at("model");
    if (!graphs_.contains(model)) {
      graphs_.emplace(model, registries_.networks.find(model)->build(registries_.operators, 1));
    }
    const std::vector<Seconds> times =
        cost::layer_times(device, graphs_.at(model), number(row, "batch"));
    return std::accumulate(times.begin(), times.end(), Seconds(0)).si();
  }

 private:
  Registries registries_;
  std::map<std::string, Graph> graphs_;
};

double error(const Fields& row) {
  return std::abs(number(row, "left_out_s") / number(row, "measured_s") - 1);
}

/// By device, the errors of networks that are not in the fit.
std::map<std::string, std::vector<double>> errors_by_device(
    const std::string& table = "predicted.csv") {
  std::map<std::string, std::vector<double>> errors;
  for (const Fields& row : read_table(table)) {
    if (!row.at("left_out_s").empty()) {
      errors[row.at("device")].push_back(error(row));
    }
  }
  return errors;
}

double median(const std::vector<double>& values) { return quantile(values, 0.5); }

/// Checks that the cost model gives a row's predictions on the device. Returns whether the row has
/// one from a fit without its network.
bool check_predictions(Zoo& zoo, const cost::Device& device, const Fields& row) {
  CAPTURE(row.at("device"));
  CAPTURE(row.at("model"));
  CAPTURE(row.at("batch"));
  CHECK(agree(zoo.seconds(device, row), number(row, "predicted_s"), 1e-6));
  if (row.at("left_out_s").empty()) {
    return false;
  }
  CHECK(agree(zoo.seconds(fitted_without(device, row), row), number(row, "left_out_s"), 1e-6));
  return true;
}

/// Checks that the tables have the same latencies, each of which states its source.
void check_measurements(const std::string& measured_table, const std::string& predicted_table) {
  std::map<std::string, double> predicted;
  const auto key = [](const Fields& row) {
    const auto batch = row.find("batch");
    return row.at("device") + " " + row.at("model") + " " +
           (batch != row.end() ? batch->second : "1");
  };
  for (const Fields& row : read_table(predicted_table)) {
    predicted[key(row)] = number(row, "measured_s");
  }
  const std::vector<Fields> measured = read_table(measured_table);
  CHECK(measured.size() == predicted.size());
  for (const Fields& row : measured) {
    CAPTURE(key(row));
    CHECK(!row.at("source").empty());
    CHECK(agree(predicted[key(row)], number(row, "latency_ms") / 1e3, 1e-8));
  }
}

/// Checks that the calibration states these errors.
void check_errors(const std::optional<cost::Calibration>& calibration,
                  const std::vector<double>& errors) {
  REQUIRE(calibration);
  CHECK(calibration->models == static_cast<int>(errors.size()));
  constexpr double kDigit = 0.00051;  // Tenths of a percent.
  CHECK(std::abs(calibration->median_error.value() - median(errors)) < kDigit);
  CHECK(std::abs(calibration->worst_error.value() -
                 *std::max_element(errors.begin(), errors.end())) < kDigit);
}

}  // namespace

TEST_CASE("calibration: the cost model gives each prediction of the fit") {
  const Catalogue catalogue = read_catalogue();
  Zoo zoo;
  int left_out = 0;
  for (const Fields& row : read_table("predicted.csv")) {
    left_out += check_predictions(zoo, catalogue.devices.at(row.at("device")), row) ? 1 : 0;
  }
  CHECK(left_out >= 260);
}

TEST_CASE("calibration: the cost model gives each prediction of the fit in int8") {
  const Catalogue catalogue = read_catalogue();
  Zoo zoo;
  int left_out = 0;
  for (const Fields& row : read_table("predicted_int8.csv")) {
    const cost::Device device = cost::in_precision(catalogue.devices.at(row.at("device")), "int8");
    left_out += check_predictions(zoo, device, row) ? 1 : 0;
  }
  CHECK(left_out >= 90);
}

TEST_CASE("calibration: each measured latency is in the fit") {
  check_measurements("measured.csv", "predicted.csv");
  check_measurements("measured_int8.csv", "predicted_int8.csv");
}

TEST_CASE("calibration: devices state the errors of networks that are not in the fit") {
  const auto errors = errors_by_device();
  for (const auto& [name, device] : read_catalogue().devices) {
    CAPTURE(name);
    if (name == "h100" || name == "stm32h7a3-int8") {
      continue;  // Fitted by itself: to an H100's latencies, or to MLPerf Tiny (mlperf_tiny_test).
    }
    if (!errors.contains(name)) {
      CHECK((!device.calibration || !device.calibration->median_error));
      continue;
    }
    check_errors(device.calibration, errors.at(name));
  }
}

TEST_CASE("calibration: processors in int8 state their errors, which are below 35 %") {
  const Catalogue catalogue = read_catalogue();
  std::vector<double> every;
  for (const auto& [name, off] : errors_by_device("predicted_int8.csv")) {
    CAPTURE(name);
    const cost::Device& device = catalogue.devices.at(name);
    check_errors(cost::in_precision(device, "int8").calibration, off);
    CHECK(median(off) <= 0.35);
    every.insert(every.end(), off.begin(), off.end());
  }
  CHECK(every.size() >= 90);
  CHECK(median(every) <= 0.15);
}

TEST_CASE("calibration: devices under ncnn are within 15 % (CPUs) and 20 % (GPUs), in the median") {
  std::map<std::string, std::string> units;
  for (const Fields& row : read_table("measured.csv")) {
    units[row.at("device")] = row.at("unit");
  }
  std::map<std::string, std::vector<double>> errors;
  std::map<std::string, std::vector<double>> cpu_ratios;  // By network.
  for (const Fields& row : read_table("predicted.csv")) {
    if (row.at("left_out_s").empty()) {
      continue;
    }
    const std::string& unit = units.at(row.at("device"));
    errors[unit].push_back(error(row));
    if (unit == "cpu") {
      cpu_ratios[row.at("model")].push_back(number(row, "left_out_s") / number(row, "measured_s"));
    }
  }
  CHECK(errors.at("cpu").size() >= 150);
  CHECK(errors.at("gpu").size() >= 110);
  CHECK(median(errors.at("cpu")) <= 0.15);
  CHECK(median(errors.at("gpu")) <= 0.2);
  CHECK(cpu_ratios.size() == 10);
  for (const auto& [network, ratios] : cpu_ratios) {
    CAPTURE(network);
    CHECK(std::abs(median(ratios) - 1) <= 0.15);
  }
}

TEST_CASE("calibration: half of the devices are within 15 % on networks not in the fit") {
  std::vector<double> medians;
  for (const auto& [name, off] : errors_by_device()) {
    medians.push_back(median(off));
  }
  CHECK(medians.size() >= 25);
  CHECK(median(medians) <= 0.15);
}

TEST_CASE("calibration: batches of server GPUs are within 7 % of the measured times") {
  int rows = 0;
  for (const Fields& row : read_table("predicted.csv")) {
    if (row.at("device").starts_with("t4") || row.at("device") == "v100" ||
        row.at("device") == "v100-amp") {
      CAPTURE(row.at("device"));
      CAPTURE(row.at("batch"));
      ++rows;
      CHECK(agree(number(row, "predicted_s"), number(row, "measured_s"), 0.07));
    }
  }
  CHECK(rows == 36);
}

TEST_CASE("calibration: on a Coral, weights beyond its memory take the time of their link") {
  // VGG16 has 138.4 MB of weights there, MobileNetV2 3.5 MB.
  const cost::Device coral = read_catalogue().devices.at("coral-usb");
  Zoo zoo;
  const double small = zoo.seconds(coral, {{"model", "mobilenet-v2"}, {"batch", "1"}});
  const double large = zoo.seconds(coral, {{"model", "vgg16"}, {"batch", "1"}});
  CHECK(agree(small, 2.6e-3, 0.1));
  CHECK(agree(large, 296e-3, 0.1));
  CHECK(large > (138.3e6 - 8e6) / coral.on_chip.value().link.si());
}

}  // namespace offcut::scenario::calibration_test
