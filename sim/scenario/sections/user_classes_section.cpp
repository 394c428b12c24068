// Reads the users with other devices than those of the first tier, for planners that share a server
// among all users. Their devices and links have the keys of a tier's and of a hop's.

#include "sim/scenario/sections/user_classes_section.h"

#include "sim/scenario/sections/device_choice.h"
#include "sim/scenario/sections/network_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kUserClass[] = {
    {.name = "count",
     .kind = ValueKind::whole,
     .bounds = {1, 1000},
     .fallback = "1",
     .doc = "The number of users with this device.",
     .example = "count: 3"},
    {.name = "network",
     .below = &kHopChoiceKeys,
     .absent = "that of the first hop",
     .doc = "The link of their devices.",
     .example = "network: {is: lte}"},
};
constexpr KeyTable kUserClassKeys{
    .doc = "Users with a device of their own.", .keys = kUserClass, .more = &kDeviceChoiceKeys};
constexpr KeySpec kUserClasses[] = {
    {.name = "USERS",
     .below = &kUserClassKeys,
     .doc = "Users with another device than that of the first tier. The user chooses the name.",
     .example = "classes: {tablet: {is: jetson-nano, count: 2, network: {is: lte}}}"},
};

UserClassChoice read_user_class(MapReader& reader, const std::string& name,
                                const std::string& section, ReadSoFar& so_far) {
  UserClassChoice choice{.device = {{.name = name}, section}, .hop = {}};
  read_device_choice(reader, so_far, choice.device);
  if (!choice.device.precisions.empty()) {
    reader.error("precision", "expected one precision: only those of tiers are chosen");
  }
  choice.device.servers = reader.count("count");
  if (reader.has("network")) {
    MapReader link = reader.map("network");
    choice.hop = read_hop_choice(link, name, true, so_far);
    link.done();
  } else if (reader.raw("network"); !so_far.scenario.hops.empty()) {
    choice.hop = so_far.scenario.hops.front();
  }
  reader.done();
  return choice;
}

}  // namespace

constinit const KeyTable kUserClassesKeys{
    .doc =
        "Users with other devices, for the algorithm `iao`. A run simulates those of the first "
        "tier.",
    .keys = kUserClasses,
    .names_are_chosen = true};

void read_user_classes(MapReader& plan, ReadSoFar& so_far, PlanChoice& choice) {
  if (plan.raw("classes") == nullptr) {
    return;
  }
  if (!choice.codec.none()) {
    plan.error("classes", "with a codec, all users must have the same device");
  }
  MapReader classes = plan.map("classes");
  for (const std::string& name : classes.keys()) {
    MapReader reader = classes.map(name);
    choice.user_classes.push_back(read_user_class(reader, name, classes.path(), so_far));
  }
  if (classes.present() && choice.user_classes.empty()) {
    plan.error("classes", "expected at least one");
  }
}

}  // namespace offcut::scenario
