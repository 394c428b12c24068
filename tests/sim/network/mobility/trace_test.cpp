#include <doctest/doctest.h>

#include "../../../temporary_folder.h"
#include "kinds.h"

namespace offcut::network::trace_test {
namespace {

std::unique_ptr<Movement> trace(const std::string& text) {
  const TemporaryFolder folder;
  MobilityInput input{.groups = one_group(3, 2)};
  input.parameters.set("file", folder.write("moves.csv", text));
  return make_movement("trace", input);
}

/// Returns the errors without the file's path.
std::string errors(const std::string& text) {
  try {
    trace(text);
  } catch (const InputError& error) {
    std::string all;
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      all += std::to_string(diagnostic.place.line) + ":" + std::to_string(diagnostic.place.column) +
             " " + diagnostic.message + "\n";
    }
    return all;
  }
  return "";
}

}  // namespace

TEST_CASE("trace of moves: columns in any order") {
  const auto movement = trace("device,site,time_s\n2,1,0.5\n0,1,1\n2,0,1\n");
  const std::vector<Move> last = moves_until(*movement, 2, 10);
  REQUIRE(last.size() == 2);
  CHECK(last[0].time == Seconds(0.5));
  CHECK(last[0].place == 1);
  CHECK(last[1].place == 0);
  CHECK(movement->walk(1, 1) == nullptr);
}

TEST_CASE("trace of moves: all errors are reported with line and column") {
  CHECK(errors("time_s,device,site\n2,0,1\n1,0,1\n3,3,1\n3,0,2\nx,0,1\n") ==
        "3:1 time_s: 1 is before the row above (2); expected rows in order of time\n"
        "4:3 device: 3 is not in the scenario, whose last device is 2\n"
        "5:5 site 2 does not exist: expected 0 to 1\n"
        "6:1 time_s: expected a number from 0 to 1000000000, got 'x'\n");
  CHECK(errors("time_s,device,site\n").find("has no moves") != std::string::npos);
  CHECK(errors("time_s,device\n1,2\n").find("site") != std::string::npos);
}

}  // namespace offcut::network::trace_test
