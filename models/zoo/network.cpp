// Builds networks whose image size or number of tokens the user chooses.
#include "models/zoo/network.h"

#include <fmt/format.h>

namespace offcut::zoo {

std::string binding_error(const Network& network, const std::map<std::string, std::int64_t>& bind) {
  if (bind.empty()) {
    return "";
  }
  if (!network.open) {
    return fmt::format("the network '{}' has no dimensions to bind", network.name);
  }
  const OpenDimension& open = *network.open;
  for (const auto& [name, extent] : bind) {
    if (name != open.name) {
      return fmt::format("the network '{}' has no dimension '{}' to bind; expected '{}'",
                         network.name, name, open.name);
    }
    if (extent < open.least || extent > open.most || extent % open.multiple != 0) {
      const std::string multiple =
          open.multiple == 1 ? "" : fmt::format(", a multiple of {}", open.multiple);
      return fmt::format("dimension '{}' is bound to {}; expected {} to {}{}", name, extent,
                         open.least, open.most, multiple);
    }
  }
  return "";
}

Graph build_network(const Network& network, const Registry<ops::Operator>& operators,
                    std::uint64_t seed, const std::map<std::string, std::int64_t>& bind) {
  return bind.empty() ? network.build(operators, seed)
                      : network.build_for(operators, seed, bind.begin()->second);
}

}  // namespace offcut::zoo
