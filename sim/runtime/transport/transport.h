#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "sim/runtime/transport/loop.h"
#include "sim/runtime/transport/message.h"

namespace offcut::runtime {

/// The time at which the first and the last byte of a message arrived, on the receiver's clock.
struct Arrival {
  Seconds first, last;
};

/// A connection to another node, which carries messages in order. All functions are called, and
/// call back, on the loop's thread.
class Channel {
 public:
  virtual ~Channel() = default;  // Closes it without calling back.

  /// The functions that the channel calls. Set once, before the loop goes on.
  struct Listener {
    std::function<void(Message, Arrival)> arrived;
    /// The channel is closed, by the other side or by a fault, which `reason` states; nothing
    /// arrives after that. Messages that were not handed over are lost.
    std::function<void(const std::string& reason)> closed;
  };
  virtual void listen(Listener listener) = 0;

  /// Queues a message. `sent` is called with the time at which its last byte was handed to the
  /// system; it is not called if the channel closes before that. Tensors are shared until then.
  virtual void send(Message message, std::function<void(Seconds)> sent = {}) = 0;
  /// Bytes that wait to be handed over.
  virtual std::size_t waiting_bytes() const = 0;
  virtual void close() = 0;
  virtual std::string peer() const = 0;  // Its address, for messages to people.
};

/// Stops what it stands for when it is destroyed.
class Handle {
 public:
  virtual ~Handle() = default;
};

/// Makes channels: over sockets, or within a process. An address is "127.0.0.1:7000",
/// "[::1]:7000" or "host:7000" for sockets, and any name within a process.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual Loop& loop() = 0;

  /// Calls `accept` with each new channel. Throws InputError if the address is invalid, unknown
  /// or in use. Port 0 takes a free one; `address_of()` has it.
  virtual std::unique_ptr<Handle> listen(const std::string& address,
                                         std::function<void(std::unique_ptr<Channel>)> accept) = 0;
  virtual std::string address_of(const Handle& listening) const = 0;

  /// Calls back once: with a channel, or with null and the reason, at the latest after `patience`.
  using Connected = std::function<void(std::unique_ptr<Channel>, const std::string& reason)>;
  virtual std::unique_ptr<Handle> connect(const std::string& address, Seconds patience,
                                          Connected connected) = 0;
};

}  // namespace offcut::runtime
