// Prepares the maps of groups: a group has the keys of its tier that it does not have itself. A
// group that names its device takes no device from the tier.

#include "sim/scenario/sections/groups_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>

#include "models/base/readable.h"
#include "sim/scenario/sections/network_section.h"
#include "sim/scenario/sections/tiers_section.h"

namespace offcut::scenario {
namespace {

constexpr auto kDeviceKinds = std::to_array<std::string_view>({"is", "profile", "fitted"});

constexpr KeySpec kGroup[] = {
    {.name = "network",
     .below = &kHopKeys,
     .absent = "the hop of the tier in `network`",
     .doc = "First tier only. The links of the group's devices.",
     .example = "network: {is: lte}"},
    {.name = "at-sites",
     .kind = ValueKind::whole,
     .bounds = {0, kMostMachines},
     .lists = Lists::only,
     .absent = "`count`, divided equally",
     .doc = "Later tiers only. In place of `count`: the number of machines at each of the `sites`.",
     .example = "at-sites: [4, 1, 0]"},
};
constexpr KeyTable kGroupKeys{
    .doc = "Machines that are alike. The keys of the tier are the defaults of its groups.",
    .keys = kGroup,
    .more = &kMachineKeys};
constexpr KeySpec kGroups[] = {
    {.name = "GROUP",
     .below = &kGroupKeys,
     .doc = "A group of machines. The user chooses its name.",
     .example = "groups: {phone: {is: snapdragon-888, count: 150}}"},
};

bool has_device(const YamlNode& group) {
  return group.find("peak") != nullptr ||
         std::any_of(kDeviceKinds.begin(), kDeviceKinds.end(),
                     [&](std::string_view key) { return group.find(key) != nullptr; });
}

bool is_kind(std::string_view key) {
  return std::find(kDeviceKinds.begin(), kDeviceKinds.end(), key) != kDeviceKinds.end();
}

/// Returns whether the group takes the tier's value of the key.
bool takes(const YamlNode& group, const std::string& key) {
  const bool replaced = key == "count" && group.find("at-sites") != nullptr;
  return group.find(key) == nullptr && !replaced && !(is_kind(key) && has_device(group));
}

}  // namespace

constinit const KeyTable kGroupsKeys{
    .doc = "Groups of machines that are not alike.",
    .keys = kGroups,
    .names_are_chosen = true,
    .names_are_plain = true};

GroupMaps::GroupMaps(MapReader& tier, const std::vector<std::string>& own)
    : groups_(tier.map("groups")), names_(groups_.names("group")) {
  for (const std::string& name : names_) {
    merged_.push_back(*groups_.raw(name));
  }
  for (const std::string& key : tier.keys()) {
    if (kMachineKeys.find(key) == nullptr || std::find(own.begin(), own.end(), key) != own.end()) {
      continue;
    }
    const YamlNode& value = *tier.raw(key);
    bool is_taken = names_.empty();
    for (YamlNode& group : merged_) {
      if (group.kind != YamlNode::Kind::map) {
        is_taken = true;
      } else if (takes(group, key)) {
        group.add(key, value);
        is_taken = true;
      }
    }
    if (!is_taken) {
      tier.error(key, "each group has its own, so that nobody uses this default");
    }
  }
}

MapReader GroupMaps::reader(const std::string& name) {
  const auto place = std::find(names_.begin(), names_.end(), name) - names_.begin();
  return groups_.map_from(*std::next(merged_.begin(), place), name,
                          groups_.resolved().add(name, {.kind = YamlNode::Kind::map}));
}

void remove_repeated(std::vector<Diagnostic>& diagnostics, std::size_t first) {
  // Messages begin with the group's path, which differs.
  const auto text_of = [](const Diagnostic& diagnostic) {
    const std::size_t end = diagnostic.message.find(": ");
    return end == std::string::npos ? diagnostic.message : diagnostic.message.substr(end);
  };
  for (std::size_t i = first; i < diagnostics.size(); ++i) {
    const auto is_same = [&](const Diagnostic& other) {
      return other.place == diagnostics[i].place && text_of(other) == text_of(diagnostics[i]);
    };
    diagnostics.erase(std::remove_if(diagnostics.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                     diagnostics.end(), is_same),
                      diagnostics.end());
  }
}

std::size_t sum_of(const std::vector<std::size_t>& at_sites) {
  return std::accumulate(at_sites.begin(), at_sites.end(), std::size_t{0});
}

std::vector<std::size_t> read_at_sites(MapReader& group, std::size_t count, std::size_t sites) {
  const YamlNode* node = group.raw("at-sites");
  if (node == nullptr) {
    if (count % sites == 0) {
      return std::vector<std::size_t>(sites, count / sites);
    }
    group.error(
        "count",
        fmt::format("{} can't be divided equally among {}: expected a multiple, or 'at-sites' "
                    "with a number for each site",
                    counted(count, "machine"), counted(sites, "site")));
    return {};
  }
  if (group.has("count")) {
    group.error("at-sites", "give 'count' or 'at-sites', not both");
    return {};
  }
  std::vector<std::size_t> numbers;
  for (const YamlNode& item : node->items) {
    const char* end = item.text.data() + item.text.size();
    std::size_t number = 0;
    const auto [stop, error] = std::from_chars(item.text.data(), end, number);
    if (item.kind == YamlNode::Kind::scalar && stop == end && error == std::errc() &&
        static_cast<double>(number) <= kMostMachines) {
      numbers.push_back(number);
    }
  }
  if (node->kind != YamlNode::Kind::sequence || numbers.size() != node->items.size() ||
      numbers.size() != sites) {
    group.error("at-sites", fmt::format("expected a list of {}, one for each site",
                                        counted(sites, "whole number")));
    return {};
  }
  if (sum_of(numbers) == 0) {
    group.error("at-sites", "expected at least one machine");
    return {};
  }
  YamlNode list{.kind = YamlNode::Kind::sequence};
  for (const std::size_t number : numbers) {
    list.items.push_back(YamlNode::scalar(fmt::format("{}", number)));
  }
  group.resolved().add("at-sites", std::move(list));
  return numbers;
}

}  // namespace offcut::scenario
