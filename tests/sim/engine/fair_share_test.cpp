// Jobs that share: by hand.

#include "sim/engine/fair_share.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "simgrid_run.h"

namespace offcut {
namespace {

/// Starts and takes out jobs, named by letters, and writes down when they are done.
class Jobs final : FairShares::Listener, EventQueue::Handler {
 public:
  Jobs(EventQueue& events, std::string& text, double capacity,
       double most = std::numeric_limits<double>::infinity())
      : events_(events), text_(text), shares_(events, *this, 2, capacity, most) {}

  void start(double time, std::uint32_t which, char name, double size) {
    size_[name - 'a'] = size;
    events_.schedule(time, *this, kStart, which, &names_[name - 'a']);
  }
  void remove(double time, std::uint32_t which, char name) {
    events_.schedule(time, *this, kRemove, which, &names_[name - 'a']);
  }

 private:
  enum Kind : std::uint32_t { kStart, kRemove };

  void handle(std::uint32_t kind, std::uint32_t which, void* subject) override {
    if (kind == kStart) {
      shares_.start(which, size_[*static_cast<char*>(subject) - 'a'], subject);
      return;
    }
    const auto gone = shares_.remove_if(which, [&](void* job) { return job == subject; });
    text_ += fmt::format("{} gone ", gone.size());
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

}  // namespace

TEST_CASE("fair shares: each of n jobs has the n-th part, whenever they come") {
  // 100 each at 10: from 0, 4 and 10. See "three flows on a link" in simulate_test.cpp.
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10);
          jobs.start(0, 0, 'a', 100);
          jobs.start(4, 0, 'b', 100);
          jobs.start(10, 0, 'c', 100);
          run();
        }) == "a@19 b@27 c@30 ");
}

TEST_CASE("fair shares: jobs that end at once end in the order in which they started") {
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10);
          jobs.start(0, 0, 'c', 50);
          jobs.start(0, 0, 'a', 50);
          jobs.start(0, 1, 'b', 101);  // another resource
          run();
        }) == "c@10 a@10 b@10.1 ");
}

TEST_CASE("fair shares: none is faster than the most") {
  // 3 each of 10 for two jobs; with the third, too: 9 of 10.
  CHECK(simgrid_run([](EventQueue& events, std::string& text, const auto& run) {
          Jobs jobs(events, text, 10, 3);
          jobs.start(0, 0, 'a', 30);
          jobs.start(0, 0, 'b', 60);
          jobs.start(5, 0, 'c', 60);
          run();
        }) == "a@10 b@20 c@25 ");
}

TEST_CASE("fair shares: what is taken out leaves its share to the others") {
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

}  // namespace offcut
