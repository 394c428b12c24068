// The command of the guide's page on algorithms, with the extension in the program as the page says:
// the scenario is that of the guide's first page, and each line of output on the page is printed.

#include <doctest/doctest.h>

#include <string_view>

#include "sim/cli/commands.h"
#include "tests/extending/captured_output.h"
#include "tests/paths.h"
#include "tests/temporary_folder.h"

namespace offcut::partition {
void register_device_share(Registry<Algorithm>& registry);
}  // namespace offcut::partition

namespace offcut::scheduling {
void register_sticky(Registry<DispatchKind>& registry);
}  // namespace offcut::scheduling

namespace offcut::cli::guide_test {
namespace {

/// The text of a page between two others, the first of which it must have.
std::string between(const std::string& page, std::string_view start, std::string_view end) {
  const std::size_t begin = page.find(start);
  REQUIRE(begin != std::string::npos);
  const std::size_t from = begin + start.size();
  return page.substr(from, page.find(end, from) - from);
}

std::string page(const std::string& name) { return read_file(source_path("docs/guide/" + name)); }

/// The lines of output below the command of the algorithm's page.
std::vector<std::string> promised_lines() {
  std::string lines =
      between(page("5-own-algorithm.md"), "share: 0.7, compare: [multi-tier]}'\n", "```");
  std::vector<std::string> found;
  for (std::size_t end = 0; (end = lines.find('\n')) != std::string::npos;
       lines.erase(0, end + 1)) {
    if (lines.compare(0, end, "...") != 0) {
      found.push_back(lines.substr(0, end));
    }
  }
  return found;
}

/// Runs the guide's first scenario with these settings and both extensions, and returns its output.
std::string printed_with(const std::vector<std::string>& settings) {
  scenario::Registries registries;
  partition::register_device_share(registries.algorithms);
  scheduling::register_sticky(registries.dispatch);
  const TemporaryFolder folder;
  const std::string scenario = folder.write(
      "first.yaml", between(page("1-first-scenario.md"), "my/first.yaml <<'EOF'\n", "EOF"));
  CapturedOutput output(folder.path() / "stdout");
  const int code = run({.scenario = scenario,
                        .out = folder.path() / "out",
                        .changes = {.set = settings}},
                       registries);
  CHECK(code == 0);
  return output.text();
}

}  // namespace

TEST_CASE("guide: the algorithm plans the first scenario as its page says") {
  const std::string printed =
      printed_with({"plan={algorithm: device-share, share: 0.7, compare: [multi-tier]}"});
  const std::vector<std::string> lines = promised_lines();
  REQUIRE(lines.size() >= 2);
  for (const std::string& line : lines) {
    INFO(line);
    CHECK(printed.find("\n" + line + "\n") != std::string::npos);
  }
}

TEST_CASE("guide: the dispatch rule serves the first scenario, named as its page says") {
  const std::string named =
      between(page("5-own-algorithm.md"), "name it in a scenario: `scheduling:\n", "`");
  CHECK(printed_with({"tiers.cloud.count=2", "scheduling=" + named}).find("\nmulti-tier: ") !=
        std::string::npos);
}

}  // namespace offcut::cli::guide_test
