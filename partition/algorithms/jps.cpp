// `jps` plans a batch of equal jobs, which all arrive at the start, on one device with a link to
// one server: the cut of each job and the order under which the last upload ends soonest (Duan, Wu,
// "Joint optimization of DNN partition and scheduling for mobile cloud computing", ICPP 2021).
// partition/solvers/job_batch.h has the algorithm. It leaves out the server, the answer and hop
// latencies, which delay no other job, and stalls and promotions. The jobs of a device take the
// cuts in turn, in Johnson's order; the assignment is the most frequent cut.
//
// The cuts are those of the layers in their order (prefix_cuts()); a chain has no others.

#include <fmt/format.h>

#include <map>

#include "models/base/readable.h"
#include "partition/algorithm.h"
#include "partition/solvers/job_batch.h"
#include "partition/solvers/prefix_cuts.h"

namespace offcut::partition {
namespace {

std::vector<CutJob> cut_jobs(const Problem& problem, const std::vector<PrefixCut>& cuts) {
  std::vector<CutJob> jobs;
  for (const PrefixCut& cut : cuts) {
    jobs.push_back({cut.after, cut.cost.compute[0], cut.upload(problem)});
  }
  return jobs;
}

/// Adds "jobs 1..2", "input" for each run of jobs with the same cut.
void add_jobs(const BatchPlan& plan, const std::vector<CutJob>& cuts,
              std::vector<PlanFigure>& figures) {
  for (std::size_t first = 0, last = 0; first < plan.cut_of.size(); first = last) {
    while (last < plan.cut_of.size() && plan.cut_of[last] == plan.cut_of[first]) {
      ++last;
    }
    figures.push_back({.name = last == first + 1 ? fmt::format("job {}", last)
                                                 : fmt::format("jobs {}..{}", first + 1, last),
                       .value = cuts[plan.cut_of[first]].name});
  }
}

/// Returns the deployment in which the jobs follow the plan's cuts in its order.
Deployment in_order(const BatchPlan& plan, const std::vector<PrefixCut>& cuts) {
  Deployment deployment;
  std::map<std::size_t, std::size_t> variant_of;  // By cut.
  for (const std::size_t cut : plan.cut_of) {
    const auto [known, is_new] = variant_of.emplace(cut, variant_of.size());
    if (is_new) {
      deployment.variants.push_back({cuts[cut].after, cuts[cut].tier_of, cuts[cut].cost});
    }
    deployment.sequence.push_back(known->second);
  }
  return deployment;
}

Answer solve_jps(const Problem& problem, const Parameters& parameters) {
  if (problem.tier_count() != 2) {
    return Declined{fmt::format(
        "it plans for a device and one server, not {}; {}", counted(problem.tier_count(), "tier"),
        problem.tier_count() > 2
            ? fmt::format("leave out all tiers but '{}' and one other, and connect them by one hop",
                          problem.tiers[0])
            : "add a server and a hop to it")};
  }
  const std::vector<PrefixCut> cuts = prefix_cuts(problem);
  const std::vector<CutJob> jobs = cut_jobs(problem, cuts);
  const auto count = static_cast<std::size_t>(parameters.at("jobs"));
  const BatchPlan plan = best_mix(jobs, count);
  Answer answer = cuts[most_frequent(plan.cut_of)].tier_of;
  answer.makespan = plan.makespan;
  answer.deployment = in_order(plan, cuts);
  answer.measure = Measure::makespan;
  answer.figures = {{"makespan", "s", plan.makespan.si()},
                    {"single_cut_makespan", "s", best_single_cut(jobs, count).makespan.si()}};
  add_jobs(plan, jobs, answer.figures);
  return answer;
}

}  // namespace

void register_jps(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "jps",
       .doc = "a batch of jobs on one device and its link: the cut of each, and the order",
       .citation = "Duan, Wu, JPS, ICPP 2021; Johnson, Naval Research Logistics Quarterly "
                   "1, 1954",
       .growth = {"jobs layers"},
       .parameters =
           {{.name = "jobs", .fallback = 10, .least = 1, .most = 1000, .doc = "jobs at the start"}},
       .solve = solve_jps});
}

}  // namespace offcut::partition
