// Tasks of directors whose times follow from closed forms: in queues, on links, beside requests.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "script.h"
#include "sim/engine/tasks/task_work.h"
#include "sim/network/rates/stepped.h"

namespace offcut::engine::tasks_test {
namespace {

constexpr Bytes kThree{3};

}  // namespace

TEST_CASE("tasks: a message alone takes its bytes and the latency, as idle_time says") {
  Simulation simulation = idle_system(1);
  simulation.hops[0].hop = hop(2, 4, 0.25);
  simulation.hops[0].hop.per_message = Seconds(0.5);
  const Script::Then first = [](Script& s) {
    const Message up{.bytes = kThree}, down{.up = false, .bytes = kThree};
    s.note(fmt::format("{} {}", s.tasks().idle_time(up).si(), s.tasks().idle_time(down).si()));
    s.send("up", up, [down](Script& then) { then.send("down", down); });
  };
  check_both(simulation, first, "2.25 1.5, up 0-2.25, down 2.25-3.75");
  const RunRecord run = play(simulation, first).run;
  CHECK(run.duration.si() == about(3.75));
  CHECK(run.tasks.handed_out == 2);
  CHECK(run.tasks.done == 2);
  CHECK(run.hops[0].up == kThree);
  CHECK(run.hops[0].up_traffic.task_bytes == kThree);
  CHECK(run.hops[0].down_traffic.task_messages == 1);
  CHECK(run.classes.empty());
}

TEST_CASE("tasks: idle_time counts windows of TCP, uplinks and parts of bytes") {
  Simulation simulation = idle_system(2);
  Link& link = simulation.hops[0];
  link.hop = hop(1e6, 1e6, 0.1);
  link.hop.payload = 0.5;
  link.site = Link::Uplink{
      .devices = 2, .up = BytesPerSecond(4e5), .down = BytesPerSecond(4e5), .payload = 0.5};
  const Script::Then first = [](Script& s) {
    const Message message{.device = 1, .bytes = Bytes(99'999.5)};
    s.note(fmt::format("{:.9g}", s.tasks().idle_time(message).si()));
    s.send("a", message);
  };
  check_both(simulation, first, "0.6, a 0-0.6");
  // Windows of 1 and 2 segments at 5e5 B/s, of which each fills 0.2 s from its first byte on.
  link.site.reset();
  link.hop.tcp = partition::Tcp{.initial_window = 1};
  const Script::Then sends = [](Script& s) {
    const Message message{.device = 1, .bytes = Bytes(4 * 1448)};
    s.note(fmt::format("{:.9g}", s.tasks().idle_time(message).si()));
    s.send("a", message);
  };
  const double last = 0.2 + 0.2 + 1448 / 5e5 + 0.1;
  check_both(simulation, sends, fmt::format("{0:.9g}, a 0-{0:.9g}", last));
}

TEST_CASE("tasks: messages share a link, and wait in the line of their device") {
  const Script::Then first = [](Script& s) {
    s.send("a", {.device = 0, .bytes = kThree});
    s.send("b", {.device = 1, .bytes = kThree});
    s.send("c", {.device = 1, .bytes = Bytes(1)});
  };
  Simulation simulation = idle_system(2);
  check_both(simulation, first, "a 0-3, b 0-3, c 3-4");
  simulation.hops[0].shared = true;
  check_both(simulation, first, "a 0-6, b 0-6, c 6-7");
  // One that comes at 1, when 0.5 B of b have left: b and the new one have half of the link.
  const Script::Then later = [](Script& s) {
    s.send("b", {.device = 1, .bytes = kThree});
    s.at(1, [](Script& then) { then.send("a", {.device = 0, .bytes = Bytes(1)}); });
  };
  check_both(simulation, later, "a 1-3, b 0-4");
}

TEST_CASE("tasks: a message meets those of requests in the line and on a shared link") {
  const Times arrivals{{0}, {}};
  Simulation simulation = system_of(2, {}, {asks(arrivals, {1}, 3)});
  simulation.stop = {};
  const Script::Then first = [](Script& s) {
    s.send("a", {.device = 0, .bytes = Bytes(2)});
    s.send("b", {.device = 1, .bytes = Bytes(2)});
  };
  check_both(simulation, first, "b 0-2, a 3-5");
  const Script::Then second = [](Script& s) {
    s.at(1, [first = &s](Script&) { first->send("a", {.device = 0, .bytes = Bytes(2)}); });
  };
  check_both(simulation, second, "a 3-5");
}

TEST_CASE("tasks: computations wait in the queue of their machine, with requests") {
  // The first task keeps the core until 2, a request that comes at 1 until 5, the next task
  // until 6.
  const Times arrivals{{1}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {3})});
  simulation.stop = {};
  const Script::Then first = [](Script& s) {
    s.compute("a", {.level = 1, .service = Seconds(2)});
    s.at(1.5, [](Script& then) {
      then.compute("b", {.level = 1, .service = Seconds(1)});
      then.compute("c", {.level = 0, .service = Seconds(1)});
    });
  };
  check_both(simulation, first, "a 0-2, c 1.5-2.5, b 5-6");
  const RunRecord run = play(simulation, first).run;
  CHECK(run.completed == 1);
  const TierUsage& edge = run.tiers[1];
  CHECK(edge.busy.si() == about(6));
  CHECK(edge.served == 1);
  CHECK(edge.batches == 1);
  CHECK(edge.waited.si() == about(1));
  CHECK(edge.tasks == 2);
  CHECK(edge.task_work.si() == about(3));
  CHECK(run.tiers[0].tasks == 1);
  CHECK(run.classes.size() == 1);
  // The shortest one first: the task of 1 s overtakes the request.
  simulation.tiers[1].scheduling.queue = choose(scheduling::queues(), "sjf");
  check_both(simulation, first, "a 0-2, c 1.5-2.5, b 2-3");
}

TEST_CASE("tasks: processor sharing divides the cores") {
  // Two tasks share the core until the short one has had its second at 2; the request comes at 2.
  const Times arrivals{{2}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1})});
  simulation.stop = {};
  simulation.tiers[1].scheduling.queue = choose(scheduling::queues(), "processor-sharing");
  const Script::Then first = [](Script& s) {
    s.compute("a", {.level = 1, .service = Seconds(3)});
    s.compute("b", {.level = 1, .service = Seconds(1)});
  };
  check_both(simulation, first, "b 0-2, a 0-5");
  CHECK(play(simulation, first).run.tiers[1].task_work.si() == about(4));
}

TEST_CASE("tasks: batches have no tasks, and admission rejects none") {
  const Times arrivals{{0, 0, 0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1, 1})});
  simulation.stop = {};
  simulation.tiers[1].scheduling.batching = choose(scheduling::batching(), "fixed", {{"size", 2}});
  simulation.tiers[1].scheduling.admission =
      choose(scheduling::admission(), "bounded-queue", {{"capacity", 2}});
  const Script::Then first = [](Script& s) {
    for (const char* name : {"a", "b", "c"}) {
      s.compute(name, {.level = 1, .service = Seconds(2)});
    }
    s.at(100, [](Script&) {});
  };
  const Played played = play(simulation, first);
  // A batch of two requests runs while the first task or after it; the third request never fills
  // one, and is computed when nothing else can come.
  CHECK(played.text.find('x') == std::string::npos);
  CHECK(played.run.tasks.done == 3);
  CHECK(played.run.tiers[1].tasks == 3);
  CHECK(played.run.tiers[1].task_work.si() == about(6));
  CHECK(played.run.completed + played.run.dropped == 3);
  CHECK(played.run.tiers[1].busy.si() == about(6 + double(played.run.tiers[1].batches)));
}

TEST_CASE("tasks: a model is loaded where memory is, once") {
  Tier tier{.memory = Bytes(10), .load = BytesPerSecond(4)};
  const Script::Then first = [](Script& s) {
    const Computation work{.level = 1, .service = Seconds(1), .model = Bytes(8)};
    s.compute("a", work, [work](Script& then) {
      then.compute("b", work);
      then.compute("c", {.level = 1, .service = Seconds(1), .model = Bytes(6)});
      then.compute("d", work);
    });
  };
  // 2 s for the model, then it is there; the other one takes 1.5 s and evicts it, and it comes
  // again.
  check_both(idle_system(1, tier), first, "a 2-3, b 3-4, c 5.5-6.5, d 8.5-9.5");
  CHECK(play(idle_system(1, tier), first).run.tiers[1].loads == 3);
}

TEST_CASE("tasks: a ring of messages takes 2 (n - 1) steps of two hops") {
  constexpr std::size_t kDevices = 4;
  constexpr double kLatency = 0.25;
  Simulation simulation = idle_system(kDevices);
  simulation.hops[0].hop = hop(2, 2, kLatency);
  struct Ring {
    static void pass(Script& s, std::size_t device, std::size_t left) {
      if (left == 0) {
        return;
      }
      s.send("up", {.device = device, .bytes = kThree}, [device, left](Script& up) {
        const std::size_t next = (device + 1) % kDevices;
        up.send("down", {.device = next, .up = false, .bytes = kThree},
                [next, left](Script& down) { pass(down, next, left - 1); });
      });
    }
  };
  const Script::Then first = [](Script& s) {
    for (std::size_t device = 0; device < kDevices; ++device) {
      Ring::pass(s, device, 2 * (kDevices - 1));
    }
  };
  const double all = 2 * (kDevices - 1) * 2 * (kLatency + 3.0 / 2);
  for (const bool own : {true, false}) {
    simulation.own_links = own;
    const RunRecord run = play(simulation, first).run;
    CHECK(run.duration.si() == about(all));
    CHECK(run.tasks.done == 2 * 2 * (kDevices - 1) * kDevices);
  }
}

TEST_CASE("tasks: they find their way from groups of devices, at sites and beyond") {
  // Two phones and a camera; each site of the edge has a server. The cloud is behind a link of
  // 3 B/s that all share.
  Simulation simulation = idle_system(2, {.servers = 2, .sites = 2});
  simulation.tiers.insert(simulation.tiers.begin() + 1, {.name = "camera", .servers = 1});
  simulation.tiers.push_back({.name = "cloud"});
  simulation.hops.push_back({.name = "of cameras", .hop = hop(6, 6, 0)});
  simulation.hops.push_back({.name = "backbone", .hop = hop(3, 3, 1)});
  simulation.groups = 2;
  const Script::Then first = [](Script& s) {
    Tasks& tasks = s.tasks();
    s.note(fmt::format("{} devices, {} levels, groups {} {}, sites {} {} {}, {}", tasks.devices(),
                       tasks.levels(0), tasks.group_of(1), tasks.group_of(2), tasks.site_of(0, 1),
                       tasks.site_of(1, 1), tasks.site_of(2, 1), tasks.site_of(2, 2)));
    s.send("camera", {.device = 2, .bytes = kThree});
    s.send("phone", {.device = 0, .bytes = kThree});
    s.send("beyond", {.device = 2, .hop = 1, .bytes = kThree});
    s.send("beyond too", {.device = 0, .hop = 1, .bytes = kThree});
    s.compute("at 0", {.device = 0, .level = 1, .service = Seconds(4)});
    s.compute("at 1", {.device = 1, .level = 1, .service = Seconds(5)});
    s.compute("at 0 too", {.device = 2, .level = 1, .service = Seconds(1)});
    s.compute("of the camera", {.device = 2, .level = 0, .service = Seconds(6)});
    s.compute("cloud", {.device = 2, .level = 2, .service = Seconds(7)});
  };
  check_both(simulation, first,
             "3 devices, 3 levels, groups 0 1, sites 0 1 0, 0, camera 0-0.5, phone 0-3, "
             "beyond 0-3, beyond too 0-3, at 0 0-4, at 0 too 4-5, at 1 0-5, of the camera 0-6, "
             "cloud 0-7");
}

TEST_CASE("tasks: uplinks are shared, and moving rates carry messages as they do for requests") {
  Simulation simulation = idle_system(2);
  simulation.hops[0].site =
      Link::Uplink{.devices = 2, .up = BytesPerSecond(1), .down = BytesPerSecond(1)};
  const Script::Then both = [](Script& s) {
    s.send("a", {.device = 0, .bytes = kThree});
    s.send("b", {.device = 1, .bytes = kThree});
  };
  check_both(simulation, both, "a 0-6, b 0-6");
  simulation.hops[0].site.reset();
  // 1 B/s until 2, nothing until 4, 2 B/s from then on: the mean is not asked.
  const auto steps = std::make_shared<network::Steps>(std::vector<double>{0, 2, 4},
                                                      std::vector<double>{1, 0, 2}, 5);
  simulation.hops[0].moving_rates.up = network::Rates(
      network::Rate(std::make_shared<network::Stepped>(steps, network::Stepped::AtEnd::hold, 0)));
  check_both(simulation, both, "a 0-4.5, b 0-4.5");
}

TEST_CASE("tasks: noise of the tier varies them, and shifts no draw of requests") {
  const Times arrivals{{0, 50, 100}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {3})});
  simulation.tiers[1].noise = {.kind = Noise::Kind::lognormal, .cv = 0.5};
  const std::string alone = ends(simulation);
  const Script::Then first = [](Script& s) {
    s.at(20, [](Script& then) { then.compute("a", {.level = 1, .service = Seconds(1)}); });
    s.at(30, [](Script& then) { then.compute("b", {.level = 1, .service = Seconds(1)}); });
  };
  const Played played = play(simulation, first);
  CHECK(played.text == play(simulation, first).text);
  CHECK(played.text.find("a 20-21,") == std::string::npos);
  CHECK(played.run.completed == 3);
  const double work = played.run.tiers[1].task_work.si();
  CHECK(work != about(2));
  const Played without = play(simulation, [](Script&) {});
  CHECK(without.run.duration == played.run.duration);
  CHECK(played.run.tiers[1].busy.si() == about(without.run.tiers[1].busy.si() + work));
  CHECK(alone == ends(simulation));
}

}  // namespace offcut::engine::tasks_test
