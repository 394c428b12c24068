#pragma once

#include <algorithm>
#include <ctime>
#include <limits>

namespace offcut {

/// Returns a time in seconds since an arbitrary start.
using ClockFunction = double (*)();

/// Returns the CPU time of the calling thread, which other work on the machine does not affect.
inline double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Returns the wall-clock time, the only one that covers several threads.
inline double wall_seconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Returns the clock for work on `threads` threads: CPU time for one, wall-clock time for several.
inline ClockFunction clock_for(int threads) { return threads == 1 ? thread_seconds : wall_seconds; }

/// Returns the shortest time of a few runs, the first of which is a warm-up.
template <class F>
double least_seconds(F run, ClockFunction clock) {
  constexpr int kRuns = 4;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kRuns; ++i) {
    const double start = clock();
    run();
    least = std::min(least, clock() - start);
  }
  return least;
}

}  // namespace offcut
