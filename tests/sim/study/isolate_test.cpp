#include "sim/study/isolate.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <new>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::study::isolate_test {
namespace {

/// A counter that children and parent share.
class Shared {
 public:
  Shared()
      : value_(new (mmap(nullptr, sizeof(Cell), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0)) Cell(0)) {}
  ~Shared() { munmap(value_, sizeof(Cell)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  std::atomic<int>& operator*() { return *value_; }

 private:
  using Cell = std::atomic<int>;
  Cell* value_;
};

/// Waits for a condition, but not for ever: a test that fails must end, too.
template <class Condition>
bool wait_until(Condition condition) {
  constexpr int kMilliseconds = 20'000;
  for (int i = 0; i < kMilliseconds; ++i) {
    if (condition()) {
      return true;
    }
    usleep(1000);
  }
  return false;
}

std::string run(const IsolatedJob& job) { return run_isolated({job}, 1).front(); }

}  // namespace

TEST_CASE("isolate: a job's text comes back unchanged") {
  CHECK(run([](const engine::ProgressSink&) { return "done"; }) == "done");
  CHECK(run([](const engine::ProgressSink&) { return ""; }).empty());
  CHECK(run([](const engine::ProgressSink&) {
          return std::string("a \"quote\"\nand \\ \t \xC3\xA9");
        }) == "a \"quote\"\nand \\ \t \xC3\xA9");
  CHECK(run_isolated({}, 4).empty());
}

TEST_CASE("isolate: a result larger than a pipe") {
  const std::string large(10'000'000, 'x');
  CHECK(run([&](const engine::ProgressSink&) { return large; }) == large);
}

TEST_CASE("isolate: jobs run in processes of their own") {
  int changed = 0;
  const std::string child = run([&](const engine::ProgressSink&) {
    changed = 1;
    return std::to_string(getpid());
  });
  CHECK(changed == 0);
  CHECK(child != std::to_string(getpid()));
}

TEST_CASE("isolate: results are in the order of the jobs, whichever ends first") {
  // Each job waits until all later ones are done.
  Shared done;
  std::vector<IsolatedJob> jobs;
  constexpr int kJobs = 5;
  for (int i = 0; i < kJobs; ++i) {
    jobs.emplace_back([&done, i](const engine::ProgressSink&) {
      const bool in_turn = wait_until([&] { return *done == kJobs - 1 - i; });
      ++*done;
      return in_turn ? std::to_string(i) : "never got its turn";
    });
  }
  CHECK(run_isolated(jobs, kJobs) == std::vector<std::string>{"0", "1", "2", "3", "4"});
}

TEST_CASE("isolate: at most `parallel` jobs run at a time") {
  for (const int most : {1, 3}) {
    Shared running;
    Shared peak;
    std::vector<IsolatedJob> jobs;
    for (int i = 0; i < 9; ++i) {
      jobs.emplace_back([&](const engine::ProgressSink&) {
        const int now = ++*running;
        int seen = *peak;
        while (seen < now && !(*peak).compare_exchange_weak(seen, now)) {
        }
        wait_until([&] { return *peak >= most; });  // All `most` jobs meet.
        usleep(20'000);                             // One more job could join them now.
        --*running;
        return std::string();
      });
    }
    CHECK(run_isolated(jobs, static_cast<std::size_t>(most)).size() == 9);
    CHECK(*peak == most);
  }
}

TEST_CASE("isolate: errors in the input keep their places") {
  const Diagnostic first{{"a.yaml", 3, 7}, "first"};
  const Diagnostic second{{"b.csv"}, "second: \"x\""};
  try {
    run([&](const engine::ProgressSink&) -> std::string { throw InputError({first, second}); });
    FAIL("nothing was thrown");
  } catch (const InputError& error) {
    REQUIRE(error.diagnostics().size() == 2);
    CHECK(to_text(error.diagnostics()[0]) == "a.yaml:3:7: error: first");
    CHECK(to_text(error.diagnostics()[1]) == "b.csv: error: second: \"x\"");
  }
}

TEST_CASE("isolate: messages that are not UTF-8 arrive, too") {
  CHECK_THROWS_WITH_AS(run([](const engine::ProgressSink&) -> std::string {
                         throw InputError({"caf\xE9.yaml"}, "is wrong");
                       }),
                       "caf\xEF\xBF\xBD.yaml: error: is wrong", InputError);
  CHECK_THROWS_WITH_AS(
      run([](const engine::ProgressSink&) -> std::string { throw std::runtime_error("caf\xE9"); }),
      "caf\xEF\xBF\xBD", std::runtime_error);
}

TEST_CASE("isolate: other exceptions keep their text") {
  CHECK_THROWS_WITH_AS(run([](const engine::ProgressSink&) -> std::string {
                         throw std::runtime_error("disk full");
                       }),
                       "disk full", std::runtime_error);
  CHECK_THROWS_WITH_AS(run([](const engine::ProgressSink&) -> std::string {
                         throw std::logic_error("requests were lost");
                       }),
                       "requests were lost", std::runtime_error);
  CHECK_THROWS_AS(run([](const engine::ProgressSink&) -> std::string { throw std::bad_alloc(); }),
                  std::bad_alloc);
}

TEST_CASE("isolate: a child that dies is reported with its signal") {
  CHECK_THROWS_WITH_AS(run([](const engine::ProgressSink&) -> std::string {
                         raise(SIGKILL);
                         return "";
                       }),
                       "the simulation was ended by signal 9 (Killed)", std::runtime_error);
}

TEST_CASE("isolate: a child that ends without a result is reported") {
  CHECK_THROWS_WITH_AS(run([](const engine::ProgressSink&) -> std::string { _exit(3); }),
                       "the simulation ended without a result", std::runtime_error);
}

TEST_CASE(
    "isolate: one that fails does not keep the others from ending, and the first one counts") {
  Shared ended;
  const IsolatedJob fine = [&](const engine::ProgressSink&) {
    ++*ended;
    return std::string();
  };
  const auto failing = [](const char* why) {
    return [why](const engine::ProgressSink&) -> std::string { throw std::runtime_error(why); };
  };
  CHECK_THROWS_WITH_AS(run_isolated({fine, failing("one"), failing("two"), fine, fine}, 2), "one",
                       std::runtime_error);
  CHECK(*ended == 3);
}

TEST_CASE("isolate: the parent receives the mean progress of all jobs") {
  // One job reports 0.5 and one reports 1, and both wait until the parent has seen 0.75.
  Shared seen;
  const auto job = [&](double done) {
    return [&seen, done](const engine::ProgressSink& progress) {
      progress(done);
      return std::string(wait_until([&] { return *seen != 0; }) ? "seen" : "not seen");
    };
  };
  const auto results = run_isolated({job(0.5), job(1)}, 2, [&](double done) {
    CHECK(done >= 0);
    CHECK(done <= 1);
    if (done == 0.75) {
      *seen = 1;
    }
  });
  CHECK(results == std::vector<std::string>{"seen", "seen"});
}

}  // namespace offcut::study::isolate_test
