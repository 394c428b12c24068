#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "sim/runtime/transport/in_process_transport.h"
#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/socket_transport.h"
#include "sim/runtime/transport/virtual_loop.h"

namespace offcut::runtime {

/// A transport with its loop, for tests that hold for each kind.
struct SocketRig {
  IoLoop loop;
  std::unique_ptr<Transport> transport;
  std::string address = "127.0.0.1:0";  // To listen at.

  explicit SocketRig(const SocketLimits& limits = {})
      : transport(make_socket_transport(loop, limits)) {}

  /// Runs until done(), or for so long that the test fails.
  void run() {
    constexpr Seconds kGuard(30);
    const Loop::Timer guard = loop.at(loop.now() + kGuard, [this] {
      FAIL_CHECK("the test takes too long");
      loop.stop();
    });
    loop.run();
    loop.cancel(guard);
  }
  void done() { loop.stop(); }
};

struct InProcessRig {
  VirtualLoop loop;
  std::unique_ptr<InProcessTransport> transport = std::make_unique<InProcessTransport>(loop);
  std::string address = "edge";

  void run() { loop.run(); }  // Until nothing is left to do.
  void done() {}
};

/// Two ends of a channel, connected and listening. `accepted` and `connected` have the same
/// listener unless the test sets others before run().
template <class Rig>
struct Pair {
  Rig& rig;
  std::unique_ptr<Handle> listening;
  std::unique_ptr<Handle> connecting;
  std::unique_ptr<Channel> near, far;  // That connected, and that was accepted.
  Channel::Listener near_listener, far_listener;
  std::function<void()> opened;  // Both are there.

  explicit Pair(Rig& on) : rig(on) {
    near_listener = far_listener = {[](Message, Arrival) {}, [](const std::string&) {}};
    listening = rig.transport->listen(rig.address, [this](std::unique_ptr<Channel> channel) {
      far = std::move(channel);
      far->listen(far_listener);
      start();
    });
    connecting =
        rig.transport->connect(rig.transport->address_of(*listening), Seconds(5),
                               [this](std::unique_ptr<Channel> channel, const std::string& reason) {
                                 CAPTURE(reason);
                                 REQUIRE(channel != nullptr);
                                 near = std::move(channel);
                                 near->listen(near_listener);
                                 start();
                               });
  }
  void start() {
    if (near != nullptr && far != nullptr) {
      near->send({.kind = MessageKind::hello, .text = "near"});
      far->send({.kind = MessageKind::hello, .text = "far"});
      if (opened) {
        opened();
      }
    }
  }
};

}  // namespace offcut::runtime
