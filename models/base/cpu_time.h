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

/// Returns the shortest time of a few runs, the first of which is a warm-up. A run that takes long
/// by itself is repeated less often or not at all: its time varies less, by proportion, and waiting
/// for another one costs more than a better choice would gain.
template <class F>
double least_seconds(F run, ClockFunction clock) {
  constexpr int kRuns = 4;
  constexpr double kEnough = 0.1;  // Seconds of all runs.
  double least = std::numeric_limits<double>::infinity();
  double total = 0;
  for (int i = 0; i < kRuns && total < kEnough; ++i) {
    const double start = clock();
    run();
    const double seconds = clock() - start;
    least = std::min(least, seconds);
    total += seconds;
  }
  return least;
}

}  // namespace offcut
