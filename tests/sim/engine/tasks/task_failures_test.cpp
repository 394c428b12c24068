// Tasks that fail, the waits of directors for what is down, batteries, radios, handovers, and the
// ends of runs.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "script.h"
#include "sim/network/listed_moves.h"

namespace offcut::engine::task_failures_test {
namespace {

const Computation kAtEdge{.level = 1, .service = Seconds(5)};
const Message kUp{.bytes = Bytes(5)};

/// Lets a task that is lost follow the one before, once its machine is up.
void again(Script& s) {
  s.note(s.tasks().is_up(0, 1) ? "up" : "down");
  s.when_up(0, 1, [](Script& up) { up.compute("again", kAtEdge); });
}

}  // namespace

TEST_CASE("tasks: a machine that goes down loses those that it computes and that wait") {
  Simulation simulation = idle_system(1);
  simulation.tiers[1].faults.outages = {{0, Seconds(3), Seconds(7)}};
  const Script::Then first = [](Script& s) {
    s.compute("a", kAtEdge, again);
    s.compute("b", kAtEdge);
    s.at(4, [](Script& at) { at.compute("c", kAtEdge); });
  };
  check_both(simulation, first, "a x0-3, down, b x3-3, c x4-4, again 7-12");
  const RunRecord run = play(simulation, first).run;
  CHECK(run.tasks.handed_out == 4);
  CHECK(run.tasks.lost == 3);
  CHECK(run.tasks.done == 1);
  CHECK(run.tiers[1].lost == 0);  // No requests.
  CHECK(run.tiers[1].busy.si() == about(3 + 5));
  simulation.tiers[1].scheduling.queue = choose(scheduling::queues(), "processor-sharing");
  check_both(simulation, first, "a x0-3, down, b x0-3, c x4-4, again 7-12");
}

TEST_CASE("tasks: a link that goes down loses the message on it, and one that finds it down") {
  Simulation simulation = idle_system(1);
  simulation.hops[0].faults.outages = {{0, Seconds(3), Seconds(7)}};
  const Script::Then first = [](Script& s) {
    s.send("a", kUp, [](Script& lost) {
      lost.note(lost.tasks().is_way_up(0, 0) ? "up" : "down");
      lost.when_way_up(0, 0, [](Script& up) { up.send("again", kUp); });
    });
    s.send("b", kUp);
    s.when_way_up(0, 0, [](Script& up) { up.note("now"); });
  };
  check_both(simulation, first, "now, a x0-3, down, b x3-3, again 7-12");
  const RunRecord run = play(simulation, first).run;
  CHECK(run.hops[0].up == Bytes(5));
  CHECK(run.hops[0].up_traffic.in_part.si() == about(3));
  CHECK(run.hops[0].up_lost == 1);
}

TEST_CASE("tasks: a director that waits for what is down for good has ended") {
  Simulation simulation = idle_system(1);
  simulation.tiers[1].faults.outages = {{0, Seconds(3), kNever}};
  simulation.hops[0].faults.exponential = network::Faults::Exponential{Seconds(1), Seconds(1)};
  const Schedule endless({0}, 1);
  for (const bool has_requests : {false, true}) {
    if (has_requests) {
      add_class(simulation, asks(endless, {0.1}));
    }
    const Played played = play(simulation, [](Script& s) { s.compute("a", kAtEdge, again); });
    CHECK(played.text == "a x0-3, down");
    CHECK(played.run.duration.si() == about(3));
  }
}

TEST_CASE("tasks: a device without power loses its tasks wherever they are") {
  Simulation simulation = idle_system(2);
  simulation.tiers[0].power = {.idle = Watts(1), .busy = Watts(2)};
  simulation.tiers[0].battery = Battery{.capacity = Joules(10)};
  const Script::Then first = [](Script& s) {
    // 2 W for 4 s, 1 W for 2 s.
    s.compute("a", {.service = Seconds(4)});
    s.compute("b", {.level = 1, .service = Seconds(20)}, [](Script& lost) {
      lost.note(fmt::format("{} {} {}", lost.tasks().is_up(0, 0), lost.tasks().is_up(0, 1),
                            lost.tasks().is_way_up(0, 0)));
      lost.when_up(0, 1, [](Script& up) { up.note("never"); });
      lost.send("d", kUp);
    });
    s.send("c", {.bytes = Bytes(20)});
    s.send("waits", kUp);
    s.compute("of another", {.device = 1, .level = 1, .service = Seconds(1)});
  };
  Played played = play(simulation, first);
  // Messages and computations of the empty device are lost at 6, d when it is handed out. The
  // server computes b until 20 for nothing; the other device is empty at 10.
  CHECK(played.text ==
        "a 0-4, b x0-6, false false false, c x0-6, waits x6-6, d x6-6, of another x10-10");
  CHECK(played.run.tasks.lost == 5);
  CHECK(played.run.duration.si() == about(10));
}

TEST_CASE("tasks: the energy of a device is that of its machine and its radio") {
  Simulation simulation = idle_system(2);
  simulation.tiers[0].power = {.idle = Watts(1), .busy = Watts(3), .pue = 1};
  simulation.hops[0].radio = cost::Radio{.up = cost::JoulesPerByte(0.125),
                                         .down = cost::JoulesPerByte(0.0625),
                                         .base = Watts(0.25),
                                         .promotion = {Seconds(2), Watts(1)},
                                         .tails = {{Seconds(3), Watts(0.5)}}};
  const Script::Then first = [](Script& s) {
    s.send("a", {.bytes = Bytes(4)});
    s.compute("b", {.device = 1, .service = Seconds(4)});
    s.at(20, [](Script& at) { at.send("down", {.up = false, .bytes = Bytes(8)}); });
    s.at(40, [](Script& at) { at.note(fmt::format("{:.9g}", at.tasks().energy_of(0).si())); });
    s.at_the_end = [](Script& at) {
      at.note(
          fmt::format("{:.9g} {:.9g}", at.tasks().energy_of(0).si(), at.tasks().energy_of(1).si()));
    };
  };
  // Promoted until 2, on the air until 6: 40 J idle, 2 J, 1 J and 0.5 J, and 1.5 J of tail; then
  // 2 J, 0.5 J and another tail.
  const double all = 40 + 2 + 1 + 0.5 + 1.5 + 2 + 0.5 + 1.5;
  check_both(simulation, first, fmt::format("b 0-4, a 2-6, down 20-28, {0:.9g}, {0:.9g} 48", all));
  const RunRecord run = play(simulation, first).run;
  double sum = 0;
  for (const EnergyState& state : run.energy) {
    sum += state.tier == 0 ? state.energy.si() : 0;
  }
  CHECK(sum == about(all + 48));
  // A battery counts the same.
  simulation.tiers[0].battery = Battery{.capacity = Joules(1000)};
  check_both(simulation, first, fmt::format("b 0-4, a 2-6, down 20-28, {0:.9g}, {0:.9g} 48", all));
  simulation.tiers[0].battery.reset();
  simulation.tiers[0].power = {};
  CHECK(play(simulation, first).text == "b 0-4, a 2-6, down 20-28, 0, 0 0");
}

TEST_CASE("tasks: a handover sends a message again, and may drop it") {
  for (const auto under_way : {Mobility::UnderWay::follow, Mobility::UnderWay::drop}) {
    Simulation simulation = idle_system(1, {.servers = 2, .sites = 2});
    const auto movement = std::make_shared<network::ListedMoves>();
    movement->add(0, {Seconds(3), 1});
    simulation.mobility =
        Mobility{.movement = movement, .interruption = Seconds(2), .under_way = under_way};
    const Script::Then first = [](Script& s) {
      s.note(fmt::format("site {}", s.tasks().site_of(0, 1)));
      s.send("a", kUp,
             [](Script& then) { then.note(fmt::format("site {}", then.tasks().site_of(0, 1))); });
      s.compute("b", {.level = 1, .service = Seconds(2)});
    };
    CHECK(play(simulation, first).text == (under_way == Mobility::UnderWay::follow
                                               ? "site 0, b 0-2, a 5-10, site 1"
                                               : "site 0, b 0-2, a x0-3, site 0"));
  }
}

TEST_CASE("tasks: ends of runs") {
  const Times arrivals{{0, 10}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {4})});
  const Script::Then first = [](Script& s) {
    s.compute("a", {.service = Seconds(3)}, [](Script& then) {
      then.compute("b", {.service = Seconds(100)});
      then.at(12, [](Script& at) { at.tasks().end(); });
    });
  };
  const auto figures = [&](Stop stop) {
    simulation.stop = stop;
    const Played played = play(simulation, first);
    const RunRecord& run = played.run;
    return fmt::format("{}; {:.9g} s, {} and {} of {}, {} of {}", played.text, run.duration.si(),
                       run.completed, run.in_flight, run.arrived, run.tasks.unfinished,
                       run.tasks.handed_out);
  };
  CHECK(figures({}) == "a 0-3; 12 s, 1 and 1 of 2, 1 of 2");
  CHECK(figures({.after = Seconds(2)}) == "; 2 s, 0 and 1 of 1, 1 of 1");
  CHECK(figures({.after = Seconds(200)}) == "a 0-3, b 3-103; 200 s, 2 and 0 of 2, 0 of 2");
  CHECK(figures({.requests = 1}) == "a 0-3; 4 s, 1 and 0 of 1, 1 of 2");
  // The requests run out at 14, after the end of the director, and before that of b.
  CHECK(figures({.requests = 5}) == "a 0-3; 14 s, 2 and 0 of 2, 1 of 2");
  // Nothing calls the director any more: it has ended.
  simulation.stop = {};
  CHECK(play(simulation, [](Script&) {}).run.duration == Seconds(0));
  // Without a director, a run without a Stop is refused.
  CHECK_THROWS_AS(simulate(simulation, {}), std::invalid_argument);
}

TEST_CASE("tasks: those that can't be are refused") {
  const auto refused = [](const Script::Then& hands_out) {
    const Played played = play(idle_system(1), [&](Script& s) {
      try {
        hands_out(s);
      } catch (const std::exception& error) {
        s.note(error.what());
      }
    });
    CHECK(played.run.tasks.handed_out == 0);
    return played.text;
  };
  const std::string prefix = "a director's task is invalid: ";
  CHECK(refused([](Script& s) { s.compute("a", {.device = 1}); }) ==
        prefix + "there is no such device");
  CHECK(refused([](Script& s) { s.compute("a", {.level = 2}); }) ==
        prefix + "there is no such tier");
  CHECK(refused([](Script& s) { s.send("a", {.hop = 1}); }) == prefix + "there is no such hop");
  CHECK(refused([](Script& s) { s.compute("a", {.service = Seconds(-1)}); }) ==
        prefix + "a time and the size of a model must be finite and not negative");
  CHECK(refused([](Script& s) {
          s.tasks().end();
          s.send("a", kUp);
        }) == "a director hands out a task after its end");
}

}  // namespace offcut::engine::task_failures_test
