#include "sim/engine/core/verdict.h"

#include <cmath>

namespace offcut::engine {

namespace {

/// Returns whether more was offered than chance explains.
bool is_clearly_too_much(const JudgedLoad& load) {
  constexpr double kDeviations = 4;
  return load.capacity > 0 &&
         load.offered >
             load.capacity * (1 + kDeviations / std::sqrt(static_cast<double>(load.requests)));
}

}  // namespace

Verdict judge(const JudgedLoad& load, double duration) {
  constexpr std::int64_t kFewest = 10, kEnough = 100;
  constexpr double kBacklog = 0.05;
  // In a run whose times are all zero, nothing waits for longer than the run.
  if (load.requests < kFewest || load.backlog <= kBacklog * duration ||
      (load.requests < kEnough && !is_clearly_too_much(load))) {
    return Verdict::stable;
  }
  // Work that came all at once says nothing about a rate.
  return load.capacity > 0 && load.offered > load.capacity ? Verdict::overloaded
                                                           : Verdict::backlogged;
}

bool is_overloaded_alone(const JudgedLoad& load, double duration) {
  return judge(load, duration) == Verdict::overloaded && is_clearly_too_much(load);
}

double decisive_load(double all, double worst, std::int64_t saturated) {
  return saturated > 0 && all <= 1 ? worst : all;
}

}  // namespace offcut::engine
