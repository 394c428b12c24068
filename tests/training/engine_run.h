#pragma once

#include "sim/engine/simulation.h"
#include "tests/training/given_job.h"

namespace offcut::training {

/// The system of a fake layout for the engine, without requests. A failure that does not end is an
/// outage for good.
engine::Simulation engine_system(const FakeLayout& layout);

/// The part of a run's record that a test compares, from a process of its own.
struct EngineRun {
  std::vector<RoundRecord> rounds;  // Without loss and accuracy where they are missing.
  State state;
  Seconds duration;
};
EngineRun run_in_engine(GivenJob& given, const engine::Simulation& simulation);

}  // namespace offcut::training
