// Probes and their echoes. A probe states in its text how many bytes it wants back; the echo has
// the times of the probe's arrival. Since a prober decides how much a node sends, each echo and
// their sum are limited, and no echo is made while an earlier one waits.
#include "sim/runtime/transport/probe.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace offcut::runtime {
namespace {

constexpr std::string_view kProberHello = "offcut probe\n";

/// Returns bytes without a pattern (Marsaglia, "Xorshift RNGs", 2003).
MessageTensor load_of(std::size_t bytes) {
  auto load = std::make_shared<std::vector<std::byte>>(bytes);
  std::uint64_t state = 0x9e3779b97f4a7c15U;
  for (std::size_t i = 0; i < bytes; i += sizeof state) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    std::memcpy(load->data() + i, &state, std::min(sizeof state, bytes - i));
  }
  return {.name = "load", .encoded = std::move(load)};
}

std::optional<std::size_t> wanted_bytes(const std::string& text) {
  std::size_t bytes = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, bytes);
  return error == std::errc{} && rest == end ? std::optional(bytes) : std::nullopt;
}

}  // namespace

std::string prober_hello(const std::string& token) { return std::string(kProberHello) + token; }

std::optional<std::string> prober_token(const std::string& hello) {
  if (!hello.starts_with(kProberHello)) {
    return std::nullopt;
  }
  return hello.substr(kProberHello.size());
}

Message make_probe(std::uint64_t number, std::size_t up, std::size_t down) {
  Message probe{.kind = MessageKind::probe, .request = number, .text = std::to_string(down)};
  if (up > 0) {
    probe.tensors.push_back(load_of(up));
  }
  return probe;
}

std::optional<ProbeEcho> read_echo(const Message& message) {
  if (message.kind != MessageKind::echo || message.times.size() != 1) {
    return std::nullopt;
  }
  const TierTimes& times = message.times.front();
  return ProbeEcho{times.first_byte, times.last_byte, times.sent};
}

void ProbeAnswerer::answer(Channel& channel, const Loop& loop, const Message& probe,
                           Arrival arrival) {
  const auto refuse = [&](std::string reason) {
    channel.send(
        {.kind = MessageKind::refusal, .request = probe.request, .text = std::move(reason)});
  };
  const std::optional<std::size_t> wanted = wanted_bytes(probe.text);
  if (!wanted) {
    refuse("the text of a probe must be the number of bytes of its echo");
  } else if (*wanted > limits_.most_bytes) {
    refuse(fmt::format("an echo has at most {} bytes here", limits_.most_bytes));
  } else if (sent_ + *wanted > limits_.channel_bytes) {
    refuse(fmt::format("the echoes of a connection have at most {} bytes here",
                       limits_.channel_bytes));
  } else if (channel.waiting_bytes() > 0) {
    refuse("the last echo is not sent yet");
  } else {
    Message echo{.kind = MessageKind::echo, .request = probe.request};
    if (*wanted > 0) {
      echo.tensors.push_back(load_of(*wanted));
    }
    TierTimes times;
    times.first_byte = arrival.first;
    times.last_byte = arrival.last;
    times.sent = loop.now();
    echo.times.push_back(times);
    sent_ += *wanted;
    channel.send(std::move(echo));
  }
}

}  // namespace offcut::runtime
