#include "sim/experiment/weights.h"

#include <doctest/doctest.h>

#include "../scenario/messages.h"
#include "examples.h"

namespace offcut::experiment::weights_test {

TEST_CASE("weights: a model that does not fit into a tier's memory is an error") {
  std::string text = kFleet;
  text.replace(text.find("300 MB"), 6, "200 MB");
  const Experiment e = experiment_of(text);
  const std::vector<partition::Plan> plans = own_plans_of(e);
  CHECK(!memory_error(e.scenario, e.models[0], plans[0]));
  const auto diagnostic = memory_error(e.scenario, e.models[1], plans[1]);
  REQUIRE(diagnostic);
  CHECK(scenario::messages({*diagnostic}) ==
        scenario::Messages{
            "6:62 tiers.edge.model-memory: large under 'edge-only' has 244 MB of weights "
            "there, 200 MB are available"});
}

}  // namespace offcut::experiment::weights_test
