#pragma once

#include <cstdint>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// A step of a team's work: a machine computes, or a message crosses the link of a machine.
struct TeamStep {
  enum class Kind : std::uint8_t { compute, send, receive };

  Kind kind;
  std::size_t machine;  // That computes, or whose link carries the message away from it or to it.
  Seconds time = {};    // Of computing.
  Bytes bytes = {};     // Of the message.

  static TeamStep compute(std::size_t machine, Seconds time) {
    return {.kind = Kind::compute, .machine = machine, .time = time};
  }
  static TeamStep send(std::size_t machine, Bytes bytes) {
    return {.kind = Kind::send, .machine = machine, .bytes = bytes};
  }
  static TeamStep receive(std::size_t machine, Bytes bytes) {
    return {.kind = Kind::receive, .machine = machine, .bytes = bytes};
  }
  bool operator==(const TeamStep&) const = default;
};

/// Steps that follow each other.
using TeamStrand = std::vector<TeamStep>;

/// Strands that start together. The phase ends when all of them have ended.
using TeamPhase = std::vector<TeamStrand>;

/// The work of one request on several machines of the first tier, whose phases follow each other.
/// Machine 0 is the device of the request; the others only help. A machine computes one step after
/// the other, and its link carries one message after the other each way, in the order in which they
/// become ready; the other end of a message is never the bottleneck. A message is there `latency`
/// after its last bit has left.
///
/// Invariants (check() throws std::logic_error): there is a machine; steps name existing ones; the
/// bandwidth is positive; times and bytes are finite and not negative.
struct Team {
  std::size_t machines = 1;
  BytesPerSecond bandwidth{1};  // Of each machine's link, each way.
  Seconds latency;              // Of each message.
  std::vector<TeamPhase> phases;

  void check() const;
};

/// Returns the time that one request takes if the machines and links are idle. O(steps * strands).
/// REQUIRES: team.check() holds.
Seconds idle_latency(const Team& team);

/// Returns the longest time for which a request occupies one machine, or one direction of a link:
/// the time between two answers if requests follow each other closely. REQUIRES: team.check() holds.
Seconds longest_stage(const Team& team);

}  // namespace offcut::partition
