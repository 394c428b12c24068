#include "sim/scenario/sections/user_classes_section.h"

#include "sim/scenario/sections/device_choice.h"
#include "sim/scenario/sections/network_section.h"

namespace offcut::scenario {
namespace {

constexpr double kMostUsers = 1000;

UserClassChoice read_user_class(MapReader& reader, const std::string& name,
                                const std::string& section, ReadSoFar& so_far) {
  UserClassChoice choice{.device = {{.name = name}, section}, .hop = {}};
  read_device_choice(reader, so_far, choice.device);
  choice.device.servers =
      static_cast<std::size_t>(reader.integer("count", 1, {.least = 1, .most = kMostUsers}));
  if (reader.has("network")) {
    MapReader link = reader.map("network", true);
    choice.hop = read_hop_choice(link, name, so_far);
    link.done();
  } else if (reader.raw("network"); !so_far.scenario.hops.empty()) {
    choice.hop = so_far.scenario.hops.front();
  }
  reader.done();
  return choice;
}

}  // namespace

void read_user_classes(MapReader& plan, ReadSoFar& so_far, PlanChoice& choice) {
  if (plan.raw("classes") == nullptr) {
    return;
  }
  if (!choice.codec.none()) {
    plan.error("classes", "with a codec, all users must have the same device");
  }
  MapReader classes = plan.map("classes", false);
  for (const std::string& name : classes.keys()) {
    MapReader reader = classes.map(name, true);
    choice.user_classes.push_back(read_user_class(reader, name, classes.what(), so_far));
  }
  if (classes.present() && choice.user_classes.empty()) {
    plan.error("classes", "expected at least one");
  }
}

}  // namespace offcut::scenario
