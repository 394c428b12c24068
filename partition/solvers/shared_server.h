#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// One cut of a user's network.
struct SharedCut {
  std::string name;
  Seconds before;     // On the device and the link; does not depend on the server's shares.
  Seconds on_server;  // With one unit.
};

struct ServerUser {
  std::string name;
  std::vector<SharedCut> cuts;
};

/// Users that share a server of `units` equal parts (cores, slices of a GPU). On n units, a part of
/// a network runs speedup[n - 1] times as fast as on one.
///
/// Invariants (check() throws std::logic_error): each user has a cut; times are finite and not
/// negative; speedup has a positive entry for each unit and does not decrease.
struct SharedServer {
  std::vector<ServerUser> users;
  std::size_t units = 0;
  std::vector<double> speedup;

  void check() const;
};

/// Returns the speedups by Amdahl's law, 1 / (serial + (1 - serial) / n), for n = 1..units.
std::vector<double> amdahl_speedup(std::size_t units, double serial);

/// A cut and a number of units for each user; their sum is at most the server's units.
struct SharedPlan {
  std::vector<std::size_t> cut_of;
  std::vector<std::size_t> units_of;
  std::vector<Seconds> latency;  // Per user.
};

/// Returns the user's latency with its best cut on so many units. Without units, only cuts that
/// need no server count; none if there is no such cut.
std::optional<Seconds> latency_with(const SharedServer& server, std::size_t user,
                                    std::size_t units);

/// Returns the cuts and shares that minimise the longest latency (Tang, Chen, Zeng, Yu, Chen,
/// "Joint multiuser DNN partitioning and computational resource allocation for collaborative edge
/// intelligence", IEEE IoT Journal 8(12), 2021, algorithm IAO). Exact: a user's latency never rises
/// with its units, so the slowest user must have more, whatever the others have, and gets them one
/// by one until none is left. None if there are too few units for the users that need the server.
///
/// Deviation: the paper starts from any shares and moves units to the slowest user; starting
/// without shares gives the same result and needs no search for a user who can spare a unit.
/// O(units * (users + cuts)). REQUIRES: server.check() holds.
std::optional<SharedPlan> least_longest_latency(const SharedServer& server);

/// Returns the cuts and shares that minimise the sum of latencies, by a dynamic programme over
/// users and the units that are left. Exact. O(users * units * (units + cuts)). REQUIRES:
/// server.check() holds.
std::optional<SharedPlan> least_summed_latency(const SharedServer& server);

}  // namespace offcut::partition
