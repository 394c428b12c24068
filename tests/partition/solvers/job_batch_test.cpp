#include "partition/solvers/job_batch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "../between.h"

namespace offcut::partition::job_batch_test {
namespace {

/// Returns random cuts. In every third case they are like those of a chain, where more computation
/// means less upload. Half have small whole numbers, so that ties are frequent.
std::vector<CutJob> random_jobs(RandomStream& random, int least, int most) {
  const Between between{random};
  const bool whole = between(0, 1) == 0;
  std::vector<CutJob> jobs(static_cast<std::size_t>(between(least, most)));
  const auto amount = [&] {
    return Seconds(whole ? between(0, 6)
                         : std::pow(10, 2 * boost::random::uniform_01<double>()(random)));
  };
  for (CutJob& job : jobs) {
    job = {"cut", amount(), amount()};
  }
  if (between(0, 2) == 0) {
    std::vector<Seconds> uploads;
    for (const CutJob& job : jobs) {
      uploads.push_back(job.upload);
    }
    std::sort(uploads.rbegin(), uploads.rend());
    std::sort(jobs.begin(), jobs.end(),
              [](const CutJob& a, const CutJob& b) { return a.compute < b.compute; });
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].upload = uploads[i];
    }
  }
  return jobs;
}

/// Returns the makespan as the longest path through the jobs, which computes up to one of them and
/// uploads from that one on: the oracle.
double naive_makespan(const std::vector<CutJob>& jobs) {
  double longest = 0;
  for (std::size_t turn = 0; turn < jobs.size(); ++turn) {
    double way = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      way += (i <= turn ? jobs[i].compute.si() : 0) + (i >= turn ? jobs[i].upload.si() : 0);
    }
    longest = std::max(longest, way);
  }
  return longest;
}

/// Returns the least makespan over all orders of the jobs.
double least_over_orders(const std::vector<CutJob>& jobs) {
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double least = std::numeric_limits<double>::infinity();
  do {
    std::vector<CutJob> in_order;
    for (const std::size_t i : order) {
      in_order.push_back(jobs[i]);
    }
    least = std::min(least, naive_makespan(in_order));
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

/// Returns the least makespan over all orders and all ways to cut the jobs with at most `most_cuts`
/// different cuts.
double least_over_mixes(const std::vector<CutJob>& cuts, std::size_t count, std::size_t most_cuts) {
  std::vector<std::size_t> cut_of(count, 0);  // Ascending, because jobs are equal.
  double least = std::numeric_limits<double>::infinity();
  while (true) {
    std::vector<std::size_t> used = cut_of;
    used.erase(std::unique(used.begin(), used.end()), used.end());
    std::vector<CutJob> jobs;
    for (const std::size_t cut : cut_of) {
      jobs.push_back(cuts[cut]);
    }
    if (used.size() <= most_cuts) {
      least = std::min(least, least_over_orders(jobs));
    }
    std::size_t place = count;
    while (place > 0 && cut_of[place - 1] + 1 == cuts.size()) {
      --place;
    }
    if (place == 0) {
      return least;
    }
    std::fill(cut_of.begin() + static_cast<std::ptrdiff_t>(place - 1), cut_of.end(),
              cut_of[place - 1] + 1);
  }
}

void check_plan(const BatchPlan& plan, const std::vector<CutJob>& cuts, std::size_t count,
                double least) {
  REQUIRE(plan.cut_of.size() == count);
  std::vector<CutJob> jobs;
  for (const std::size_t cut : plan.cut_of) {
    jobs.push_back(cuts.at(cut));
  }
  CHECK(plan.makespan.si() == doctest::Approx(naive_makespan(jobs)).epsilon(1e-12));
  CHECK(plan.makespan.si() == doctest::Approx(least).epsilon(1e-12));
}

}  // namespace

TEST_CASE("jobs: no order ends sooner than Johnson's") {
  for (std::uint64_t i = 0; i < 1500; ++i) {
    RandomStream random = random_stream(521, "orders", i);
    const std::vector<CutJob> jobs = random_jobs(random, 0, 6);
    INFO("seed 521, batch " << i);
    std::vector<CutJob> in_order;
    for (const std::size_t job : johnson_order(jobs)) {
      in_order.push_back(jobs[job]);
    }
    REQUIRE(in_order.size() == jobs.size());
    CHECK(makespan_of(jobs).si() == doctest::Approx(naive_makespan(jobs)).epsilon(1e-12));
    CHECK(makespan_of(in_order).si() == doctest::Approx(least_over_orders(jobs)).epsilon(1e-12));
  }
}

TEST_CASE("jobs: one cut, two cuts and any mix, against every mix in every order") {
  std::size_t two_win = 0;
  std::size_t more_win = 0;
  for (std::uint64_t i = 0; i < 1500; ++i) {
    RandomStream random = random_stream(522, "mixes", i);
    const std::vector<CutJob> cuts = random_jobs(random, 1, 5);
    const std::size_t count = 1 + i % 5;
    INFO("seed 522, batch " << i);
    check_plan(best_single_cut(cuts, count), cuts, count, least_over_mixes(cuts, count, 1));
    check_plan(best_two_cuts(cuts, count), cuts, count, least_over_mixes(cuts, count, 2));
    check_plan(best_mix(cuts, count), cuts, count, least_over_mixes(cuts, count, count));
    const double one = best_single_cut(cuts, count).makespan.si();
    const double two = best_two_cuts(cuts, count).makespan.si();
    two_win += two < one * (1 - 1e-9) ? 1U : 0U;
    more_win += best_mix(cuts, count).makespan.si() < two * (1 - 1e-9) ? 1U : 0U;
  }
  CHECK(two_win > 300);  // This is the paper's point.
  CHECK(more_win > 20);  // Two cuts are not always enough.
}

TEST_CASE("jobs: two cuts use device and link better than one") {
  // Two jobs compute for 1 s and upload for 3 s, or the reverse. With equal cuts, they take
  // 1 + 3 + 3 = 7 s; with one of each, the short computation first, device and link work at the
  // same time after 1 s, and they take 5 s.
  const std::vector<CutJob> cuts = {{"early", Seconds(1), Seconds(3)},
                                    {"late", Seconds(3), Seconds(1)}};
  CHECK(best_single_cut(cuts, 2).makespan == Seconds(7));
  const BatchPlan plan = best_two_cuts(cuts, 2);
  CHECK(plan.cut_of == std::vector<std::size_t>{0, 1});
  CHECK(plan.makespan == Seconds(5));
}

TEST_CASE("jobs: for many jobs, the makespan is within a mean job of its lower bound") {
  // On average, a job takes at least the least of max(compute, upload) over all mixes of cuts. In
  // addition, a batch begins with a computation and ends with an upload.
  for (std::uint64_t i = 0; i < 50; ++i) {
    RandomStream random = random_stream(523, "many", i);
    const std::vector<CutJob> cuts = random_jobs(random, 2, 20);
    double rate = std::numeric_limits<double>::infinity();
    for (const CutJob& a : cuts) {
      for (const CutJob& b : cuts) {  // The mix of two cuts in which both are equal.
        const double over = (a.upload - a.compute).si();
        const double under = (b.compute - b.upload).si();
        const double share =
            over + under > 0 && over >= 0 && under >= 0 ? under / (over + under) : 1;
        rate = std::min(rate, std::max((a.compute * share + b.compute * (1 - share)).si(),
                                       (a.upload * share + b.upload * (1 - share)).si()));
      }
    }
    constexpr std::size_t kJobs = 100;
    INFO("seed 523, batch " << i);
    const double found = best_mix(cuts, kJobs).makespan.si();
    CHECK(found >= kJobs * rate * (1 - 1e-9));
    CHECK(found <= best_two_cuts(cuts, kJobs).makespan.si());
    double most = 0;
    for (const CutJob& cut : cuts) {
      most = std::max({most, cut.compute.si(), cut.upload.si()});
    }
    CHECK(found <= kJobs * rate + 2 * most);
  }
}

}  // namespace offcut::partition::job_batch_test
