// Jobs that share resources, computed by hand.

#include "sim/engine/links/fair_share.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/random/uniform_01.hpp>
#include <iterator>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "../../network/steps.h"
#include "../simgrid_run.h"
#include "models/base/random.h"

namespace offcut::engine::fair_share_test {
namespace {

/// Starts and removes jobs, named by letters, and writes down the times at which they are done.
class Jobs final : FairShares::Listener, EventQueue::Handler {
 public:
  Jobs(EventQueue& events, std::string& text, const network::Rates& capacities,
       double most = std::numeric_limits<double>::infinity())
      : events_(events), text_(text), shares_(events, *this, 2, capacities, network::Rate(most)) {}
  Jobs(EventQueue& events, std::string& text, double capacity,
       double most = std::numeric_limits<double>::infinity())
      : Jobs(events, text, network::Rate(capacity), most) {}

  void start(double time, std::uint32_t which, char name, double size) {
    size_[name - 'a'] = size;
    events_.schedule(time, *this, kStart, which, &names_[name - 'a']);
  }
  void remove(double time, std::uint32_t which, char name) {
    events_.schedule(time, *this, kRemove, which, &names_[name - 'a']);
  }
  /// Writes down what is left of each job of the resource.
  void visit(double time, std::uint32_t which) { events_.schedule(time, *this, kVisit, which); }

 private:
  enum Kind : std::uint32_t { kStart, kRemove, kVisit };

  void handle(std::uint32_t kind, std::uint32_t which, void* subject) override {
    if (kind == kStart) {
      shares_.start(which, size_[*static_cast<char*>(subject) - 'a'], subject);
      return;
    }
    if (kind == kVisit) {
      shares_.visit(which, [this](void* job, double left) {
        text_ += fmt::format("{}:{:.10g} ", *static_cast<char*>(job), left);
      });
      return;
    }
    const auto removed = shares_.remove_if(which, [&](void* job) { return job == subject; });
    text_ += fmt::format("{} gone ", removed.size());
  }
  void shared(void* job) override {
    text_ += fmt::format("{}@{:.10g} ", *static_cast<char*>(job), events_.now());
  }

  EventQueue& events_;
  std::string& text_;
  FairShares shares_;
  char names_[3] = {'a', 'b', 'c'};
  double size_[3] = {};
};

/// Starts job i at times[i] with sizes[i], and records its end.
class Crowd final : FairShares::Listener, EventQueue::Handler {
 public:
  Crowd(EventQueue& events, const network::Rate& capacity, const std::vector<double>& times,
        const std::vector<double>& sizes)
      : ends(times.size()),
        events_(events),
        sizes_(sizes),
        shares_(events, *this, 1, capacity,
                network::Rate(std::numeric_limits<double>::infinity())) {
    for (std::uint32_t i = 0; i < times.size(); ++i) {
      events.schedule(times[i], *this, 0, i);
    }
  }
  std::vector<double> ends;

 private:
  void handle(std::uint32_t /*kind*/, std::uint32_t number, void* /*subject*/) override {
    shares_.start(0, sizes_[number], &ends[number]);
  }
  void shared(void* job) override { *static_cast<double*>(job) = events_.now(); }

  EventQueue& events_;
  const std::vector<double>& sizes_;
  FairShares shares_;
};

/// Returns the ends of jobs that begin at these times.
std::vector<double> ends_of(const network::Rate& capacity, const std::vector<double>& times,
                            const std::vector<double>& sizes) {
  const std::string text = simgrid_run([&](EventQueue& events, std::string& list, const auto& run) {
    Crowd crowd(events, capacity, times, sizes);
    run();
    for (const double end : crowd.ends) {
      list += fmt::format("{} ", end);
    }
  });
  std::istringstream words(text);
  return {std::istream_iterator<double>(words), {}};
}

}  // namespace

TEST_CASE("fair shares: each of n jobs gets an n-th of the capacity, whenever it starts") {
  // 100 each at 10: from 0, 4 and 10. See "three flows on a link" in simulate_test.cpp.
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10);
          jobs.start(0, 0, 'a', 100);
          jobs.start(4, 0, 'b', 100);
          jobs.start(10, 0, 'c', 100);
          run();
        }) == "a@19 b@27 c@30 ");
}

TEST_CASE("fair shares: what is left of unfinished jobs") {
  // Alone until 4, a has 60 left; both have 5 each until 6. Nothing is on the other resource.
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10);
          jobs.start(0, 0, 'a', 100);
          jobs.start(4, 0, 'b', 100);
          jobs.visit(6, 0);
          jobs.visit(6, 1);
          run();
        }) == "a:50 b:90 a@16 b@20 ");
}

TEST_CASE("fair shares: jobs that end at once end in the order in which they started") {
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10);
          jobs.start(0, 0, 'c', 50);
          jobs.start(0, 0, 'a', 50);
          jobs.start(0, 1, 'b', 101);  // On the other resource.
          run();
        }) == "c@10 a@10 b@10.1 ");
}

TEST_CASE("fair shares: no job exceeds its largest rate") {
  // 3 each of 10 for two jobs; with the third, too: 9 of 10.
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10, 3);
          jobs.start(0, 0, 'a', 30);
          jobs.start(0, 0, 'b', 60);
          jobs.start(5, 0, 'c', 60);
          run();
        }) == "a@10 b@20 c@25 ");
}

TEST_CASE("fair shares: a removed job leaves its share to the others") {
  // 5 each until 4; b's other 80 at 10 until 12.
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10);
          jobs.start(0, 0, 'a', 100);
          jobs.start(0, 0, 'b', 100);
          jobs.remove(4, 0, 'a');
          jobs.remove(13, 0, 'b');
          run();
        }) == "1 gone b@12 0 gone ");
}

TEST_CASE("fair shares: a capacity that changes rescales all shares") {
  // 10 until 4, 2 until 10, then 20. Alone, a gets 40 and, until 6, another 4; until 10, both get 1
  // a second, then 10: a's other 52 take 5.2 s, and then b's other 44 take 2.2 s at 20.
  const network::Rate capacity = network::rate_of_steps({{0, 10}, {4, 2}, {10, 20}});
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, capacity);
          jobs.start(0, 0, 'a', 100);
          jobs.start(6, 0, 'b', 100);
          jobs.start(0, 1, 'c', 52);  // Alone on the other resource: 40 and 12.
          run();
        }) == "c@10 a@15.2 b@17.4 ");
  // None faster than 3: a gets 12 until 4, then 2 a second until 10 and 3 from there.
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, capacity, 3);
          jobs.start(0, 0, 'a', 30);
          run();
        }) == "a@12 ");
}

TEST_CASE("fair shares: each resource has a capacity of its own, which may change") {
  // On the first, 10 until 4, then 5: 40 by 4, and 20 more by 8. On the second, always 4: two jobs
  // get 2 each until 10, then the other one 4.
  const network::Rates capacities(
      std::vector{network::rate_of_steps({{0, 10}, {4, 5}}), network::Rate(4.0)});
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, capacities);
          jobs.start(0, 0, 'a', 60);
          jobs.start(0, 1, 'b', 20);
          jobs.start(0, 1, 'c', 24);
          run();
        }) == "a@8 b@10 c@11 ");
}

TEST_CASE("fair shares: a job that stands still goes on, or is removed") {
  const network::Rate capacity = network::rate_of_steps({{0, 10}, {4, 0}, {6, 10}, {8, 0}});
  CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, capacity);
          jobs.start(0, 0, 'a', 50);
          jobs.start(7, 0, 'b', 50);
          jobs.remove(30, 0, 'b');  // The capacity is 0 from 8 on.
          run();
        }) == "a@7 1 gone ");
}

TEST_CASE("fair shares: jobs end with the millisecond that carries their last bytes") {
  // From 300 s on, every other millisecond carries 1500 bytes.
  std::vector<std::pair<double, double>> steps = {{0, 0}};
  for (int i = 0; i < 400; ++i) {
    steps.emplace_back((300000 + 2 * i) / 1000.0, 1.5e6);
    steps.emplace_back((300001 + 2 * i) / 1000.0, 0);
  }
  for (int packets = 1; packets < 400; packets += 7) {
    const std::vector<double> ends =
        ends_of(network::rate_of_steps(steps), {300}, {1500.0 * packets});
    CHECK(ends[0] == doctest::Approx((299999 + 2 * packets) / 1000.0).epsilon(1e-11));
  }
}

TEST_CASE("fair shares: a changing capacity is a clock that runs at another speed") {
  // Let c(t) be the capacity and C(t) its integral. Jobs that share c from the times t on end when
  // C reaches the ends of jobs that share a capacity of 1 from the times C(t) on.
  const network::Rate capacity =
      network::rate_of_steps({{0, 3}, {10, 0.5}, {25, 7}, {30, 0}, {31, 1.25}, {60, 4}});
  RandomStream random = random_stream(1, "a crowd");
  boost::random::uniform_01<double> uniform;
  std::vector<double> times, sizes, other_times;
  for (int i = 0; i < 200; ++i) {
    times.push_back(80 * uniform(random));
    sizes.push_back(2 * uniform(random));
    other_times.push_back(capacity.integral(0, times.back()));
  }
  const std::vector<double> ends = ends_of(capacity, times, sizes);
  const std::vector<double> others = ends_of(network::Rate(1.0), other_times, sizes);
  REQUIRE(ends.size() == times.size());
  REQUIRE(others.size() == times.size());
  for (std::size_t i = 0; i < ends.size(); ++i) {
    CHECK(ends[i] == doctest::Approx(capacity.when(0, others[i])).epsilon(1e-9));
  }
}

}  // namespace offcut::engine::fair_share_test
