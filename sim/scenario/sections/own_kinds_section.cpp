#include "sim/scenario/sections/own_kinds_section.h"

#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

using AddKinds = void (*)(const YamlNode& map, Catalogue& catalogue,
                          std::vector<Diagnostic>& diagnostics);

/// Adds the entries of the node, or of the file that it names. Returns false if neither is a map.
bool add_kinds(MapReader& top, const std::string& key, const YamlNode& node, AddKinds add,
               ReadSoFar& so_far) {
  if (node.kind != YamlNode::Kind::scalar) {
    add(node, so_far.catalogue, so_far.diagnostics);
    return node.kind == YamlNode::Kind::map;
  }
  const std::string path = named_file(top, key, node.text, so_far.scenario.path);
  if (path.empty()) {
    return false;
  }
  try {
    add(read_yaml(path, so_far.diagnostics), so_far.catalogue, so_far.diagnostics);
    return true;
  } catch (const InputError& error) {
    so_far.add(error);
    return false;
  }
}

}  // namespace

void read_own_kinds(MapReader& top, ReadSoFar& so_far) {
  if (const YamlNode* devices = top.raw("devices")) {
    so_far.all_devices_known = add_kinds(top, "devices", *devices, add_devices, so_far);
  }
  if (const YamlNode* networks = top.raw("networks")) {
    so_far.all_networks_known = add_kinds(top, "networks", *networks, add_networks, so_far);
  }
}

}  // namespace offcut::scenario
