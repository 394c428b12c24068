#include "analysis/tables/decision_log.h"

#include <fmt/format.h>

#include <iterator>

namespace offcut {
namespace {

std::string alternatives(const Decision& decision) {
  std::string text;
  for (std::size_t i = 0; i < decision.servers.size(); ++i) {
    const ServerState& server = decision.servers[i];
    fmt::format_to(std::back_inserter(text), "{}{}:", i > 0 ? " " : "", decision.first + i);
    if (server.is_up) {
      fmt::format_to(std::back_inserter(text), "{}/{}", server.waiting, server.running);
    } else {
      text += "down";
    }
  }
  return text;
}

}  // namespace

DecisionLog::DecisionLog(const std::string& path, const Simulation& simulation)
    : file_(path, {"time_s", "request", "class", "tier", "server", "admitted", "alternatives"}),
      simulation_(simulation) {}

void DecisionLog::add(const Decision& decision) {
  file_.number(decision.time)
      .integer(decision.request)
      .text(simulation_.classes[decision.request_class].name)
      .text(simulation_.tiers[decision.tier].name)
      .integer(static_cast<std::int64_t>(decision.first + decision.chosen))
      .integer(decision.admitted ? 1 : 0)
      .text(alternatives(decision))
      .end_row();
}

}  // namespace offcut
