#include "sim/study/sweep/farm.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "models/base/error.h"
#include "sim/study/sweep/farm_process.h"
#include "sim/study/sweep/ranks.h"

namespace offcut::study::farm_test {
namespace {

/// Jobs 0, 1, ... up to a number, and their outcomes.
class Counter : public JobSource {
 public:
  explicit Counter(std::uint64_t count) : count_(count) {}

  std::optional<std::uint64_t> next() override {
    return next_ < count_ ? std::optional(next_++) : std::nullopt;
  }
  bool expects_more() const override { return outcomes.size() < count_; }
  void finished(std::uint64_t job, JobOutcome outcome) override {
    CHECK(outcomes.emplace(job, std::move(outcome)).second);
  }
  void poll() override { ++polls; }

  std::map<std::uint64_t, JobOutcome> outcomes;
  int polls = 0;

 private:
  std::uint64_t count_, next_ = 0;
};

std::string square(std::uint64_t job) {
  switch (job) {
    case 3:
      throw InputError({"file", 1, 2}, "invalid");
    case 4:
      raise(SIGKILL);
      return "";
    case 5:
      throw std::runtime_error("broken");
    case 6:
      return std::string(300'000, 'x');
    default:
      return std::to_string(job * job);
  }
}

void check_squares(const Counter& counter, std::uint64_t count) {
  REQUIRE(counter.outcomes.size() == count);
  for (const auto& [job, outcome] : counter.outcomes) {
    CAPTURE(job);
    if (job >= 3 && job <= 5) {
      const char* expected[] = {"file:1:2: error: invalid", "ended by signal 9", "broken"};
      CHECK(outcome.error.find(expected[job - 3]) != std::string::npos);
    } else {
      CHECK(outcome.error.empty());
      CHECK(outcome.result == square(job));
    }
  }
}

/// Ranks in one process, each a queue of messages.
class LocalChannel : public RankChannel {
 public:
  struct Hub {
    std::map<int, std::deque<RankMessage>> queues;
    std::mutex mutex;
  };
  LocalChannel(Hub& hub, int rank, int size) : hub_(hub), rank_(rank), size_(size) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void send(int to, std::string text) override {
    const std::lock_guard lock(hub_.mutex);
    hub_.queues[to].push_back({rank_, std::move(text)});
  }
  std::optional<RankMessage> receive() override {
    const std::lock_guard lock(hub_.mutex);
    auto& queue = hub_.queues[rank_];
    if (queue.empty()) {
      return std::nullopt;
    }
    RankMessage message = std::move(queue.front());
    queue.pop_front();
    return message;
  }
  void finish() override {}
  [[noreturn]] void abort(int code) override { _exit(code); }

 private:
  Hub& hub_;
  int rank_, size_;
};

}  // namespace

TEST_CASE(
    "farm: each job's outcome comes back once, however many run at a time, or farms there are") {
  for (const auto& work_on : {work_off, work_off_in_farms}) {
    for (const std::size_t parallel : {1U, 2U, 7U, 50U}) {
      Counter counter(20);
      work_on(counter, {.run = square}, parallel);
      check_squares(counter, 20);
      CHECK(counter.polls > 0);
    }
    Counter none(0);
    work_on(none, {.run = square}, 2);
  }
}

TEST_CASE("farm: what the parent keeps of a result is there for later children") {
  std::string kept;
  Counter counter(4);
  work_off(counter,
           {.run = [&](std::uint64_t job) { return kept + std::to_string(job); },
            .take =
                [&](std::string result) {
                  kept = result;
                  return "<" + result + ">";
                }},
           1);
  CHECK(counter.outcomes.at(3).result == "<0123>");
}

TEST_CASE("farm: an exception of the source ends it, and its children") {
  const FarmWork sleeps = {.run = [](std::uint64_t) {
    sleep(100);
    return std::string();
  }};
  class Stops : public Counter {
   public:
    using Counter::Counter;
    void poll() override {
      if (++polls > 2) {
        throw std::runtime_error("stop");
      }
    }
  };
  Stops one(5), other(5);
  CHECK_THROWS_WITH(work_off(one, sleeps, 2), "stop");
  CHECK_THROWS_WITH(work_off_in_farms(other, sleeps, 2), "stop");
}

TEST_CASE("farm process: jobs go in and outcomes come back") {
  FarmProcess farm({.run = square}, 2);
  Counter counter(20);
  while (const auto job = counter.next()) {
    farm.start(*job);
  }
  while (counter.expects_more()) {
    for (FarmProcess::Finished& finished : farm.wait(100)) {
      counter.finished(finished.job, std::move(finished.outcome));
    }
  }
  check_squares(counter, 20);
}

TEST_CASE("ranks: all jobs are done once over any number of ranks") {
  for (const int size : {1, 2, 5}) {
    LocalChannel::Hub hub;
    std::vector<std::unique_ptr<FarmProcess>> farms;
    for (int rank = 0; rank < size; ++rank) {
      farms.push_back(
          std::make_unique<FarmProcess>(FarmWork{.run = square}, 1));  // Before there are threads.
    }
    std::vector<std::thread> others;
    for (int rank = 1; rank < size; ++rank) {
      others.emplace_back([&hub, &farms, rank, size] {
        LocalChannel channel(hub, rank, size);
        std::string unused;
        if (all_are_ready(channel, "", unused)) {
          follow(channel, *farms[static_cast<std::size_t>(rank)], 1);
        }
      });
    }
    LocalChannel channel(hub, 0, size);
    std::string errors;
    CHECK(all_are_ready(channel, "", errors));
    Counter counter(40);
    lead_ranks(channel, counter, *farms[0], 1);
    for (std::thread& other : others) {
      other.join();
    }
    check_squares(counter, 40);
  }
}

TEST_CASE("ranks: the error of one stops all, and is told once") {
  LocalChannel::Hub hub;
  std::vector<std::thread> others;
  for (int rank = 1; rank < 4; ++rank) {
    others.emplace_back([&hub, rank] {
      LocalChannel channel(hub, rank, 4);
      std::string unused;
      if (all_are_ready(channel, rank == 1 ? "" : "no such file", unused)) {
        std::abort();
      }
    });
  }
  LocalChannel channel(hub, 0, 4);
  std::string errors;
  CHECK(!all_are_ready(channel, "", errors));
  for (std::thread& other : others) {
    other.join();
  }
  CHECK((errors == "rank 2: no such file" || errors == "rank 3: no such file"));
}

}  // namespace offcut::study::farm_test
