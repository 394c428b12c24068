#pragma once

#include <ctime>

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

}  // namespace offcut
