#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/runtime/transport/transport.h"

namespace offcut::runtime {

/// The most that one prober may ask of a node.
struct ProbeLimits {
  std::size_t most_bytes = std::size_t{8} << 20U;         // Of an echo.
  std::uint64_t channel_bytes = std::uint64_t{4} << 30U;  // Of all echoes of a channel.
};

/// Returns the text of the hello by which a prober tells that it sends nothing but probes.
std::string prober_hello(const std::string& token);
/// Returns the token of such a text; nothing for the hello of a tier.
std::optional<std::string> prober_token(const std::string& hello);

/// Returns a probe with a load of `up` bytes, which asks for an echo with a load of `down` bytes.
/// Loads are bytes without a pattern, so that no link compresses them.
Message make_probe(std::uint64_t number, std::size_t up, std::size_t down);

/// The times in an echo, on the clock of the node that answered.
struct ProbeEcho {
  Seconds arrived_first, arrived_last;  // The first and the last byte of the probe.
  Seconds answered;                     // The echo was handed to the channel.
};
/// Returns nothing if the message is no echo of a probe.
std::optional<ProbeEcho> read_echo(const Message& message);

/// Answers the probes of one channel.
class ProbeAnswerer {
 public:
  explicit ProbeAnswerer(const ProbeLimits& limits = {}) : limits_(limits) {}

  /// Sends the echo, or a refusal with the reason if the probe asks for too much.
  void answer(Channel& channel, const Loop& loop, const Message& probe, Arrival arrival);

 private:
  ProbeLimits limits_;
  std::uint64_t sent_ = 0;
};

}  // namespace offcut::runtime
