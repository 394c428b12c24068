#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/base/units.h"
#include "models/graph/ids.h"
#include "partition/transport.h"

namespace offcut::partition {

/// The encoding of a tensor that crosses: it is encoded once, on the tier that makes it, and
/// decoded on each tier that reads it.
struct Coding {
  Bytes bytes;                  // On the wire.
  std::vector<Seconds> encode;  // Per tier.
  std::vector<Seconds> decode;  // Per tier.
  std::string codec = {};       // The name that users write.
};

/// A tensor of the problem: made by a layer or given on the device, read by layers.
struct CrossingTensor {
  std::string name;
  std::optional<LayerId> producer;      // None: an input, which is on the device.
  std::vector<LayerId> consumers;       // Ascending.
  Bytes bytes;                          // The size at which it crosses unencoded.
  bool is_output = false;               // It must be on the device in the end.
  std::optional<Coding> coding;         // Outward only; answers come back unencoded.
  std::vector<Coding> candidates = {};  // Codings that an algorithm may choose instead.

  Bytes outward_bytes() const { return coding ? coding->bytes : bytes; }
};

/// The link between one tier and the next. Latency is one-way. A message that has the link for
/// itself takes message_time(): its bytes at rate(), the stalls of its transport, in which the link
/// is idle, and overhead(), which delays no other message.
struct Hop {
  BytesPerSecond up;
  BytesPerSecond down;
  Seconds latency;
  double price = 0;    // Currency per byte of payload, in either direction.
  double payload = 1;  // The share of the bandwidths that carries messages: without headers.
  /// A fixed time of each message, in either direction, for sockets and copies. It comes after the
  /// last bit has left the sender, like the latency, and occupies neither a link nor a core.
  Seconds per_message = {};
  std::optional<Tcp> tcp = {};  // None: messages have no stalls.

  BytesPerSecond rate(bool upwards) const { return (upwards ? up : down) * payload; }
  /// Returns the time from the departure of a message's last bit to its delivery.
  Seconds arrival_delay() const { return latency + per_message; }
  Seconds round_trip() const { return 2 * latency; }
  /// Returns how long a message waits before its first byte until its connection is open.
  Seconds opening(bool upwards) const {
    return tcp && tcp->handshake && upwards ? round_trip() : Seconds(0);
  }
  Seconds overhead(bool upwards) const { return arrival_delay() + opening(upwards); }
  /// Returns the stalls of a message whose connection was idle for a long time before it. If an
  /// idle connection keeps its window, the message has none, since one of its size was sent before.
  std::vector<Stall> stalls(bool upwards) const;
  Seconds message_time(bool upwards, Bytes bytes) const;
};

/// The memory that a layer needs on its tier. Layers run one after the other, so a tier needs the
/// parameters of all its layers and the largest working memory of one of them.
struct LayerMemory {
  Bytes parameters;
  Bytes working;  // Tensors that are kept while it runs.
};

/// The power draw of the device. If `idle` is 0, waiting for the answer is free.
struct DevicePower {
  Watts busy;     // While it computes, encodes or decodes.
  Watts send;     // While its radio sends the bytes of messages.
  Watts receive;  // While its radio receives the bytes of the answer.
  Watts idle;     // In the rest of the request's latency.
  /// The part of `send` and of `receive` beyond `idle` that does not depend on the rate.
  Watts base = {};
  bool machine_known = true;  // Whether `busy` and `idle` are known.
  bool radio_known = true;    // Whether `send`, `receive` and the radio's overhead are known.
};

/// The states of the device's radio around the messages of one request, which finds the radio idle
/// and leaves it idle. Powers are in addition to the idle device. The connection stays up until the
/// answer is back, so that the answer needs no promotion of its own. The radio sends and receives
/// only while bytes are on the air, and waits the rest of that time: while a connection is opened,
/// in the stalls of TCP, and while others have the request.
struct RadioOverhead {
  Seconds promotion;  // From the idle radio until the message begins: it delays the message.
  Watts promoting;
  Watts waiting;  // From then until the answer, while nothing is sent or received.
  Joules tail;    // From the last byte of the answer until the radio is idle.
};

/// A hop between two tiers that are not neighbours, with the radio that the device has for it.
struct DirectHop {
  std::size_t from = 0;
  std::size_t to = 0;
  Hop hop = {};
  Watts send = {};  // These four are 0 unless it leaves the device: see DevicePower.
  Watts receive = {};
  Watts base = {};
  RadioOverhead radio = {};
  bool radio_known = true;
  bool is_open = true;  // Otherwise no message takes it.
};

/// The costs of one request for any placement of its layers; evaluate() makes a Cost of them.
///
/// Invariants (check() throws std::logic_error):
/// 1. There is at least one tier, and one hop fewer than tiers. Tier 0 is the device, the last one
/// is farthest away.
/// 2. Layer ids are a topological order: a tensor's consumers come after its producer.
/// 3. A coding, chosen or not, has a time for each tier. seconds[tier][layer], times of coding, per
/// message and per request, latencies, bytes, memory, powers, the radio's overhead and prices are
/// finite and not negative; bandwidths are positive, shares of payload and memory above 0 and at
/// most 1,
/// initial windows at least 1.
/// 4. Layers that depend on a layer of the tail are in the tail, too.
/// 5. A direct hop goes outward and leaves out at least one tier; there is one between two tiers at
/// most.
/// 6. A tier has at least one engine.
struct CostTable {
  std::vector<std::string> tiers;
  std::vector<std::string> layers;
  std::vector<std::vector<Seconds>> seconds;
  std::vector<CrossingTensor> tensors;
  std::vector<Hop> hops;
  std::vector<LayerMemory> memory;  // Per layer, in float32; empty: unknown.
  /// Per tier: the share of that memory that layers take there, 1/4 in int8. Empty: all of it.
  std::vector<double> memory_share = {};
  DevicePower power;
  std::vector<double> price;  // Currency per second of each tier's time; empty: free.
  /// Per tier: the time of handing a request over to it, which occupies it like computing. Each
  /// request pays it on the device and on every tier that takes its messages, see legs.h. Empty:
  /// none.
  std::vector<Seconds> per_request = {};
  /// Post-processing: layers that run on the device once the answer is back, ascending. The tensors
  /// that they read come down as outputs do.
  std::vector<LayerId> tail;
  RadioOverhead radio;                 // Of the first hop.
  std::vector<DirectHop> direct = {};  // Their numbers follow those of `hops`.
  /// Per tier: without layers of a request, it forwards the packets of its messages instead of
  /// taking whole messages, see legs.h. Empty: none does.
  std::vector<bool> forwards = {};
  /// Per tier: the engines of a machine, which compute independent layers of one request at the
  /// same time, see list_schedule.h. Empty: one each.
  std::vector<std::size_t> parallel = {};

  /// Returns the number of hops, direct ones included, and one of them.
  std::size_t hop_count() const { return hops.size() + direct.size(); }
  const Hop& hop(std::size_t number) const {
    return number < hops.size() ? hops[number] : direct[number - hops.size()].hop;
  }
  Hop& hop(std::size_t number) { return const_cast<Hop&>(std::as_const(*this).hop(number)); }
  /// Returns the name of a hop: those of its ends.
  std::string hop_name(std::size_t number) const;
  /// Returns whether a message may pass a tier without being taken there.
  bool has_routes() const;
  std::size_t tier_count() const { return tiers.size(); }
  std::size_t layer_count() const { return layers.size(); }
  Seconds per_request_on(std::size_t tier) const {
    return per_request.empty() ? Seconds(0) : per_request[tier];
  }
  double memory_share_on(std::size_t tier) const {
    return memory_share.empty() ? 1 : memory_share[tier];
  }
  std::size_t engines_on(std::size_t tier) const { return parallel.empty() ? 1 : parallel[tier]; }
  /// Returns whether a tier may compute several layers of a request at the same time.
  bool is_parallel() const;
  /// Returns whether the time of a message may grow faster than its bytes.
  bool has_stalls() const;
  std::optional<std::size_t> find_tier(const std::string& name) const;
  void check() const;
};

/// Throw std::logic_error unless a hop, or the times of all layers on a tier, are valid.
void check_hop(const Hop& hop);
void check_times(const std::vector<Seconds>& times, std::size_t layers);

/// The tier of each layer. It is monotone: no layer is on an earlier tier than a layer whose tensor
/// it reads, because data moves outward and only the answer comes back. The tail is on the device.
using Assignment = std::vector<std::size_t>;

/// Returns the ids of the tensors that leave the tier where they are made, ascending.
std::vector<std::size_t> crossing(const CostTable& costs, const Assignment& tier_of);

/// Multiplies the times of computing, encoding, decoding and per request on the tier by `factor`.
void slow_down(CostTable& costs, std::size_t tier, double factor);

}  // namespace offcut::partition
