#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// A job under one cut: time on the device, then on its link.
struct CutJob {
  std::string name;  // The cut's name.
  Seconds compute;
  Seconds upload;
};

/// A plan for a batch of equal jobs that all arrive at the start: the cut of each job, in the order
/// in which they run.
struct BatchPlan {
  std::vector<std::size_t> cut_of;
  Seconds makespan;  // Until the last upload ends.
};

/// Returns the order of least makespan (Johnson, "Optimal two- and three-stage production schedules
/// with setup times included", Naval Research Logistics Quarterly 1, 1954): first the jobs that
/// compute less than they upload, the shortest computation first, then the others, the longest
/// upload first. Equal jobs keep their order. O(n log n).
std::vector<std::size_t> johnson_order(std::span<const CutJob> jobs);

/// Returns the makespan if the jobs run in this order: the device computes one job after the other,
/// the link sends one after the other, each once it is computed. O(n).
Seconds makespan_of(std::span<const CutJob> jobs);

/// Returns the best plan in which all jobs have the same cut. Its makespan is
/// compute + (n - 1) * max(compute, upload) + upload. REQUIRES: cuts, jobs > 0. O(cuts).
BatchPlan best_single_cut(std::span<const CutJob> cuts, std::size_t jobs);

/// Returns the best plan with at most two different cuts in Johnson's order (Duan, Wu, "Joint
/// optimization of DNN partition and scheduling for mobile cloud computing", ICPP 2021, algorithm
/// JPS: one cut that computes little and one that uploads little). Deviation: all pairs and all
/// shares are tried, not only neighbours of the balanced cut. REQUIRES: cuts, jobs > 0.
/// O(cuts^2 * jobs).
BatchPlan best_two_cuts(std::span<const CutJob> cuts, std::size_t jobs);

/// Returns the best plan over all mixes of cuts. In Johnson's order, a batch is a sequence of cuts
/// that never goes back, so a partial batch is described by its jobs, the seconds computed and the
/// end of the last upload. Of two with as many jobs, one that is worse in both is dropped, and so
/// is one that can't become better than best_two_cuts(). Exact; the number of partial batches is
/// usually small, but may grow with the product of jobs and distinct sums.
/// As in the paper, the cloud and the answer, which follow the upload, take no time, because they
/// delay no other job. REQUIRES: cuts, jobs > 0.
BatchPlan best_mix(std::span<const CutJob> cuts, std::size_t jobs);

}  // namespace offcut::partition
