// Runs our own kernels on OpenMP's threads, and reads the floating-point flags of these, each of
// which has its own. When a kernel has work for a smaller team, the other threads end, and their
// flags with them, so that a thread which ends with a flag reports it.

#include <omp.h>

#include <atomic>
#include <cfenv>
#include <cstdint>
#include <utility>

#include "models/exec/finite.h"
#include "models/exec/onednn/primitive_step.h"

namespace offcut::exec {
namespace {

std::atomic<std::uint64_t>& threads_ended_with_flags() {
  static std::atomic<std::uint64_t> count = 0;
  return count;
}

/// Belongs to a thread, and counts it if it ends with a watched flag that nobody has taken.
class EndOfThread {
 public:
  EndOfThread() = default;
  ~EndOfThread() {
    if (std::fetestexcept(watched_flags()) != 0) {
      ++threads_ended_with_flags();
    }
  }
  EndOfThread(const EndOfThread&) = delete;
  EndOfThread& operator=(const EndOfThread&) = delete;
};

int take_own_flags() {
  const thread_local EndOfThread end;
  const int flags = std::fetestexcept(watched_flags());
  if (flags != 0) {
    std::feclearexcept(watched_flags());
  }
  return flags;
}

}  // namespace

void in_parts(int threads, std::int64_t count,
              const std::function<void(std::size_t, std::int64_t, std::int64_t)>& part) {
  if (threads <= 1) {
    part(0, 0, count);
    return;
  }
  const ThreadLimit limit(threads);
#pragma omp parallel num_threads(threads)
  {
    const std::int64_t own = omp_get_thread_num();
    const std::int64_t all = omp_get_num_threads();
    part(static_cast<std::size_t>(own), count * own / all, count * (own + 1) / all);
  }
  keep_worker_flags(threads);
}

int take_worker_flags(int threads) {
  if (threads <= 1) {
    return 0;
  }
  const ThreadLimit limit(threads);  // The same team as that of the kernels.
  thread_local std::uint64_t known = 0;
  int flags = 0;
#pragma omp parallel num_threads(threads) reduction(| : flags)
  flags |= take_own_flags();
  const std::uint64_t ended = threads_ended_with_flags();
  // Which flag it was, and whose thread, is unknown. At worst, a run is repeated without need.
  return ended == std::exchange(known, ended) ? flags : flags | FE_INVALID;
}

}  // namespace offcut::exec
