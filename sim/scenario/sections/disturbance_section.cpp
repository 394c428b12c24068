// Reads the random delays of messages: jitter, and the retransmission of lost packets.

#include "sim/scenario/sections/disturbance_section.h"

namespace offcut::scenario {
namespace {

constexpr double kMostDelay = 1e6;  // In seconds.
constexpr std::string_view kJitterExample = "jitter: {mean: 5 ms, kind: lognormal, cv: 80 %}";
constexpr std::string_view kLossExample = "loss: {probability: 1 %, time-out: 200 ms}";

constexpr KeySpec kJitter[] = {
    {.name = "mean",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostDelay},
     .doc = "The mean. Planners add it to the latency.",
     .example = kJitterExample},
    {.name = "kind",
     .kind = ValueKind::choice,
     .choices = "exponential, lognormal, gamma, uniform",
     .noun = "distribution",
     .fallback = "exponential",
     .doc = "The distribution. `uniform` is between 0 and twice the mean.",
     .example = kJitterExample},
    {.name = "cv",
     .kind = ValueKind::number,
     .bounds = {1e-3, 100},
     .fallback = "1",
     .doc = "Of `lognormal` and `gamma`: the coefficient of variation, the standard deviation "
            "over the mean.",
     .example = kJitterExample},
};
constexpr KeySpec kLoss[] = {
    {.name = "probability",
     .kind = ValueKind::number,
     .bounds = {0, 0.99},
     .doc = "The probability that a packet is lost, each time that it is sent.",
     .example = kLossExample},
    {.name = "time-out",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostDelay},
     .fallback = "200 ms",
     .doc = "The time after which lost packets are sent again. 200 ms is the least of Linux.",
     .example = kLossExample},
    {.name = "packet",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = {1, 1e9},
     .fallback = "1448 B",
     .doc = "The bytes of a message in a packet.",
     .example = "loss: {probability: 1 %, packet: 1448 B}"},
};

}  // namespace

constinit const KeyTable kJitterKeys{
    .doc = "A random delay of each message, either way, in addition to the latency.",
    .keys = kJitter,
    .title = "Jitter"};
constinit const KeyTable kLossKeys{
    .doc =
        "Packets that are lost and sent again. A message waits until all of its packets have "
        "arrived; those that were lost are sent again together, after the time-out. Planners "
        "do not count with it.",
    .keys = kLoss,
    .title = "Loss"};

std::optional<network::Jitter> read_jitter(MapReader& hop) {
  using Kind = network::Jitter::Kind;
  if (hop.raw("jitter") == nullptr) {
    return std::nullopt;
  }
  MapReader map = hop.map("jitter");
  network::Jitter jitter{.mean = map.quantity<Seconds>("mean")};
  const auto kind = map.choice("kind");
  jitter.kind = kind == "lognormal" ? Kind::lognormal
                : kind == "gamma"   ? Kind::gamma
                : kind == "uniform" ? Kind::uniform
                                    : Kind::exponential;
  if (jitter.kind == Kind::lognormal || jitter.kind == Kind::gamma) {
    jitter.cv = map.number("cv");
  } else {
    map.reject("cv", "it is of 'lognormal' and 'gamma'");
  }
  map.done();
  return jitter;
}

std::optional<network::Loss> read_loss(MapReader& hop) {
  if (hop.raw("loss") == nullptr) {
    return std::nullopt;
  }
  MapReader map = hop.map("loss");
  network::Loss loss{.probability = map.number("probability"),
                     .time_out = map.quantity<Seconds>("time-out"),
                     .packet = map.quantity<Bytes>("packet")};
  map.done();
  return loss;
}

}  // namespace offcut::scenario
