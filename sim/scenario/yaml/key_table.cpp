#include "sim/scenario/yaml/key_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::scenario {

Bounds finite(Bounds bounds, Dimension dimension) {
  // Numbers; seconds, bytes, operations, joules; per second: 1, bytes, operations; watts;
  // metres, and metres per second.
  constexpr double kMost[] = {0x1p53, 1e9, 1e18, 1e21, 1e15, 1e12, 1e21, 1e21, 1e9, 1e7, 1e3};
  bounds.most = std::min(bounds.most, kMost[static_cast<std::size_t>(dimension)]);
  return bounds;
}

std::string bounds_text(Bounds bounds, Dimension dimension) {
  if (bounds.least == bounds.most) {
    return to_text(bounds.least, dimension);
  }
  if (bounds.most >= 1e300) {
    return fmt::format("at least {}", to_text(bounds.least, dimension));
  }
  return fmt::format("between {} and {}", to_text(bounds.least, dimension),
                     to_text(bounds.most, dimension));
}

const KeySpec* KeyTable::find(std::string_view key) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeySpec& spec) {
    return spec.name == key || spec.is_placeholder();
  });
  return found != keys.end() ? &*found : more != nullptr ? more->find(key) : nullptr;
}

std::vector<std::string> split_list(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
  }
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(", "), text.size());
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return all;
}

}  // namespace offcut::scenario
