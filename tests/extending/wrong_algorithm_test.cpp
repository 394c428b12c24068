// Algorithms with errors in them, in the commands: `offcut plan` names each with its error, and all
// others answer as without it; a scenario that chooses one is refused before anything runs.

#include <doctest/doctest.h>

#include "models/base/error.h"
#include "sim/cli/commands.h"
#include "tests/extending/captured_output.h"
#include "tests/temporary_folder.h"

namespace offcut::cli::wrong_algorithm_test {
namespace {

using partition::Answer;
using partition::Assignment;
using partition::Problem;

/// An algorithm with an error, and what a report says of it.
struct Wrong {
  std::string name;
  partition::Proof proof;
  Answer (*solve)(const Problem&, const Parameters&);
  std::string error;
};

const std::vector<Wrong>& wrong_algorithms() {
  static const std::vector<Wrong> all = {
      {"a-bound", partition::Proof::bound,
       [](const Problem& problem, const Parameters&) -> Answer {
         return {Assignment(problem.layer_count(), 0), 1e9};
       },
       "its plan costs 7, less than its bound 1000000000"},
      {"a-figure", partition::Proof::none,
       [](const Problem& problem, const Parameters&) -> Answer {
         Answer answer = Assignment(problem.layer_count(), 0);
         answer.figures = {{"makespan", "s", std::string("soon")}};
         return answer;
       },
       ""},  // A text instead of a number: nothing that a plan could break on.
      {"a-length", partition::Proof::none,
       [](const Problem&, const Parameters&) -> Answer { return Assignment{0}; },
       "its plan places 1 layers, but the problem has 3"},
      {"a-parameter", partition::Proof::optimum,
       [](const Problem&, const Parameters& parameters) -> Answer {
         return Assignment(3, static_cast<std::size_t>(parameters.at("round")));
       },
       "it threw an exception: there is no parameter 'round' of type number"},
      {"a-tier", partition::Proof::none,
       [](const Problem&, const Parameters&) -> Answer {
         return Assignment{0, 1, 2};
       },
       "its plan puts layer 'c' on tier 2, but the last tier is 1"},
      {"a-way-back", partition::Proof::optimum,
       [](const Problem&, const Parameters&) -> Answer {
         return Assignment{0, 1, 0};
       },
       "its plan sends tensor 'b' back from 'cloud' to 'phone'"}};
  return all;
}

scenario::Registries registries_with(const std::vector<Wrong>& wrong) {
  scenario::Registries registries;
  for (const Wrong& algorithm : wrong) {
    registries.algorithms.add({.name = algorithm.name,
                               .doc = "wrong",
                               .citation = "this test",
                               .proof = algorithm.proof,
                               .solve = algorithm.solve});
  }
  return registries;
}

/// A folder with a layer table and a scenario whose plan is that of `algorithm`.
class ScenarioFolder {
 public:
  explicit ScenarioFolder(const std::string& algorithm) {
    folder_.write("net.csv",
                  "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
                  "image,,800,0,0,0,0\n"
                  "a,image,400,0,0,1,0.5\n"
                  "b,a,200,0,0,2,0.25\n"
                  "c,b,100,0,0,4,0.125\n");
    scenario_ =
        folder_.write("my.yaml",
                      "offcut: 1\n"
                      "stop: {requests: 5}\n"
                      "model: {layers: net.csv}\n"
                      "tiers: {phone: {is: column:phone}, cloud: {is: column:server}}\n"
                      "network: {phone-cloud: {up: 200 B/s, down: 400 B/s, latency: 0.25 s}}\n"
                      "plan: {algorithm: " +
                          algorithm +
                          ", compare: none}\n"
                          "workload: {arrivals: poisson, rate: 1 /s}\n");
  }

  const std::string& scenario() const { return scenario_; }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

 private:
  TemporaryFolder folder_;
  std::string scenario_;
};

struct Planned {
  std::string text;
  std::string layer_rows;  // plan.csv
  std::string rows;        // plans.csv
};

Planned planned_with(const std::vector<Wrong>& wrong) {
  const ScenarioFolder folder("brute-force");
  CapturedOutput output(folder.path("stdout"));
  const PlanOptions options{.scenario = folder.scenario(),
                            .out = folder.path("out"),
                            .explain = true,
                            .sensitivity = "up=0.1..100 kB/s"};
  const int code = plan(options, registries_with(wrong));
  const std::string text = output.text();
  CHECK(code == 0);
  return {text, read_file(folder.path("out") / "plan.csv"),
          read_file(folder.path("out") / "plans.csv")};
}

/// The lines from the first that starts with this on; all of them, if none does.
std::string from_line(const std::string& text, const std::string& start) {
  const std::size_t begin = text.find("\n" + start);
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

/// The only error of a command.
template <class Command>
Diagnostic error_of(Command command) {
  try {
    command();
  } catch (const InputError& error) {
    REQUIRE(error.diagnostics().size() == 1);
    return error.diagnostics().front();
  }
  return {};
}

}  // namespace

TEST_CASE("wrong algorithms: offcut plan names each with its error, and the others answer") {
  const Planned with = planned_with(wrong_algorithms());
  const Planned without = planned_with({});
  for (const Wrong& algorithm : wrong_algorithms()) {
    CAPTURE(algorithm.name);
    const bool has_plan = algorithm.error.empty();
    const std::string line = algorithm.name + " failed: " + algorithm.error + "\n";
    CHECK((has_plan || with.text.find("\n" + line) != std::string::npos));
    const std::string outcome = has_plan ? "planned" : "failed: " + algorithm.error;
    const std::string quote = outcome.find(',') == std::string::npos ? "" : "\"";
    CHECK(with.rows.find("\n" + algorithm.name + "," + quote + outcome + quote + ",") !=
          std::string::npos);
  }
  // The others' plans, layer by layer, and the studies, which ask for proven optima.
  CHECK(from_line(with.layer_rows, "brute-force,") ==
        from_line(without.layer_rows, "brute-force,"));
  REQUIRE(without.text.find("\nbest (by ") != std::string::npos);
  CHECK(from_line(with.text, "best (by ") == from_line(without.text, "best (by "));
}

TEST_CASE("wrong algorithms: the one that the scenario chooses is an error at its place") {
  const scenario::Registries registries = registries_with(wrong_algorithms());
  for (const Wrong& algorithm : wrong_algorithms()) {
    if (algorithm.error.empty()) {
      continue;
    }
    CAPTURE(algorithm.name);
    const ScenarioFolder folder(algorithm.name);
    Diagnostic expected;  // Filled in below, since GCC 12 warns falsely of braces around strings.
    expected.place = {folder.scenario(), 6, 19};
    expected.message = "plan.algorithm: '" + algorithm.name + "' failed: " + algorithm.error;
    CHECK(error_of([&] { validate({folder.scenario()}, {}, registries); }) == expected);
    CHECK(error_of([&] {
            run({.scenario = folder.scenario(), .out = folder.path("out")}, registries);
          }) == expected);
    CHECK(!std::filesystem::exists(folder.path("out")));
    CHECK(error_of([&] {
            plan({.scenario = folder.scenario(), .dot = folder.path("plan.dot")}, registries);
          }) == expected);
    CHECK(!std::filesystem::exists(folder.path("plan.dot")));
  }
}

}  // namespace offcut::cli::wrong_algorithm_test
