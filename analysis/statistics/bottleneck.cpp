// The verdict on a run as a whole. A resource that waits for another one to deliver, such as a tier
// after a saturated link, has the lower offered load, so the highest load names the cause.

#include "analysis/statistics/bottleneck.h"

#include <algorithm>

#include "sim/engine/core/verdict.h"

namespace offcut::analysis {
namespace {

JudgedResource of_tier(const engine::TierUsage& tier) {
  const double capacity = tier.capacity.si();
  const double all =
      capacity > 0 ? (tier.offered + tier.loading + tier.warming).si() / capacity : 0;
  return {.name = tier.name,
          .verdict = tier.verdict,
          .load = engine::decisive_load(all, tier.worst, tier.saturated),
          .parts = tier.queues,
          .parts_saturated = tier.saturated,
          .most = tier.most_waiting,
          .left = tier.left,
          .stranded = tier.stranded,
          .tier = &tier};
}

JudgedResource of_links(const std::string& name, std::size_t links, const engine::LinkLoad& load,
                        const engine::Traffic& traffic, bool is_own) {
  return {.name = name,
          .verdict = load.verdict,
          .load = engine::decisive_load(load.offered_load(), load.worst, load.saturated),
          .parts = links,
          .parts_saturated = load.saturated,
          .most = load.most,
          .left = traffic.left,
          .stranded = is_own ? traffic.stranded : 0};
}

/// Returns tiers and the hops after them in their order, then direct hops.
std::vector<JudgedResource> all_resources(const engine::RunRecord& record) {
  std::vector<JudgedResource> all;
  for (std::size_t i = 0; i < std::max(record.tiers.size(), record.hops.size()); ++i) {
    if (i < record.tiers.size()) {
      all.push_back(of_tier(record.tiers[i]));
    }
    if (i < record.hops.size()) {
      const engine::HopUsage& hop = record.hops[i];
      all.push_back(of_links(hop.name + " up", hop.links, hop.up_load, hop.up_traffic, true));
      all.push_back(of_links(hop.name + " down", hop.links, hop.down_load, hop.down_traffic, true));
      all.push_back(
          of_links(hop.name + " site up", hop.site_links, hop.site_up_load, hop.up_traffic, false));
      all.push_back(of_links(hop.name + " site down", hop.site_links, hop.site_down_load,
                             hop.down_traffic, false));
    }
  }
  return all;
}

}  // namespace

std::vector<JudgedResource> saturated_resources(const engine::RunRecord& record) {
  std::vector<JudgedResource> saturated = all_resources(record);
  std::erase_if(saturated, [](const JudgedResource& resource) {
    return resource.verdict == engine::Verdict::stable;
  });
  std::stable_sort(
      saturated.begin(), saturated.end(),
      [](const JudgedResource& a, const JudgedResource& b) { return a.load > b.load; });
  return saturated;
}

engine::Verdict verdict(const engine::RunRecord& record) {
  engine::Verdict worst = engine::Verdict::stable;
  for (const JudgedResource& resource : all_resources(record)) {
    worst = std::max(worst, resource.verdict);
  }
  return worst;
}

std::optional<JudgedResource> bottleneck(const engine::RunRecord& record) {
  const std::vector<JudgedResource> saturated = saturated_resources(record);
  return saturated.empty() ? std::nullopt : std::optional(saturated.front());
}

const char* verdict_text(engine::Verdict verdict) {
  switch (verdict) {
    case engine::Verdict::stable:
      return "stable";
    case engine::Verdict::backlogged:
      return "backlogged";
    case engine::Verdict::overloaded:
      return "overloaded";
  }
  return "";
}

}  // namespace offcut::analysis
