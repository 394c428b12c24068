#include <doctest/doctest.h>

#include "kinds.h"

namespace offcut::network::schedule_test {
namespace {

StatedMove stated(double time, std::size_t device, std::size_t place, int line) {
  return {Seconds(time),      device, place, {"s.yaml", line, 1}, {"s.yaml", line, 2},
          {"s.yaml", line, 3}};
}

}  // namespace

TEST_CASE("schedule: each device has its moves") {
  const auto movement = make_movement(
      "schedule", {.moves = {stated(0, 1, 2, 1), stated(5, 0, 1, 2), stated(5, 1, 0, 3)},
                   .groups = one_group(2, 3)});
  const std::vector<Move> second = moves_until(*movement, 1, 10);
  REQUIRE(second.size() == 2);
  CHECK(second[0].time == Seconds(0));
  CHECK(second[0].place == 2);
  CHECK(second[1].time == Seconds(5));
  CHECK(moves_until(*movement, 0, 10).size() == 1);
}

TEST_CASE("schedule: all errors are reported, each at its place") {
  const std::vector<MovingGroup> groups = {
      {.name = "phone", .first = 0, .devices = 2, .places = 3, .moves = true},
      {.name = "camera", .first = 2, .devices = 2, .places = 3, .moves = false}};
  std::string text;
  try {
    make_movement("schedule", {.moves = {stated(5, 0, 3, 1), stated(4, 2, 0, 2), stated(6, 4, 0, 3),
                                         stated(7, 1, 2, 4)},
                               .groups = groups});
  } catch (const InputError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      text += std::to_string(diagnostic.place.line) + ":" +
              std::to_string(diagnostic.place.column) + " " + diagnostic.message + "\n";
    }
  }
  CHECK(text ==
        "1:3 to: site 3 does not exist: expected 0 to 2\n"
        "2:1 at: 4 s is before the move above (5 s); expected moves in order of time\n"
        "2:2 device: 2 belongs to the group 'camera', which does not move: expected 0 to 1, of "
        "'phone'\n"
        "3:2 device: 4 is not in the scenario, whose last device is 3\n");
}

}  // namespace offcut::network::schedule_test
