#pragma once

#include <vector>

#include "partition/cost_table.h"

// The way of a request's messages through the tiers.
//
// A request is on one tier at a time. It begins on the device, and its stops are the later tiers
// with layers of it, in their order. A tier without layers may lie between two stops. Such a tier
// either takes each message whole and sends it on (`messages`), as a proxy does, and then is a stop
// as well; or it forwards the packets of messages (`packets`), as a router does, and is none.
//
// From one stop to the next goes one message. It has all tensors that were made so far and are
// needed at the next stop or farther out, so that a stop also passes on what it does not read. The
// answer comes back from stop to stop over the same hops, with the outputs that were made so far
// out; a stop takes it whole, with or without an output of its own.
//
// The hops between two stops are the fewest, and among equally few the first one goes as far out as
// possible. So a direct hop is taken wherever it leads from a stop to the next one or past tiers
// that forward packets, and a message never passes a stop.
//
// A leg is the part of the way that one message crosses as a whole: one flow over all hops of the
// leg at once. It is alone as fast as the slowest of them (Hop::rate(), whose payload is that of
// each hop by itself), latencies add up, and so do prices. The time per message is that of its two
// ends, the longest of the hops'. If a hop has TCP, one connection leads from end to end: with the
// smallest initial window of the hops, a handshake if one has it, a restart after idleness if one
// has it, and the round trip of the whole leg.

namespace offcut::partition {

struct Leg {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::size_t> hops;  // Their numbers, outward.
};

/// Returns the legs from one stop to the next, outward. REQUIRES: from < to.
std::vector<Leg> legs_between(const CostTable& costs, std::size_t from, std::size_t to);

/// Returns the legs of a request under an assignment, outward from the device.
std::vector<Leg> legs_of(const CostTable& costs, const Assignment& tier_of);

/// Returns the hop that costs a message what a leg over these does, in either direction. REQUIRES:
/// there is at least one.
Hop joined(const std::vector<Hop>& hops);
Hop joined(const CostTable& costs, const Leg& leg);

/// The device's power draw and radio for messages over the first leg.
struct LegRadio {
  DevicePower power;
  RadioOverhead overhead;
};

/// REQUIRES: the leg begins on the device. `hop` is the joined one.
LegRadio radio_of(const CostTable& costs, const Leg& leg, const Hop& hop);

/// Divides the time of a message over a leg among its hops: each has its latency, and the slowest
/// one, which is the first of equally slow ones, the rest.
std::vector<Seconds> divided(const CostTable& costs, const Leg& leg, bool upwards, Seconds time);

}  // namespace offcut::partition
