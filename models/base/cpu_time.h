#pragma once

#include <algorithm>
#include <ctime>
#include <limits>

namespace offcut {

/// Reads a time, in seconds from whenever.
using ClockFunction = double (*)();

/// The CPU time of the calling thread, in seconds: other work on the machine doesn't add to it.
inline double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The time on the wall, which is what several threads together take.
inline double wall_seconds() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// The clock for work on so many threads: that of the one thread, or else the wall's, which alone
/// sees them all.
inline ClockFunction clock_for(int threads) { return threads == 1 ? thread_seconds : wall_seconds; }

/// The least time of a few runs, the first of which warms up.
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
