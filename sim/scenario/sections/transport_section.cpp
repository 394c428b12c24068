// Reads the transport protocol of a link: its name, or a map with the settings of TCP. The keys
// are those of catalogue files, too, and replace the transport of a named link as a whole.

#include "sim/scenario/sections/transport_section.h"

#include <fmt/format.h>

#include <utility>

namespace offcut::scenario {
namespace {

constexpr std::string_view kExample =
    "transport: {tcp: {initial-window: 10, idle-restart: true, handshake: never}}";
constexpr KeySpec kTcp[] = {
    {.name = "initial-window",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .fallback = "10",
     .doc = "The segments of 1448 bytes that a connection sends before it waits for the first "
            "acknowledgement. 10 is the value of RFC 6928 and of Linux.",
     .example = kExample},
    {.name = "idle-restart",
     .kind = ValueKind::flag,
     .fallback = "true",
     .doc = "A connection that sent nothing in a direction for longer than its retransmission "
            "time-out begins again with the initial window. The time-out is the round trip plus "
            "200 ms. Linux: `tcp_slow_start_after_idle`.",
     .example = kExample},
    {.name = "handshake",
     .kind = ValueKind::choice,
     .choices = "never, per-request",
     .noun = "handshake",
     .fallback = "never",
     .doc = "`never`: connections are open from the start. `per-request`: each request opens its "
            "own, which takes a round trip before its message; message and answer begin with the "
            "initial window.",
     .example = kExample},
};
constexpr KeyTable kTcpKeys{
    .doc =
        "TCP in slow start. The sender sends a window of segments, waits until a round trip "
        "after the first of them left, and goes on with a window that has grown by what was "
        "sent. It never waits again once a window fills the round trip, which is twice the "
        "`latency`. Each device has one connection over each hop, and each direction a window "
        "of its own, which it keeps between messages.",
    .keys = kTcp};
constexpr KeySpec kTransport[] = {
    {.name = "tcp",
     .below = &kTcpKeys,
     .doc = "Messages go over TCP connections.",
     .example = kExample},
};

YamlNode resolved_transport(const partition::Tcp& tcp) {
  YamlNode settings;
  settings.add("initial-window", YamlNode::scalar(fmt::format("{:.0f}", tcp.initial_window)));
  settings.add("idle-restart", YamlNode::scalar(tcp.idle_restart ? "true" : "false"));
  settings.add("handshake", YamlNode::scalar(tcp.handshake ? "per-request" : "never"));
  YamlNode transport;
  transport.add("tcp", std::move(settings));
  return transport;
}

}  // namespace

constinit const KeyTable kTransportKeys{.doc = "The transport protocol of a link and its settings.",
                                        .keys = kTransport};

std::optional<partition::Tcp> read_transport(MapReader& link,
                                             const std::optional<partition::Tcp>& base) {
  if (link.raw("transport") == nullptr) {
    if (base) {  // resolved.yaml does not name the kind of the link.
      link.resolved().add("transport", resolved_transport(*base));
    }
    return base;
  }
  if (link.has_scalar("transport")) {
    return link.choice("transport") == "tcp" ? std::optional(partition::Tcp()) : std::nullopt;
  }
  MapReader transport = link.map("transport");
  // Another key in its place is one error.
  MapReader reader = transport.map("tcp", transport.keys().empty());
  partition::Tcp tcp;
  tcp.initial_window = static_cast<double>(reader.count("initial-window"));
  tcp.idle_restart = reader.flag("idle-restart");
  tcp.handshake = reader.choice("handshake") == "per-request";
  reader.done();
  transport.done();
  return tcp;
}

}  // namespace offcut::scenario
