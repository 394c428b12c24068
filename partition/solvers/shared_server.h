#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// A user's network cut in one way.
struct SharedCut {
  std::string name;
  Seconds before;     // on the device and the link: what the server's shares don't change
  Seconds on_server;  // with one unit
};

struct ServerUser {
  std::string name;
  std::vector<SharedCut> cuts;
};

/// Users that share a server of `units` equal parts (cores, slices of a GPU). Part of a network
/// runs speedup[n - 1] times as fast on n units as on one.
///
/// Invariants (check() throws std::logic_error): each user has a cut; times are finite and not
/// negative; speedup has a positive entry for each unit and never falls.
struct SharedServer {
  std::vector<ServerUser> users;
  std::size_t units = 0;
  std::vector<double> speedup;

  void check() const;
};

/// Speedups by Amdahl's law, 1 / (serial + (1 - serial) / n), for n = 1..units.
std::vector<double> amdahl_speedup(std::size_t units, double serial);

/// For each user a cut and a number of units; the units' sum is at most the server's.
struct SharedPlan {
  std::vector<std::size_t> cut_of;
  std::vector<std::size_t> units_of;
  std::vector<Seconds> latency;  // per user
};

/// The user's latency with its best cut on so many units; without any, only cuts that need no
/// server. None where there are only others.
std::optional<Seconds> latency_with(const SharedServer& server, std::size_t user,
                                    std::size_t units);

/// Cuts and shares that make the longest latency least (Tang, Chen, Zeng, Yu, Chen, "Joint
/// multiuser DNN partitioning and computational resource allocation for collaborative edge
/// intelligence", IEEE IoT Journal 8(12), 2021, algorithm IAO). Exact: a user's latency never rises
/// with its units, so the slowest user must have more, whatever the others have, and gets them one
/// by one until none is left. None where somebody needs the server and there are too few units.
///
/// Deviation: the paper starts from any shares and moves units to the slowest user; starting from
/// none gives the same and needs no search for who can spare one.
/// O(units * (users + cuts)). REQUIRES: server.check() holds.
std::optional<SharedPlan> least_longest_latency(const SharedServer& server);

/// Cuts and shares that make the sum of latencies least: a dynamic programme over users and the
/// units that are left. Exact. O(users * units * (units + cuts)). REQUIRES: server.check() holds.
std::optional<SharedPlan> least_summed_latency(const SharedServer& server);

}  // namespace offcut::partition
