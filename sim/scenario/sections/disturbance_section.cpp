// Reads the random delays of messages: jitter, and the retransmission of lost packets.

#include "sim/scenario/sections/disturbance_section.h"

#include <fmt/format.h>

#include "sim/scenario/sections/measured_values.h"
#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr double kMostDelay = 1e6;  // In seconds.
constexpr std::string_view kJitterExample = "jitter: {mean: 5 ms, kind: lognormal, cv: 80 %}";
constexpr std::string_view kEmpiricalExample =
    "jitter: {kind: empirical, file: delays.csv, up: up_s, down: down_s}";
constexpr std::string_view kLossExample = "loss: {probability: 1 %, time-out: 200 ms}";

constexpr KeySpec kJitter[] = {
    {.name = "mean",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostDelay},
     .absent = "required, except for `empirical`, which has that of the file",
     .doc = "The mean. Planners add it to the latency.",
     .example = kJitterExample},
    {.name = "kind",
     .kind = ValueKind::choice,
     .choices = "exponential, lognormal, gamma, uniform, empirical",
     .noun = "distribution",
     .fallback = "exponential",
     .doc = "The distribution. `uniform` is between 0 and twice the mean; `empirical` draws the "
            "delays of a file.",
     .example = kJitterExample},
    {.name = "cv",
     .kind = ValueKind::number,
     .bounds = {1e-3, 100},
     .fallback = "1",
     .doc = "Of `lognormal` and `gamma`: the coefficient of variation, the standard deviation "
            "over the mean.",
     .example = kJitterExample},
    {.name = "file",
     .kind = ValueKind::file,
     .absent = "required for `empirical`, invalid otherwise",
     .doc = "A CSV file of measured delays in seconds, one in each row.",
     .example = kEmpiricalExample},
    {.name = "up",
     .kind = ValueKind::text,
     .absent = "the only column",
     .doc = "The column of the file with the delays of messages away from the device.",
     .example = kEmpiricalExample},
    {.name = "down",
     .kind = ValueKind::text,
     .absent = "the only column",
     .doc = "The column with those of messages to the device.",
     .example = kEmpiricalExample},
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

/// Reads the delays of a file. They keep the mean of both directions together.
void read_empirical(MapReader& map, ReadSoFar& so_far, network::Jitter& jitter) {
  jitter.kind = network::Jitter::Kind::empirical;
  for (const char* key : {"mean", "cv"}) {
    map.reject(key, "empirical jitter has that of its file");
  }
  const std::string path = existing_file(map, "file", so_far.scenario.path);
  double sum = 0;
  for (const bool up : {true, false}) {
    const char* const key = up ? "up" : "down";
    const std::string column = map.raw(key) != nullptr ? map.text(key) : "";
    if (path.empty()) {
      continue;
    }
    try {
      std::vector<Seconds>& delays = up ? jitter.up : jitter.down;
      double of_direction = 0;
      for (const double delay : read_values(path, column)) {
        if (delay > kMostDelay) {
          throw InputError({path}, fmt::format("expected delays of at most {:g} s, got {:g}",
                                               kMostDelay, delay));
        }
        delays.emplace_back(delay);
        of_direction += delay;
      }
      sum += of_direction / static_cast<double>(delays.size());
    } catch (const InputError& error) {
      so_far.add(error);
    }
  }
  jitter.mean = Seconds(sum / 2);
}

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

std::optional<network::Jitter> read_jitter(MapReader& hop, ReadSoFar& so_far) {
  using Kind = network::Jitter::Kind;
  if (hop.raw("jitter") == nullptr) {
    return std::nullopt;
  }
  MapReader map = hop.map("jitter");
  network::Jitter jitter;
  const auto kind = map.choice("kind");
  if (kind == "empirical") {
    read_empirical(map, so_far, jitter);
    map.done();
    return jitter;
  }
  for (const char* key : {"file", "up", "down"}) {
    map.reject(key, "it is of 'empirical'");
  }
  jitter.mean = map.quantity<Seconds>("mean");
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
