#include "analysis/tables/summary_table.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "../../temporary_folder.h"

namespace offcut::analysis {

TEST_CASE("summary table: an algorithm that declined has a reason and empty figures") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "summary.csv";
  scenario::Scenario scenario;
  scenario.name = "two";
  scenario.seed = 7;
  RunSummary run;
  run.algorithm = "edge-only";
  run.declined = "there is no edge";
  TableWriter<SummaryRow> file(path, summary_table().columns);
  file.add({scenario, run});
  file.close();
  const std::string text = read_file(path);
  const std::string row = text.substr(text.find('\n') + 1);
  // The row has 3 columns, 15 empty ones, the outcome, and 17 empty ones.
  CHECK(row == "two,7,edge-only," + std::string(15, ',') + "declined: there is no edge" +
                   std::string(17, ',') + "\n");
}

TEST_CASE("summary table: drops by reason, without reasons that did not occur") {
  CHECK(drops_text({.drops = {{"edge rejects", 12}, {"edge failed", 0}, {"cloud failed", 3}}}) ==
        "edge rejects: 12; cloud failed: 3");
  CHECK(drops_text({.drops = {{"edge rejects", 0}}}).empty());
}

}  // namespace offcut::analysis
