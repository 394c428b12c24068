#include "sim/scenario/edited_scenario.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "../../temporary_folder.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario::edited_scenario_test {
namespace {

constexpr const char* kScenario =
    "# A system.\n"
    "offcut: 1\n"
    "tiers:\n"
    "  device: {is: phone, count: 1}  # One line.\n"
    "  edge:\n"
    "    is: t4  # A server.\n"
    "    per-request: 1 ms\n"
    "\n"
    "# The links.\n"
    "network: {device-edge: {is: wifi, payload: 0.9}}\n"
    "model: {layers: layers.csv}\n";

std::string edited(const TemporaryFolder& folder, const std::vector<EditedKey>& keys,
                   const std::string& into = "") {
  folder.write("layers.csv", "x\n");
  const std::string path = folder.write("my.yaml", kScenario);
  YamlNode file = YamlNode::scalar(std::filesystem::path(path).parent_path() / "layers.csv");
  file.is_file = true;
  YamlNode resolved;
  resolved.add("layers", std::move(file));
  return edited_scenario(path, resolved, keys, std::filesystem::path(path).parent_path() / into);
}

TEST_CASE("without new values the text stays as it is") {
  const TemporaryFolder folder;
  CHECK(edited(folder, {}) == kScenario);
}

TEST_CASE("values are replaced in their lines, and new ones come last, with comments before them") {
  const TemporaryFolder folder;
  CHECK(edited(folder, {{"tiers", "edge", "per-request", "2 ms", "was 1 ms"},
                        {"tiers", "edge", "time-scale", "1.5", "fitted"}}) ==
        "# A system.\n"
        "offcut: 1\n"
        "tiers:\n"
        "  device: {is: phone, count: 1}  # One line.\n"
        "  edge:\n"
        "    is: t4  # A server.\n"
        "    # was 1 ms\n"
        "    per-request: 2 ms\n"
        "    # fitted\n"
        "    time-scale: 1.5\n"
        "\n"
        "# The links.\n"
        "network: {device-edge: {is: wifi, payload: 0.9}}\n"
        "model: {layers: layers.csv}\n");
}

TEST_CASE("entries and sections on one line become blocks") {
  const TemporaryFolder folder;
  CHECK(edited(folder, {{"tiers", "device", "time-scale", "1.5", "fitted"},
                        {"network", "device-edge", "payload", "0.95", "was 0.9"},
                        {"network", "device-edge", "burst", "3 kB", ""}}) ==
        "# A system.\n"
        "offcut: 1\n"
        "tiers:\n"
        "  device:\n"
        "    is: phone\n"
        "    count: 1\n"
        "    # fitted\n"
        "    time-scale: 1.5\n"
        "  edge:\n"
        "    is: t4  # A server.\n"
        "    per-request: 1 ms\n"
        "\n"
        "# The links.\n"
        "network:\n"
        "  device-edge:\n"
        "    is: wifi\n"
        "    # was 0.9\n"
        "    payload: 0.95\n"
        "    burst: 3 kB\n"
        "model: {layers: layers.csv}\n");
}

TEST_CASE("names of files lead there from another folder") {
  const TemporaryFolder folder;
  const std::string text = edited(folder, {}, "deep/er");
  CHECK(text.find("model: {layers: ../../layers.csv}\n") != std::string::npos);
}

}  // namespace
}  // namespace offcut::scenario::edited_scenario_test
