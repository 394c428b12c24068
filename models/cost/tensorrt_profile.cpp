// Parses the output of trtexec --exportProfile: [{"count": runs}, {"name": ..., "timeMs": of all
// runs, "averageMs": ..., "medianMs": ..., "percentage": ...}, ...]; older versions have no median.

#include <fmt/format.h>

#include "models/base/error.h"
#include "models/cost/foreign_profile.h"
#include "models/cost/json_text.h"

namespace offcut::cost {

std::vector<ForeignEntry> parse_tensorrt(const std::string& path, const std::string& text) {
  constexpr double kMillisecond = 1e-3;
  const nlohmann::json layers = parse_json_array(path, text);
  std::vector<ForeignEntry> entries;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const nlohmann::json& layer = layers[i];
    if (!layer.is_object() || !layer.contains("name")) {
      continue;  // This is the count of runs.
    }
    const auto time = layer.find(layer.contains("medianMs") ? "medianMs" : "averageMs");
    if (!layer["name"].is_string() || time == layer.end() || !time->is_number() ||
        time->get<double>() < 0) {
      throw InputError({path}, fmt::format("entry {}: expected a name and a time ('averageMs') of "
                                           "at least 0",
                                           i + 1));
    }
    entries.push_back(
        {.name = layer["name"].get<std::string>(), .seconds = time->get<double>() * kMillisecond});
  }
  return entries;
}

}  // namespace offcut::cost
