// Groups the catalogue's devices into families, and writes devices of a user's own. The families
// are those with which the catalogue's devices were fitted; their names stand in measured.csv.

#include "sim/scenario/device_families.h"

#include <fmt/format.h>

#include <fstream>
#include <string>

#include "models/base/csv_table.h"
#include "sim/scenario/data_path.h"

namespace offcut::scenario {
namespace {

constexpr std::size_t kLeastDevices = 2;

/// Returns the number with six digits, without the noise of the arithmetic that made it.
double tidy(double value) { return std::stod(fmt::format("{:.6g}", value)); }

YamlNode number_node(double value) {
  return YamlNode::scalar(to_text(tidy(value), Dimension::number));
}

template <class Q>
YamlNode quantity_node(Q value) {
  return YamlNode::scalar(to_text(Q(tidy(value.si()))));
}

/// A share of 1, with four digits.
YamlNode error_node(double error) {
  return YamlNode::scalar(fmt::format("{} %", std::stod(fmt::format("{:.4g}", 100 * error))));
}

YamlNode efficiency_node(const cost::Efficiency& efficiency) {
  YamlNode node{.kind = YamlNode::Kind::map};
  node.add("convolution", number_node(efficiency.convolution));
  node.add("convolution-3x3", number_node(efficiency.convolution_3x3));
  node.add("depthwise-convolution", number_node(efficiency.depthwise_convolution));
  node.add("dense", number_node(efficiency.dense));
  node.add("memory", number_node(efficiency.memory));
  const auto add_own = [&](const char* key, const std::optional<double>& share) {
    if (share) {
      node.add(key, number_node(*share));
    }
  };
  add_own("other-convolution", efficiency.other_convolution);
  add_own("grouped-convolution", efficiency.grouped_convolution);
  add_own("pooling", efficiency.pooling);
  add_own("local-normalization", efficiency.local_normalization);
  add_own("odd-dense", efficiency.odd_dense);
  add_own("normalization", efficiency.normalization);
  return node;
}

/// Adds the figures that describe the software's kernels, where they are not the usual ones.
void add_kernels(YamlNode& node, const cost::Device& device) {
  if (device.overheads.winograd) {
    node.add("overheads", {.kind = YamlNode::Kind::map})
        .add("winograd", quantity_node(*device.overheads.winograd));
  }
  if (device.narrow > 0) {
    node.add("narrow", number_node(device.narrow));
  }
  if (device.winograd_tile > 0) {
    node.add("winograd-tile", number_node(device.winograd_tile));
  }
  if (device.step.convolution > Seconds(0)) {
    YamlNode& step = node.add("step", {.kind = YamlNode::Kind::map});
    step.add("convolution", quantity_node(device.step.convolution));
    step.add("dense", quantity_node(device.step.dense));
  }
}

YamlNode calibration_node(const cost::Calibration& calibration) {
  YamlNode node{.kind = YamlNode::Kind::map};
  node.add("models", number_node(calibration.models));
  if (calibration.median_error) {
    node.add("median-error", error_node(*calibration.median_error));
    node.add("worst-error", error_node(*calibration.worst_error));
  }
  if (calibration.range) {
    node.add("range", range_node(*calibration.range));
  }
  return node;
}

YamlNode device_node(const cost::Device& device) {
  YamlNode node{.kind = YamlNode::Kind::map};
  node.add("about", YamlNode::scalar(device.about));
  node.add("peak", quantity_node(device.peak));
  node.add("memory-bandwidth", quantity_node(device.memory_bandwidth));
  node.add("memory", quantity_node(device.memory));
  node.add("efficiency", efficiency_node(device.efficiency));
  node.add("layer-overhead", quantity_node(device.layer_overhead));
  if (device.launch > Seconds(0)) {
    node.add("launch", quantity_node(device.launch));
  }
  add_kernels(node, device);
  if (device.calibration) {
    node.add("calibration", calibration_node(*device.calibration));
  }
  node.add("source", YamlNode::scalar(device.source));
  return node;
}

}  // namespace

YamlNode range_node(const cost::FittedRange& range) {
  YamlNode node{.kind = YamlNode::Kind::map};
  // In full: a rounded bound would leave out a network that the fit has seen.
  node.add("least-macs", YamlNode::scalar(to_text(range.least_macs, Dimension::number)));
  node.add("most-macs", YamlNode::scalar(to_text(range.most_macs, Dimension::number)));
  node.add("least-batch", number_node(static_cast<double>(range.least_batch)));
  node.add("most-batch", number_node(static_cast<double>(range.most_batch)));
  return node;
}

std::map<std::string, std::vector<cost::Device>> device_families(const Catalogue& catalogue) {
  const std::string path = (data_root() / "scenarios/catalogue/measured.csv").string();
  CsvTable table(path, "the measured latencies",
                 {.required = {"device", "unit"}, .ignores_others = true});
  std::map<std::string, std::map<std::string, cost::Device>> found;
  for (const CsvRow& row : table.rows()) {
    const auto device = catalogue.devices.find(table.field(row, "device"));
    if (device != catalogue.devices.end() && device->second.calibration) {
      found[table.field(row, "unit")].emplace(device->first, device->second);
    }
  }
  std::map<std::string, std::vector<cost::Device>> families;
  for (const auto& [name, devices] : found) {
    if (devices.size() >= kLeastDevices) {
      for (const auto& [device_name, device] : devices) {
        families[name].push_back(device);
      }
    }
  }
  return families;
}

void write_devices(const std::vector<cost::Device>& devices, const std::string& path) {
  YamlNode root{.kind = YamlNode::Kind::map};
  for (const cost::Device& device : devices) {
    root.add(device.name, device_node(device));
  }
  std::ofstream file(path, std::ios::binary);
  file << to_yaml(root);
  file.close();
  if (!file) {
    throw InputError({path}, "cannot be written");
  }
}

}  // namespace offcut::scenario
