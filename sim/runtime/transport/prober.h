#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/probe.h"

namespace offcut::runtime {

/// The other node can't be reached, refuses, or does not answer. what() says which.
class ProbeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A probe and its echo. The echo's times are on the other node's clock, the rest on this one's.
struct Exchange {
  Seconds begun;                  // The probe was handed to the channel.
  Seconds echo_first, echo_last;  // First and last byte of the echo.
  ProbeEcho there;

  /// Time of the exchange without that within the other node.
  Seconds on_the_way() const { return (echo_last - begun) - (there.answered - there.arrived_last); }
};

/// Sends probes to a node, one at a time. Its functions run the loop until they have their result.
class Prober {
 public:
  Prober(IoLoop& loop, Transport& transport, std::string address, std::string token,
         Seconds patience);

  /// Makes a new connection, in place of the old one. Returns how long it took until the
  /// connection was there, without the exchange of hellos. Throws ProbeError.
  Seconds connect();
  /// Throws ProbeError. REQUIRES: connected.
  Exchange exchange(std::size_t up, std::size_t down);
  /// Waits without sending anything.
  void pause(Seconds time);
  const Channel& channel() const { return *channel_; }

 private:
  void run(Seconds time, const std::function<void()>& late);
  void arrived(Message message, Arrival arrival);
  void fail(const std::string& reason);

  IoLoop& loop_;
  Transport& transport_;
  const std::string address_;
  const std::string token_;
  const Seconds patience_;
  std::unique_ptr<Handle> connecting_;
  std::unique_ptr<Channel> channel_;
  std::uint64_t number_ = 0;
  std::string failure_;
  Exchange exchange_;
};

}  // namespace offcut::runtime
