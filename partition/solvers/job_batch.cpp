// Finds the cuts of a batch of jobs: formulas for one or two different cuts, and for any mix a
// search over partial batches in Johnson's order that keeps a Pareto front per number of jobs.

#include "partition/solvers/job_batch.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <optional>

namespace offcut::partition {
namespace {

bool uploads_longer(const CutJob& job) { return job.compute < job.upload; }

bool johnson_before(const CutJob& a, const CutJob& b) {
  if (uploads_longer(a) != uploads_longer(b)) {
    return uploads_longer(a);
  }
  return uploads_longer(a) ? a.compute < b.compute : a.upload > b.upload;
}

/// Returns the cuts that no other cut beats in both computing and uploading, in Johnson's order. A
/// better cut in place of a worse one never makes a batch longer.
std::vector<std::size_t> worthwhile(std::span<const CutJob> cuts) {
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    bool beaten = false;
    for (std::size_t j = 0; j < cuts.size(); ++j) {
      const bool no_worse = cuts[j].compute <= cuts[i].compute && cuts[j].upload <= cuts[i].upload;
      const bool equal = cuts[j].compute == cuts[i].compute && cuts[j].upload == cuts[i].upload;
      beaten = beaten || (no_worse && (!equal || j < i));
    }
    if (!beaten) {
      kept.push_back(i);
    }
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [&](auto a, auto b) { return johnson_before(cuts[a], cuts[b]); });
  return kept;
}

BatchPlan batch(std::span<const CutJob> cuts, std::vector<std::size_t> cut_of) {
  std::vector<CutJob> jobs;
  for (const std::size_t cut : cut_of) {
    jobs.push_back(cuts[cut]);
  }
  return {std::move(cut_of), makespan_of(jobs)};
}

/// Returns the makespan of `few` jobs of cut a, then the rest of cut b: the longest path that
/// computes up to some job and uploads from that job on. Among equal jobs, it turns at the first or
/// the last.
Seconds two_cut_makespan(const CutJob& a, std::size_t few, const CutJob& b, std::size_t rest) {
  const auto times = [](std::size_t n) { return static_cast<double>(n); };
  const auto alone = [&](const CutJob& job, std::size_t n) {
    return job.compute + job.upload + std::max(job.compute, job.upload) * (times(n) - 1);
  };
  if (few == 0 || rest == 0) {
    return few == 0 ? alone(b, rest) : alone(a, few);
  }
  return std::max(alone(a, few) + b.upload * times(rest), a.compute * times(few) + alone(b, rest));
}

/// The exact search over mixes.
class Mixes {
 public:
  Mixes(std::span<const CutJob> cuts, std::size_t jobs, const BatchPlan& known)
      : cuts_(cuts), order_(worthwhile(cuts)), limit_(known.makespan), fronts_(jobs + 1) {
    fronts_[0].emplace(Seconds(0), 0);
    partial_.push_back({});
  }

  /// Returns the cuts of a batch that ends before the known one, or none.
  std::optional<std::vector<std::size_t>> solve() {
    for (next_ = 0; next_ < order_.size(); ++next_) {
      find_least();
      for (std::size_t jobs = 0; jobs + 1 < fronts_.size(); ++jobs) {
        const auto front = fronts_[jobs];
        for (const auto& [computed, index] : front) {
          extend(jobs, index);
        }
      }
    }
    if (fronts_.back().empty()) {
      return std::nullopt;
    }
    // In a front, the batch that computes longest ends its last upload first.
    std::vector<std::size_t> cut_of;
    for (std::size_t i = fronts_.back().rbegin()->second; i != 0; i = partial_[i].before) {
      cut_of.push_back(partial_[i].cut);
    }
    std::reverse(cut_of.begin(), cut_of.end());
    return cut_of;
  }

 private:
  /// The first jobs of a batch.
  struct Partial {
    Seconds computed;
    Seconds uploaded;  // The end of the last upload.
    std::size_t cut = 0;
    std::size_t before = 0;
  };
  /// Partial batches by ascending `computed`, with descending `uploaded`.
  using Front = std::map<Seconds, std::size_t>;

  void find_least() {
    least_compute_ = least_upload_ = Seconds(std::numeric_limits<double>::infinity());
    for (std::size_t i = next_; i < order_.size(); ++i) {
      least_compute_ = std::min(least_compute_, cuts_[order_[i]].compute);
      least_upload_ = std::min(least_upload_, cuts_[order_[i]].upload);
    }
  }

  /// Returns a lower bound on the end of any batch that begins with this one.
  Seconds bound(const Partial& partial, std::size_t left) const {
    const double n = static_cast<double>(left);
    return left == 0 ? partial.uploaded
                     : std::max(partial.uploaded + least_upload_ * n,
                                partial.computed + least_compute_ * n + least_upload_);
  }

  void extend(std::size_t jobs, std::size_t index) {
    const CutJob& cut = cuts_[order_[next_]];
    const Seconds computed = partial_[index].computed + cut.compute;
    const Partial more = {computed, std::max(computed, partial_[index].uploaded) + cut.upload,
                          order_[next_], index};
    if (bound(more, fronts_.size() - 2 - jobs) < limit_) {
      insert(fronts_[jobs + 1], more);
    }
  }

  void insert(Front& front, const Partial& partial) {
    auto after = front.upper_bound(partial.computed);
    if (after != front.begin() && partial_[std::prev(after)->second].uploaded <= partial.uploaded) {
      return;
    }
    if (after != front.begin() && std::prev(after)->first == partial.computed) {
      --after;
    }
    while (after != front.end() && partial_[after->second].uploaded >= partial.uploaded) {
      after = front.erase(after);
    }
    front.emplace(partial.computed, partial_.size());
    partial_.push_back(partial);
  }

  std::span<const CutJob> cuts_;
  std::vector<std::size_t> order_;
  Seconds limit_;
  std::vector<Front> fronts_;  // Per number of jobs.
  std::vector<Partial> partial_;
  std::size_t next_ = 0;  // The index in order_ of the cut that is added.
  Seconds least_compute_, least_upload_;
};

}  // namespace

std::vector<std::size_t> johnson_order(std::span<const CutJob> jobs) {
  std::vector<std::size_t> order(jobs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return johnson_before(jobs[a], jobs[b]); });
  return order;
}

Seconds makespan_of(std::span<const CutJob> jobs) {
  Seconds computed;
  Seconds uploaded;
  for (const CutJob& job : jobs) {
    computed += job.compute;
    uploaded = std::max(uploaded, computed) + job.upload;
  }
  return uploaded;
}

BatchPlan best_single_cut(std::span<const CutJob> cuts, std::size_t jobs) {
  std::size_t best = 0;
  for (std::size_t cut = 1; cut < cuts.size(); ++cut) {
    if (two_cut_makespan(cuts[cut], jobs, {}, 0) < two_cut_makespan(cuts[best], jobs, {}, 0)) {
      best = cut;
    }
  }
  return batch(cuts, std::vector<std::size_t>(jobs, best));
}

BatchPlan best_two_cuts(std::span<const CutJob> cuts, std::size_t jobs) {
  const std::vector<std::size_t> order = worthwhile(cuts);
  std::vector<std::size_t> best = best_single_cut(cuts, jobs).cut_of;
  Seconds least = two_cut_makespan(cuts[best[0]], jobs, {}, 0);
  for (auto a = order.begin(); a != order.end(); ++a) {
    for (auto b = a + 1; b != order.end(); ++b) {
      for (std::size_t few = 1; few < jobs; ++few) {
        const Seconds seconds = two_cut_makespan(cuts[*a], few, cuts[*b], jobs - few);
        if (seconds < least) {
          least = seconds;
          best.assign(jobs, *b);
          std::fill_n(best.begin(), few, *a);
        }
      }
    }
  }
  return batch(cuts, std::move(best));
}

BatchPlan best_mix(std::span<const CutJob> cuts, std::size_t jobs) {
  BatchPlan known = best_two_cuts(cuts, jobs);
  const auto better = Mixes(cuts, jobs, known).solve();
  return better ? batch(cuts, *better) : known;
}

}  // namespace offcut::partition
