#pragma once

#include <string>

#include "sim/runtime/transport/link_probe.h"

namespace offcut::cli {

struct ProbeArguments {
  std::string address;  // Of the node to probe.
  std::string listen;   // Address at which to answer probes, in place of probing.
  std::string token;
  std::string time = "10 s";
  std::string out;  // File; empty: none.
};

/// Measures the link to a node and prints it, or answers the probes of others.
int probe(const ProbeArguments& arguments);

/// Returns a hop with the figures of a link, as the keys of network: HOP of a scenario (YAML). Its
/// comments have the spreads. `address` names the other end.
std::string hop_text(const runtime::LinkFigures& figures, const std::string& address);

}  // namespace offcut::cli
