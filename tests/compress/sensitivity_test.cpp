// The scan and the search, with a judge whose answers are known.

#include "models/compress/sensitivity.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "models/compress/size.h"
#include "tests/compress/networks.h"

namespace offcut::compress::sensitivity_test {
namespace {

/// Loses a hundredth for each tenth of conv1's weights that are 0, and a thousandth for fc4's.
double judged(const Graph& graph) {
  const auto zeros = [&](const std::string& name) {
    const std::vector<float> values = values_in(graph, name);
    return static_cast<double>(std::count(values.begin(), values.end(), 0.0F)) /
           static_cast<double>(values.size());
  };
  return 1 - 0.1 * zeros("conv1.weight") - 0.01 * zeros("fc4.weight");
}

const Material& material() {
  static const Material kMaterial{.libraries = all_libraries()};
  return kMaterial;
}

}  // namespace

TEST_CASE("sensitivity: a row per layer and level, with one layer changed at a time") {
  const Network network{.graph = lenet5()};
  const ChosenPass chosen = make_pass("magnitude:rate=0.5,layers=conv1,fc*", all_passes());
  const std::vector<SensitivityRow> rows = sensitivity(network, chosen, material(), judged);
  const std::vector<double> levels = levels_of(chosen);
  REQUIRE(rows.size() == 3 * levels.size());
  for (std::size_t i = 0; i < levels.size(); ++i) {
    CHECK(rows[i].layer == "conv1");
    CHECK(rows[i].level == levels[i]);
    CHECK(rows[i].accuracy == doctest::Approx(1 - 0.1 * levels[i]).epsilon(1e-3));
    CHECK(rows[levels.size() + i].accuracy == doctest::Approx(1 - 0.01 * levels[i]).epsilon(1e-4));
    CHECK(rows[2 * levels.size() + i].accuracy == 1);
    CHECK(rows[i].dense_bytes == 600);
    CHECK((i == 0 || rows[i].compact_bytes < rows[i - 1].compact_bytes));
  }
  CHECK(rows.front().setting == "rate=0.1");
  CHECK_THROWS_AS(levels_of(make_pass("clip:threshold=1", all_passes())), std::invalid_argument);
}

TEST_CASE("search: stays within the loss, and prunes what costs nothing to the end") {
  const Network network{.graph = lenet5()};
  const std::vector<ChosenPass> passes = {make_pass("magnitude:rate=0.5", all_passes())};
  for (const double most : {0.0, 0.005, 0.02, 0.2}) {
    CAPTURE(most);
    const Found found = smallest_within(network, passes, most, material(), judged);
    CHECK(found.accuracy >= 1 - most);
    CHECK(found.accuracy == judged(found.network.graph));
    const auto level = [&](const std::string& layer) {
      for (const SensitivityRow& row : found.choices) {
        if (row.layer == layer) {
          return row.level;
        }
      }
      return 0.0;
    };
    CHECK(level("fc5") == 0.98);
    CHECK(level("conv3") == 0.98);
    CHECK(level("fc4") == (most == 0 ? 0.0 : most == 0.005 ? 0.5 : 0.98));
    CHECK(level("conv1") == (most == 0.2 ? 0.98 : most == 0.02 ? 0.1 : 0.0));
    CHECK(size_of(found.network).compact_bytes() < size_of(network).compact_bytes() / 2);
  }
}

TEST_CASE("search: passes combine, in their order") {
  const Network network{.graph = lenet5()};
  const std::vector<ChosenPass> passes = {make_pass("magnitude:rate=0.5", all_passes()),
                                          make_pass("kmeans", all_passes())};
  const Found found = smallest_within(network, passes, 1, material(), judged);
  const std::vector<LayerSize> layers = layer_sizes(found.network);
  for (const LayerSize& layer : layers) {
    CHECK(layer.values <= 2);
    CHECK(layer.values >= 1);
  }
  CHECK(found.choices.size() == 10);
}

}  // namespace offcut::compress::sensitivity_test
