// Parses a profile of ONNX Runtime: an array of events in the Chrome trace format. Events of
// category "Node" whose name ends in "_kernel_time" are kernel calls; `dur` is in whole
// microseconds.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "models/base/error.h"
#include "models/base/quantile.h"
#include "models/cost/foreign_profile.h"
#include "models/cost/json_text.h"

namespace offcut::cost {
namespace {

constexpr std::string_view kSuffix = "_kernel_time";
constexpr double kMicrosecond = 1e-6;

/// Sets the time to the mean of the middle half, and the spread to its width. With whole
/// microseconds, a median would be coarse, and a mean of all values would follow outliers. The
/// first run is a warm-up and counts only if it is alone.
void set_times(ForeignEntry& entry, std::vector<double> values) {
  if (values.size() > 1) {
    values.erase(values.begin());
  }
  const double low = quantile(values, 0.25);
  const double high = quantile(values, 0.75);
  double sum = 0;
  double count = 0;
  for (const double value : values) {
    if (value >= low && value <= high) {
      sum += value;
      ++count;
    }
  }
  entry.seconds = count > 0 ? sum / count : quantile(values, 0.5);
  entry.spread = high - low;
}

}  // namespace

std::vector<ForeignEntry> parse_onnx_runtime(const std::string& path, const std::string& text) {
  const nlohmann::json events = parse_json_array(path, text);
  std::vector<ForeignEntry> entries;
  std::map<std::pair<std::string, std::string>, std::size_t> index;  // Keyed by name and node.
  std::vector<std::vector<double>> durations;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const nlohmann::json& event = events[i];
    if (!event.is_object() || !event.contains("cat") || event["cat"] != "Node") {
      continue;
    }
    const auto name = event.find("name");
    const auto duration = event.find("dur");
    if (name == event.end() || !name->is_string() || duration == event.end() ||
        !duration->is_number() || duration->get<double>() < 0) {
      throw InputError({path}, fmt::format("event {}: expected a name and a duration ('dur') of "
                                           "at least 0",
                                           i + 1));
    }
    std::string node = name->get<std::string>();
    if (!node.ends_with(kSuffix)) {
      continue;  // These are the fences around kernels.
    }
    node.resize(node.size() - kSuffix.size());
    const nlohmann::json details =
        event.contains("args") ? event["args"] : nlohmann::json::object();
    const auto detail = [&](const char* key) {
      const auto found = details.find(key);
      return found != details.end() && found->is_string() ? found->get<std::string>() : "";
    };
    const auto [known, is_new] =
        index.emplace(std::pair(node, detail("node_index")), entries.size());
    if (is_new) {
      entries.push_back({.name = node, .op = detail("op_name")});
      durations.emplace_back();
    }
    durations[known->second].push_back(duration->get<double>() * kMicrosecond);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    set_times(entries[i], std::move(durations[i]));
  }
  return entries;
}

}  // namespace offcut::cost
