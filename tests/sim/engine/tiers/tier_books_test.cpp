// The books of tiers, and the fairness of a run.

#include "sim/engine/tiers/tier_books.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "../small_systems.h"

namespace offcut::engine::tier_books_test {
namespace {

/// Returns the verdict on one server to which requests of that work come at these times.
Verdict verdict(std::vector<double> times, double work = 1) {
  const Times arrivals{std::move(times)};
  return run(system_of(1, {}, {asks(arrivals, {work})})).run.tiers[1].verdict;
}

std::vector<double> every(double gap, std::size_t count, double first = 0) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    times.push_back(first + gap * static_cast<double>(i));
  }
  return times;
}

}  // namespace

TEST_CASE("books: the figures at the end") {
  // One from 0 to 4, one from 1 to 7: on one core from 0 to 4 and 4 to 7.
  TierBooks books("edge", 1);
  books.record_arrival(0, Seconds(4), Seconds(0), 0, Seconds(0), false);
  books.cores_busy(0, 1);
  books.record_arrival(1, Seconds(3), Seconds(0), 0, Seconds(0), false);
  books.record_waiting(1);
  books.record_departure(4, 4);
  books.add_busy(4);
  books.add_busy(3);
  books.cores_busy(7, -1);
  books.record_departure(7, 6);
  books.close(10);
  CHECK(books.usage.name == "edge");
  CHECK(books.usage.mean_jobs == doctest::Approx((4 + 6) / 10.0));
  CHECK(books.usage.busy == Seconds(7));
  CHECK(books.usage.offered == Seconds(7));
  CHECK(books.usage.capacity == Seconds(1));
  CHECK(books.usage.most_waiting == 1);
}

TEST_CASE("books: cores that are down have no capacity") {
  TierBooks books("edge", 2);
  books.cores_up(1, -1);
  books.cores_up(4, 1);
  books.record_arrival(10, Seconds(4), Seconds(0), 0, Seconds(0), false);
  books.record_departure(10, 0);
  books.close(10);
  CHECK(books.usage.capacity == Seconds(20 - 3));
}

TEST_CASE("books: machines that come and go have capacity and cost while they exist") {
  // Two machines of 2 cores with a queue each. One is there from the start; the other one exists
  // from 1 to 8 and serves from 3 to 8.
  TierBooks books("edge", 4, 2);
  books.begin_scaling({2, 0});
  books.cores_exist(1, 2);
  books.cores_up(3, 2, 1);
  for (std::size_t queue = 0; queue < 2; ++queue) {
    books.record_arrival(7, Seconds(5), Seconds(0), queue, Seconds(0), false);
    books.record_departure(7, 0);
  }
  books.cores_up(8, -2, 1);
  books.cores_exist(8, -2);
  books.close(10);
  CHECK(books.usage.servers == 4);
  CHECK(books.usage.is_scaled);
  CHECK(books.usage.capacity == Seconds(2 * 7 + 2 * 4));
  CHECK(books.usage.existing == Seconds(2 * 10 + 2 * 7));
  CHECK(books.usage.most_cores == 4);
  CHECK(books.usage.worst == doctest::Approx(5.0 / 8));  // Of the second one, over 4 s.
}

TEST_CASE("books: a queue whose machine came late is judged by the time that it had") {
  // 150 requests of 1 s reach each of two queues by 200, of which one has existed for 100 s. Each
  // has 20 s of work waiting then.
  TierBooks books("edge", 2, 2);
  books.begin_scaling({1, 0});
  books.cores_exist(100, 1);
  books.cores_up(100, 1, 1);
  for (int i = 0; i < 150; ++i) {
    for (std::size_t queue = 0; queue < 2; ++queue) {
      books.record_arrival(200, Seconds(1), Seconds(40), queue, Seconds(20), false);
      books.record_departure(200, 0);
    }
  }
  books.close(220);
  CHECK(books.usage.capacity == Seconds(300));
  CHECK(books.usage.worst == doctest::Approx(1.5));
  CHECK(books.usage.saturated == 1);
  CHECK(books.usage.verdict == Verdict::overloaded);
}

TEST_CASE("books: the backlog of an autoscaled tier is shared by the cores that are up") {
  // At 100, 12 s of work wait: 3 s for each of 4 cores, and 6 s for each of 2 (after 110 s, more
  // than 5.5 s are a backlog).
  for (const std::size_t cores : {4U, 2U}) {
    TierBooks books("edge", 8, 1);
    books.begin_scaling({cores});
    for (int i = 0; i < 150; ++i) {
      books.record_arrival(100, Seconds(0.6 * static_cast<double>(cores)), Seconds(12), 0,
                           Seconds(12), false);
      books.record_departure(100, 0);
    }
    books.close(110);
    CHECK(books.usage.capacity == Seconds(100.0 * static_cast<double>(cores)));
    CHECK(books.usage.verdict == (cores == 4 ? Verdict::stable : Verdict::backlogged));
  }
}

TEST_CASE("books: tasks that wait are no overload, and do not hide that of requests") {
  // 200 s of work on one core in 100 s.
  for (const bool are_tasks : {true, false}) {
    TierBooks books("edge", 1);
    for (int i = 0; i < 200; ++i) {
      books.record_arrival(i / 2.0, Seconds(1), Seconds(i / 2.0), 0, Seconds(i / 2.0), are_tasks);
      books.record_departure(i / 2.0, 0);
    }
    books.close(100);
    CHECK(books.usage.offered == Seconds(200));
    CHECK(books.usage.verdict == (are_tasks ? Verdict::stable : Verdict::overloaded));
    CHECK(books.usage.saturated == (are_tasks ? 0 : 1));
  }
}

TEST_CASE("books: a request that is computed again after a failure is offered once") {
  // 5 s from 0, which are lost at 3, and from 6 to 11; with the other one until 16. Down from 3
  // to 6.
  const Times a{{0, 7}};
  Simulation simulation = system_of(1, {}, {asks(a, {5})});
  simulation.tiers[1].faults.outages = {{0, Seconds(3), Seconds(6)}};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "11 16");
  CHECK(recorded.run.tiers[1].offered == Seconds(10));
  CHECK(recorded.run.tiers[1].capacity == Seconds(7 - 3));
}

TEST_CASE("books: Little's law is checked") {
  TierBooks books("edge", 1);
  books.record_arrival(0, Seconds(4), Seconds(0), 0, Seconds(0), false);
  books.record_departure(4, 3);  // It was present for 4 s.
  CHECK_THROWS_WITH_AS(books.close(10), "Little's law does not hold on edge: 4 s against 3 s",
                       std::logic_error);
}

TEST_CASE("books: the utilisation law is checked if the work of cores is known") {
  TierBooks books("edge", 1);
  books.cores_busy(0, 1);
  books.cores_busy(4, -1);
  books.add_busy(3);
  TierBooks other = books;
  CHECK_THROWS_WITH_AS(books.close(10),
                       "the utilisation law does not hold on edge: 4 s against 3 s",
                       std::logic_error);
  other.busy_is_unknown();
  other.close(10);
  CHECK(other.usage.busy == Seconds(4));
}

TEST_CASE("books: the utilisation law allows for SimGrid's precision of each computation") {
  const auto close = [](bool at_simgrid, double error) {
    TierBooks books("edge", 1);
    if (at_simgrid) {
      books.ends_are_rounded();
    }
    for (int i = 0; i < 40; ++i) {
      books.cores_busy(0.05 * i, 1);
      books.cores_busy(0.05 * i + 0.05 - error, -1);
      books.add_busy(0.05);
      ++books.usage.batches;
    }
    books.close(2);
  };
  CHECK_NOTHROW(close(true, 0.9e-9));
  CHECK_THROWS_AS(close(true, 1.2e-9), std::logic_error);
  CHECK_THROWS_AS(close(false, 0.9e-9), std::logic_error);
}

TEST_CASE("books: a run of no duration has no means") {
  TierBooks books("edge", 1);
  books.close(0);
  CHECK(books.usage.mean_jobs == 0);
  CHECK(books.usage.verdict == Verdict::stable);
}

TEST_CASE("books: verdicts") {
  // One and a half times as much work as the time allows.
  CHECK(verdict(every(1, 300)) == Verdict::stable);
  CHECK(verdict(every(1 / 1.5, 300)) == Verdict::overloaded);
  // 150 s of work within the first 300 s, but two thirds of it at their end.
  std::vector<double> times = every(5, 50);
  const std::vector<double> burst = every(0.01, 100, 300);
  times.insert(times.end(), burst.begin(), burst.end());
  CHECK(verdict(times) == Verdict::backlogged);
  // Work of less than a twentieth of the run; and too few requests to judge by.
  times = every(5, 500);
  const std::vector<double> small = every(0.01, 100, 2500);
  times.insert(times.end(), small.begin(), small.end());
  CHECK(verdict(times) == Verdict::stable);
  CHECK(verdict(every(1 / 1.3, 99)) == Verdict::stable);
  CHECK(verdict(every(1 / 1.3, 100)) == Verdict::overloaded);
  CHECK(verdict(every(0.5, 99)) == Verdict::overloaded);
}

TEST_CASE("books: a run whose times are all zero is stable") {
  CHECK(verdict(std::vector<double>(300, 0.0), 0) == Verdict::stable);
}

TEST_CASE("books: work that comes all at once is a backlog, not a rate") {
  CHECK(verdict(std::vector<double>(300, 0.0)) == Verdict::backlogged);
}

TEST_CASE("books: one of many queues is overloaded") {
  // The server of the first of five sites gets 2 s of work each second, the others 0.1 s.
  const std::vector<double> times = every(1, 200);
  const Times heavy{times, {}, {}, {}, {}}, light{{}, times, times, times, times};
  const TierUsage tier =
      run(system_of(5, {.servers = 5, .sites = 5}, {asks(heavy, {2}), asks(light, {0.1})}))
          .run.tiers[1];
  CHECK(tier.offered / tier.capacity == doctest::Approx(200 * 2.4 / (5 * 199)));
  CHECK(tier.queues == 5);
  CHECK(tier.worst == doctest::Approx(400.0 / 199));
  CHECK(tier.saturated == 1);
  CHECK(tier.verdict == Verdict::overloaded);
}

TEST_CASE("books: a queue that has more than others by chance is not overloaded by itself") {
  const Times arrivals{every(1, 110), {}};
  const TierUsage tier =
      run(system_of(2, {.servers = 2, .sites = 2}, {asks(arrivals, {1.1})})).run.tiers[1];
  CHECK(tier.worst == doctest::Approx(121.0 / 109));
  CHECK(tier.saturated == 0);
  CHECK(tier.verdict == Verdict::stable);
}

TEST_CASE("books: a run that is stopped counts the requests that are left on a tier") {
  // One of 4 s is done at 4, the next one is computed until 8, and one waits.
  const Times arrivals{{0, 1, 2, 9}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {4})});
  simulation.stop = {.after = Seconds(7)};
  CHECK(run(simulation).run.tiers[1].left == 2);
}

TEST_CASE("books: under processor sharing, requests beyond the cores wait") {
  // Four of 4 s on two cores: from 0, 0, 1 and 2.
  const Times arrivals{{0, 0, 1, 2}};
  const Tier sharing{.cores = 2,
                     .scheduling = {.queue = choose(scheduling::queues(), "processor-sharing")}};
  Simulation simulation = system_of(1, sharing, {asks(arrivals, {4})});
  CHECK(run(simulation).run.tiers[1].most_waiting == 2);
  simulation.own_links = false;
  CHECK(run(simulation).run.tiers[1].most_waiting == 2);
}

TEST_CASE("books: head-of-line blocking is waiting while a core has another class") {
  // One server: a (10 s) at 0 and 3, b (3 s) at 1 and 2. The b of 1 waits for a until 10: 9 s. That
  // of 2 waits 11 s: 8 for a, 3 for its own class. The a of 3 waits 13 s: 7 for its own, 6 for both
  // b.
  const Times a{{0, 3}}, b{{1, 2}};
  const Recorded recorded = run(system_of(1, {}, {asks(a, {10}), asks(b, {3})}));
  CHECK(ends(recorded) == "10 13 16 26");
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.waited == Seconds(9 + 11 + 13));
  CHECK(tier.blocked == Seconds(9 + 8 + 6));
  CHECK(tier.most_waiting == 3);
  CHECK(tier.mean_jobs == doctest::Approx((10 + 12 + 14 + 23) / 26.0));
  CHECK(tier.offered == Seconds(26));
  CHECK(tier.capacity == Seconds(3));
  CHECK(tier.verdict == Verdict::stable);
}

TEST_CASE("books: a class does not block itself") {
  const Times a{{0, 1, 2}};
  const Recorded recorded = run(system_of(1, {}, {asks(a, {10})}));
  CHECK(recorded.run.tiers[1].waited == Seconds(9 + 18));
  CHECK(recorded.run.tiers[1].blocked == Seconds(0));
}

TEST_CASE("books: offered work counts requests in batches of the best size") {
  // One alone takes 4 s, two together 6: 3 each at best.
  const Times arrivals{{0, 1}};
  const Recorded recorded = run(system_of(
      1, {.scheduling = {.batching = choose(scheduling::batching(), "fixed", {{"size", 2}})}},
      {asks(arrivals, {4, 6})}));
  CHECK(recorded.run.tiers[1].offered == Seconds(6));
}

TEST_CASE("books: fairness is Jain's index over devices") {
  // Device 0: from 0 to 5 and 20 to 25. Device 1: from 1 to 10, late, and 30 to 35. Device 2 sends
  // none. In time: 1 and 1/2 of theirs: 1.5^2 / (2 x 1.25). Mean latencies: 5 and 7: 12^2 / (2 x
  // 74).
  const Times arrivals{{0, 20}, {1, 30}, {}};
  Simulation simulation = system_of(3, {}, {asks(arrivals, {5})});
  simulation.classes[0].deadline = Seconds(8);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "5 10 25 35");
  CHECK(recorded.run.fairness == doctest::Approx(2.25 / 2.5));
  CHECK(recorded.run.latency_fairness == doctest::Approx(144.0 / 148));
}

TEST_CASE("books: a dropped request is not in time") {
  // Device 0 has one of its two dropped, device 1 none: as above.
  const Times arrivals{{0, 1}, {20}};
  const Recorded recorded =
      run(system_of(2,
                    {.scheduling = {.admission = choose(scheduling::admission(), "bounded-queue",
                                                        {{"capacity", 0}})}},
                    {asks(arrivals, {5})}));
  CHECK(ends(recorded) == "5 x1 25");
  CHECK(recorded.run.fairness == doctest::Approx(2.25 / 2.5));
  CHECK(recorded.run.latency_fairness == doctest::Approx(1));
}

}  // namespace offcut::engine::tier_books_test
