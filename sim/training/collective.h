#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "sim/training/state.h"
#include "sim/training/strategy.h"
#include "sim/training/task_book.h"

namespace offcut::training {

/// A message of a collective operation among members 0 to n - 1. It begins when those that it needs
/// have arrived.
struct Transfer {
  std::size_t from = 0, to = 0;
  double share = 1;                // Of the whole payload.
  std::vector<std::size_t> needs;  // Earlier transfers.
};
using Schedule = std::vector<Transfer>;

/// The ring all-reduce (Patarasuk, Yuan, "Bandwidth optimal all-reduce algorithms for clusters of
/// workstations", JPDC 2009): n - 1 steps that add up chunks on their way around the ring, and
/// n - 1 that hand the sums on. Each member sends 2 (n - 1) / n of the payload.
Schedule ring_all_reduce(std::size_t members);

/// The reduction to member 0 over a binary tree, where the children of i are 2i + 1 and 2i + 2, and
/// the broadcast of the sum over the same tree.
Schedule tree_all_reduce(std::size_t members);

/// Return the sums that these leave at every member, in float32 and in their order of additions.
State ring_sum(std::span<const State> parts);
State tree_sum(std::span<const State> parts);
/// Returns the sum at a server, in float64 in the order of members, rounded at last.
State server_sum(std::span<const State> parts);

/// Who gets whose state with which weight: row i has the weights of member i's next state, which
/// add up to 1, its own included.
struct Mixing {
  std::vector<std::vector<std::pair<std::size_t, double>>> rows;  // Ascending by member.
};
using Neighbours = std::vector<std::vector<std::size_t>>;  // By member, ascending, symmetric.

Neighbours ring_neighbours(std::size_t members);
Neighbours all_neighbours(std::size_t members);
/// Returns a connected graph: a ring in a random order, and random edges until members have
/// `degree` neighbours on average, as far as there are enough.
Neighbours random_neighbours(std::size_t members, std::size_t degree, std::uint64_t seed);

/// The weights 1 / (1 + max(d_i, d_j)) of Metropolis and Hastings, which are doubly stochastic
/// (Xiao, Boyd, Kim, "Distributed average consensus with least-mean-square deviation", JPDC 2007).
Mixing metropolis(const Neighbours& neighbours);
/// Everybody gets the mean of all, by the members' weights.
Mixing full_mixing(std::span<const double> weights);

/// The messages of an exchange: each member sends its payload to each of its neighbours, first to
/// the next one in the order of members.
Schedule exchange(const Neighbours& neighbours);

/// Returns member i's next state. A state that did not arrive, `has[j]` false, has no weight: its
/// weight is added to the member's own.
State mixed(const Mixing& mixing, std::size_t member, std::span<const SharedState> states,
            const std::vector<bool>& has);

/// The outcome of a schedule's transfers.
struct TransferReport {
  std::vector<bool> arrived;  // By transfer.

  bool is_done() const {
    return std::all_of(arrived.begin(), arrived.end(), [](bool one) { return one; });
  }
};
/// Runs a schedule among devices, one for each member: messages go up to the tier where two devices
/// meet, and down again. A transfer fails with its messages, or with one that it needs.
void run_transfers(TaskBook& book, Schedule schedule, std::vector<std::size_t> devices, Bytes bytes,
                   std::function<void(const TransferReport&)> then);

/// Return the hops of a payload up from one device to the tier where it meets another one, and down
/// as many; and the sum of those from each device to the next one, around a ring.
double hops_between(const System& system, std::size_t a, std::size_t b);
double hops_around(const System& system, const std::vector<std::size_t>& devices);

/// Return the idle times of these operations among devices whose ways are alike, or of the slowest
/// pair if they are not:
///
///     ring       2 (n - 1) (alpha + bytes / (n beta))
///     tree       2 depth (alpha + bytes / beta), where two children of a member share its link
///     exchange   see time_of_exchange()
///
/// alpha and beta are those of the way up and of the way down, one after the other.
Seconds time_of_ring(const System& system, const std::vector<std::size_t>& devices, Bytes bytes);
Seconds time_of_tree(const System& system, const std::vector<std::size_t>& devices, Bytes bytes);
/// A member sends d messages one after the other; the slower of its link up and the receiver's link
/// down is busy all the time: alpha + max(d T_up + T_down, T_up + d T_down).
Seconds time_of_exchange(const System& system, const std::vector<std::size_t>& devices,
                         std::size_t degree, Bytes bytes);

}  // namespace offcut::training
