#include "sim/experiment/memory_shortage.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "examples.h"

namespace offcut::experiment::memory_shortage_test {
namespace {

/// Returns kFleet, whose servers have this memory, and that memory for models.
Experiment fleet(const std::string& memory, const std::string& model_memory = "300 MB") {
  std::string text = kFleet;
  text.replace(text.find("model-memory: 300 MB"), 20,
               "memory: " + memory + ", model-memory: " + model_memory);
  return experiment_of(text);
}

std::vector<MemoryShortage> shortages(const Experiment& experiment) {
  return memory_shortages(experiment, own_plans_of(experiment));
}

}  // namespace

TEST_CASE("memory shortage: the parameters of all models, and the largest working memory") {
  const Experiment experiment = fleet("100 MB");
  Bytes parameters(0), working(0);
  for (const PreparedModel& model : experiment.models) {  // All layers are on the edge.
    for (const partition::LayerMemory& layer : model.problem.memory) {
      parameters += layer.parameters;
      working = std::max(working, layer.working);
    }
  }
  const std::vector<MemoryShortage> found = shortages(experiment);
  REQUIRE(found.size() == 1);
  CHECK(found[0].tier == 1);
  CHECK(found[0].available == Bytes(100e6));
  CHECK(found[0].needed.si() == doctest::Approx((parameters + working).si()));
  CHECK(parameters > Bytes(244e6));  // AlexNet alone has 61.1 M parameters.
  CHECK(shortage_text(experiment, found[0]).starts_with("'edge' needs 24"));
}

TEST_CASE("memory shortage: models that are loaded in turn need no more than their memory") {
  // AlexNet's 60,965,224 parameters fit into 244 MB, and LeNet-5's 61,706 beside them do not.
  const Bytes both = shortages(fleet("100 MB"))[0].needed;
  const std::string memory = fmt::format("{:.0f} B", both.si() - 5e4);
  CHECK(shortages(fleet(memory)).size() == 1);
  CHECK(shortages(fleet(memory, "244 MB")).empty());
}

TEST_CASE("memory shortage: a device with enough memory, or with an unknown one, has none") {
  CHECK(shortages(fleet("1 GB")).empty());
  CHECK(shortages(experiment_of(kThreeTiers)).empty());
}

}  // namespace offcut::experiment::memory_shortage_test
