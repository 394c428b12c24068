#include <doctest/doctest.h>

#include <boost/random/uniform_int_distribution.hpp>
#include <map>
#include <numeric>

#include "../policy.h"
#include "../waiting_line.h"

namespace offcut::scheduling::queues_test {
namespace {

using Whole = boost::random::uniform_int_distribution<int>;

/// Returns jobs that are all present at once, with ties.
std::vector<Job> random_jobs(RandomStream& random, int count) {
  std::vector<Job> jobs;
  for (int i = 0; i < count; ++i) {
    jobs.push_back({.request = i,
                    .priority = Whole(-1, 2)(random),
                    .service = Seconds(Whole(1, 5)(random)),
                    .deadline = Seconds(Whole(1, 12)(random))});
  }
  return jobs;
}

std::vector<Job> served(const std::string& name, const std::vector<Job>& jobs) {
  const auto discipline = policy(queues(), name);
  WaitingLine line(*discipline);
  for (const Job& job : jobs) {
    line.join(job);
  }
  return line.serve_all();
}

std::vector<std::int64_t> requests(const std::vector<Job>& jobs) {
  std::vector<std::int64_t> all;
  for (const Job& job : jobs) {
    all.push_back(job.request);
  }
  return all;
}

/// Returns the largest lateness of jobs that are served one by one in this order.
double largest_lateness(const std::vector<Job>& order) {
  Seconds now(0);
  double most = -1e9;
  for (const Job& job : order) {
    now += job.service;
    most = std::max(most, (now - job.deadline).si());
  }
  return most;
}

double sum_of_completions(const std::vector<Job>& order) {
  Seconds now(0), sum(0);
  for (const Job& job : order) {
    now += job.service;
    sum += now;
  }
  return sum.si();
}

/// Returns the least cost over all orders.
template <class Cost>
double least_over_orders(std::vector<Job> jobs, Cost cost) {
  const auto before = [](const Job& a, const Job& b) { return a.request < b.request; };
  std::sort(jobs.begin(), jobs.end(), before);
  double least = cost(jobs);
  while (std::next_permutation(jobs.begin(), jobs.end(), before)) {
    least = std::min(least, cost(jobs));
  }
  return least;
}

/// Returns `each` jobs of each device.
std::vector<Job> backlog(int devices, int each) {
  std::vector<Job> jobs;
  for (int i = 0; i < devices * each; ++i) {
    jobs.push_back({.request = i, .device = static_cast<std::size_t>(i / each)});
  }
  return jobs;
}

}  // namespace

TEST_CASE("fifo, lifo: in the order of arrival, and in its reverse") {
  RandomStream random = random_stream(1, "queues");
  const std::vector<Job> jobs = random_jobs(random, 20);
  std::vector<std::int64_t> order(20);
  std::iota(order.begin(), order.end(), 0);
  CHECK(requests(served("fifo", jobs)) == order);
  std::reverse(order.begin(), order.end());
  CHECK(requests(served("lifo", jobs)) == order);
}

TEST_CASE("lifo: a job that arrives during a service is next") {
  const auto discipline = policy(queues(), "lifo");
  WaitingLine line(*discipline);
  line.join({.request = 0});
  line.join({.request = 1});
  CHECK(line.serve().request == 1);
  line.join({.request = 2});
  CHECK(requests(line.serve_all()) == std::vector<std::int64_t>{2, 0});
}

TEST_CASE("edf: no order has a smaller largest lateness; sjf: none has a smaller mean sojourn") {
  RandomStream random = random_stream(2, "queues");
  for (int round = 0; round < 200; ++round) {
    const std::vector<Job> jobs = random_jobs(random, 1 + round % 6);
    REQUIRE(largest_lateness(served("edf", jobs)) == least_over_orders(jobs, largest_lateness));
    REQUIRE(sum_of_completions(served("sjf", jobs)) == least_over_orders(jobs, sum_of_completions));
  }
}

TEST_CASE("edf: requests without a deadline come last, in the order of arrival") {
  const std::vector<Job> jobs = {
      {.request = 0}, {.request = 1}, {.request = 2, .deadline = Seconds(1e9)}};
  CHECK(requests(served("edf", jobs)) == std::vector<std::int64_t>{2, 0, 1});
}

TEST_CASE("priority: by class, and each class in the order of arrival") {
  RandomStream random = random_stream(3, "queues");
  const std::vector<Job> jobs = random_jobs(random, 40);
  std::vector<Job> expected = jobs;
  std::stable_sort(expected.begin(), expected.end(),
                   [](const Job& a, const Job& b) { return a.priority < b.priority; });
  CHECK(requests(served("priority", jobs)) == requests(expected));
}

TEST_CASE("fair: devices with a backlog take turns, whatever the order of their jobs") {
  constexpr int kDevices = 7;
  std::vector<Job> jobs = backlog(kDevices, 5);
  RandomStream random = random_stream(4, "queues");
  for (int round = 0; round < 20; ++round) {
    for (std::size_t i = jobs.size(); i > 1; --i) {
      std::swap(jobs[i - 1],
                jobs[static_cast<std::size_t>(Whole(0, static_cast<int>(i) - 1)(random))]);
    }
    // Turn k has the k-th jobs of the devices, in the order of their arrival.
    std::vector<std::vector<std::int64_t>> turns(5);
    std::map<std::size_t, std::size_t> seen;
    for (const Job& job : jobs) {
      turns[seen[job.device]++].push_back(job.request);
    }
    std::vector<std::int64_t> expected;
    for (const auto& turn : turns) {
      expected.insert(expected.end(), turn.begin(), turn.end());
    }
    REQUIRE(requests(served("fair", jobs)) == expected);
  }
}

TEST_CASE("fair: a device that was silent neither waits for a flood nor has saved up turns") {
  const auto discipline = policy(queues(), "fair");
  WaitingLine line(*discipline);
  for (const Job& job : backlog(2, 100)) {
    line.join(job);
  }
  for (int i = 0; i < 100; ++i) {
    line.serve();
  }
  for (std::int64_t i = 0; i < 3; ++i) {
    line.join({.request = 1000 + i, .device = 9});
  }
  // It joins the round that has just been served, and each round after it.
  std::vector<std::size_t> turns;
  for (int i = 0; i < 9; ++i) {
    turns.push_back(line.serve().device);
  }
  CHECK(turns == std::vector<std::size_t>{9, 0, 1, 9, 0, 1, 9, 0, 1});
}

TEST_CASE("fair: in any stretch of a backlog, devices differ by one job at most") {
  RandomStream random = random_stream(5, "queues");
  const auto discipline = policy(queues(), "fair");
  WaitingLine line(*discipline);
  std::map<std::size_t, int> waiting;
  const auto join = [&](std::size_t device) {
    line.join({.device = device});
    ++waiting[device];
  };
  for (std::size_t device = 0; device < 4; ++device) {
    join(device);
    join(device);
  }
  std::map<std::size_t, int> turns;
  for (int i = 0; i < 2000; ++i) {
    const std::size_t device = line.serve().device;
    ++turns[device];
    --waiting[device];
    // A device always has a job, and sometimes many.
    for (int more = waiting[device] < 2 ? 1 : 0; more > 0 || Whole(0, 9)(random) == 0; --more) {
      join(device);
    }
    const auto [least, most] = std::minmax({turns[0], turns[1], turns[2], turns[3]});
    REQUIRE(most - least <= 1);
  }
}

TEST_CASE("processor-sharing: is no queue") { CHECK(queues().find("processor-sharing")->shares); }

}  // namespace offcut::scheduling::queues_test
