#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The load of a resource, a tier or links, as it was when the last of its work came. Tasks and
/// their messages are work, but count as no requests: their sender waits for them, so that however
/// many wait, no more will come than the resource can do.
struct JudgedLoad {
  std::int64_t requests = 0;  // Or their messages.
  double backlog = 0;         // The seconds that it needs for what waited at the last request.
  double offered = 0;         // The work of all arrivals, in the unit of `capacity`.
  double capacity = 0;        // The work that it could do until then.
};

/// Judges a resource in a run of `duration` seconds. It is stable if its backlog takes no more than
/// a twentieth of the run; otherwise it is overloaded if more was offered than it could do, and
/// backlogged if not, or if all came at once. Few arrivals say less: with fewer than a hundred
/// requests or messages, it is overloaded if more was offered than chance explains, as in
/// is_overloaded_alone(), and otherwise stable, as it is with fewer than ten.
Verdict judge(const JudgedLoad& load, double duration);

/// Returns whether one of several alike resources is overloaded by itself. Among many, some are
/// offered more than others by chance, so its offered load must also exceed 1 by four standard
/// deviations of the number of its arrivals, as if these were a Poisson process.
bool is_overloaded_alone(const JudgedLoad& load, double duration);

/// Returns the offered load by which parallel parts are compared with other resources: that of all
/// parts together, or that of the worst one if only some parts are overloaded.
double decisive_load(double all, double worst, std::int64_t saturated);

}  // namespace offcut::engine
