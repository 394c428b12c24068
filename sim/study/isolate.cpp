// Runs jobs in child processes. One loop in the parent starts them, polls their pipes and reports
// progress, which comes through shared memory.

#include "sim/study/isolate.h"

#include <poll.h>
#include <sys/mman.h>

#include <atomic>
#include <deque>
#include <new>
#include <numeric>
#include <system_error>

namespace offcut::study {
namespace {

/// The progress of each job, in memory that parent and children share.
class ProgressBoard {
 public:
  explicit ProgressBoard(std::size_t jobs) : jobs_(jobs) {
    void* memory = mmap(nullptr, jobs * sizeof(Cell), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "mmap");
    }
    cells_ = new (memory) Cell[jobs];
  }
  ~ProgressBoard() { munmap(cells_, jobs_ * sizeof(Cell)); }
  ProgressBoard(const ProgressBoard&) = delete;
  ProgressBoard& operator=(const ProgressBoard&) = delete;

  void set(std::size_t job, double done) { cells_[job].store(done, std::memory_order_relaxed); }
  double mean() const {
    return std::accumulate(cells_, cells_ + jobs_, 0.0) / static_cast<double>(jobs_);
  }

 private:
  using Cell = std::atomic<double>;
  std::size_t jobs_;
  Cell* cells_ = nullptr;
};

}  // namespace

std::vector<std::string> run_isolated(const std::vector<IsolatedJob>& jobs, std::size_t parallel,
                                      const engine::ProgressSink& progress) {
  constexpr int kPollMilliseconds = 100;
  ProgressBoard board(std::max<std::size_t>(1, jobs.size()));
  std::deque<Child> children;
  while (true) {
    std::vector<pollfd> open;
    std::vector<Child*> running;
    for (Child& child : children) {
      if (child.running()) {
        open.push_back({child.pipe(), POLLIN, 0});
        running.push_back(&child);
      }
    }
    if (running.size() < parallel && children.size() < jobs.size()) {
      const std::size_t job = children.size();
      children.emplace_back(jobs[job], [&board, job](double done) { board.set(job, done); });
      continue;
    }
    if (running.empty()) {
      break;
    }
    poll(open.data(), open.size(), kPollMilliseconds);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].revents != 0) {
        running[i]->read_some();
      }
    }
    if (progress) {
      progress(board.mean());
    }
  }
  std::vector<std::string> results;
  for (const Child& child : children) {
    results.push_back(child.result());
  }
  return results;
}

}  // namespace offcut::study
