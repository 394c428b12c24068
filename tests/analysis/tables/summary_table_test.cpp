#include "analysis/tables/summary_table.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "../../temporary_folder.h"

namespace offcut::analysis::summary_table_test {

TEST_CASE("summary table: without a plan, there is a reason, and the figures are empty") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "summary.csv";
  scenario::Scenario scenario;
  scenario.name = "two";
  scenario.seed = 7;
  RunSummary run;
  run.algorithm = "edge-only";
  run.declined = "there is no edge";
  RunSummary wrong;
  wrong.algorithm = "mine";
  wrong.failed = "it threw an exception";
  TableWriter<SummaryRow> file(path, summary_table().columns);
  file.add({scenario, run});
  file.add({scenario, wrong});
  file.close();
  const std::string text = read_file(path);
  // Each has 3 columns, 15 empty ones, the outcome, 79 empty ones.
  CHECK(text.substr(text.find('\n') + 1) ==
        "two,7,edge-only," + std::string(15, ',') + "declined: there is no edge" +
            std::string(106, ',') + "\n" + "two,7,mine," + std::string(15, ',') +
            "failed: it threw an exception" + std::string(106, ',') + "\n");
}

TEST_CASE("summary table: drops by reason, without reasons that did not occur") {
  CHECK(drops_text({.drops = {{"edge rejects", 12}, {"edge failed", 0}, {"cloud failed", 3}}}) ==
        "edge rejects: 12; cloud failed: 3");
  CHECK(drops_text({.drops = {{"edge rejects", 0}}}).empty());
}

}  // namespace offcut::analysis::summary_table_test
