#include "sim/scenario/data_path.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"

namespace offcut::scenario::data_path_test {

TEST_CASE("data path: the program finds its own data") {
  CHECK(std::filesystem::exists(data_root() / "scenarios/catalogue/devices.yaml"));
  CHECK(std::filesystem::exists(data_root() / "models/data/digits"));
}

TEST_CASE("data path: beside the scenario first, then in offcut's own data") {
  const TemporaryFolder folder;
  const std::string scenario = folder.write("my.yaml", "");
  const std::string name = "models/data/digits/README.md";
  CHECK(find_file(name, scenario) == data_root() / name);
  std::filesystem::create_directories(folder.path() / "models/data/digits");
  folder.write(name, "mine");
  CHECK(find_file(name, scenario) == folder.path() / name);
  CHECK(find_file(scenario, "elsewhere/x.yaml") == scenario);  // An absolute path stays as it is.
  CHECK(!find_file("nowhere.csv", scenario));
}

}  // namespace offcut::scenario::data_path_test
