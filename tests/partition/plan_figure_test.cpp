#include "partition/plan_figure.h"

#include <doctest/doctest.h>

namespace offcut::partition::plan_figure_test {

TEST_CASE("plan figure: the title ends in the unit, numbers have all their digits") {
  const PlanFigure makespan{"makespan", "s", 0.1 + 0.2};
  CHECK(makespan.title() == "makespan_s");
  CHECK(makespan.text() == "0.30000000000000004");
  const PlanFigure memory{"memory", "bytes", 1e6};
  CHECK(memory.title() == "memory_bytes");
  CHECK(memory.text() == "1000000");
  const PlanFigure layers{"sliced_layers", "", std::size_t{12}};
  CHECK(layers.title() == "sliced_layers");
  CHECK(layers.text() == "12");
}

TEST_CASE("plan figure: names, details and counts of several machines") {
  CHECK(PlanFigure{"jobs 1..4", "", "pool5"}.text() == "pool5");
  const PlanFigure share{"users 1..3", "", "pool5", {{std::size_t{2}, "units"}, {0.5, "leave"}}};
  CHECK(share.title() == "users 1..3");
  CHECK(share.text() == "pool5, 2 units, 0.5 leave");
  CHECK(PlanFigure{"conv1", "", CountEach{"channels", {4, 4, 2}}}.text() == "channels 4 4 2");
}

}  // namespace offcut::partition::plan_figure_test
