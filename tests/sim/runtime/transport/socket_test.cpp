// Channels over sockets whose other side is a plain socket that sends what it likes.
#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "models/base/error.h"
#include "sim/runtime/transport/address.h"
#include "tests/sim/runtime/transport/rigs.h"
#include "tests/sim/runtime/transport/sample_messages.h"

namespace offcut::runtime::socket_test {
namespace {

/// A plain socket, connected to a port of this machine.
class PlainSocket {
 public:
  explicit PlainSocket(const std::string& address) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(parse_address(address).port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    constexpr int kSmall = 4096;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kSmall, sizeof kSmall);
    REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  ~PlainSocket() { ::close(socket_); }
  PlainSocket(const PlainSocket&) = delete;
  PlainSocket& operator=(const PlainSocket&) = delete;

  void send(std::span<const std::byte> bytes) {
    // The other side may have closed the connection already.
    [[maybe_unused]] const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  void send_reset_on_close() {
    constexpr linger kReset{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset);
  }
  /// Returns whether the other side has closed the connection.
  bool is_closed() {
    char byte = 0;
    return recv(socket_, &byte, 1, MSG_DONTWAIT) == 0;
  }

 private:
  int socket_;
};

/// A node that notes what reaches it.
struct Node {
  SocketRig rig;
  std::vector<std::unique_ptr<Channel>> channels;
  std::vector<Message> messages;
  std::vector<std::string> reasons;
  std::size_t awaited = 1;  // Reasons until the run ends.
  std::unique_ptr<Handle> listening;

  explicit Node(const SocketLimits& limits = {}) : rig(limits) {
    listening = rig.transport->listen(rig.address, [this](std::unique_ptr<Channel> channel) {
      channel->listen({[this](Message message, Arrival) { messages.push_back(std::move(message)); },
                       [this](const std::string& reason) {
                         reasons.push_back(reason);
                         if (reasons.size() == awaited) {
                           rig.done();
                         }
                       }});
      channels.push_back(std::move(channel));
    });
  }
  std::string address() const { return rig.transport->address_of(*listening); }
  std::string reason_after(std::span<const std::byte> bytes) {
    PlainSocket peer(address());
    peer.send(bytes);
    rig.run();
    REQUIRE(!reasons.empty());
    return reasons.back();
  }
};

std::vector<std::byte> joined(const std::vector<Message>& messages) {
  std::vector<std::byte> bytes;
  for (const Message& message : messages) {
    const auto frame = bytes_of(message);
    bytes.insert(bytes.end(), frame.begin(), frame.end());
  }
  return bytes;
}

SocketLimits short_patience() {
  return {.hello_patience = Seconds(0.05), .message_patience = Seconds(0.05)};
}

}  // namespace

TEST_CASE("socket: other protocols and damaged frames close the channel with the reason") {
  Node node;
  const std::string http = "GET / HTTP/1.1\r\nHost: 127.0.0.1:7000\r\nConnection: close\r\n\r\n";
  CHECK(node.reason_after(std::as_bytes(std::span(http))) ==
        "it does not speak the protocol of offcut's tiers");
  auto damaged = joined({{.text = "hello"}, sample_messages()[1]});
  damaged.back() ^= std::byte{1};
  node.awaited = 2;
  CHECK(node.reason_after(damaged) == "the checksum of a message's tensors is wrong");
  CHECK(node.messages.size() == 1);
}

TEST_CASE("socket: a hello may not be large") {
  Node node({.hello_bytes = 100});
  CHECK(node.reason_after(bytes_of({.text = std::string(200, 'x')})) ==
        "a message of 220 and 0 bytes is larger than the 100 bytes allowed");
}

TEST_CASE("socket: messages have a largest size on both sides") {
  Node node({.message_bytes = 1000});
  const Message large{.kind = MessageKind::request,
                      .tensors = {sample_tensor("x", DataType::uint8, {1000})}};
  CHECK(node.reason_after(joined({{.text = "hello"}, large})) ==
        "a message of 36 and 1000 bytes is larger than the 1000 bytes allowed");

  SocketRig rig({.message_bytes = 1000});
  Pair<SocketRig> pair(rig);
  std::string reason;
  pair.near_listener.closed = [&](const std::string& why) {
    reason = why;
    rig.done();
  };
  pair.opened = [&] { pair.near->send(large); };
  rig.run();
  CHECK(reason == "a message of 1036 bytes is larger than the 1000 bytes allowed");
}

TEST_CASE("socket: a connection that ends") {
  Node node;
  auto bytes = joined({{.text = "hello"}, sample_messages()[1]});
  std::string expected = "it closed the connection";
  std::size_t messages = 2;
  bool is_reset = false;
  SUBCASE("after a message") {}
  SUBCASE("in the middle of a message") {
    bytes.pop_back();
    messages = 1;
    expected += " in the middle of a message";
  }
  SUBCASE("by a reset") { is_reset = true; }
  auto peer = std::make_unique<PlainSocket>(node.address());
  peer->send(bytes);
  node.rig.loop.at(node.rig.loop.now() + Seconds(0.02), [&] {
    if (is_reset) {
      peer->send_reset_on_close();
    }
    peer.reset();
  });
  node.rig.run();
  CHECK(node.messages.size() == messages);
  CHECK(node.reasons == std::vector<std::string>{expected});
}

TEST_CASE("socket: silent and slow peers") {
  Node node(short_patience());
  PlainSocket peer(node.address());
  SUBCASE("without a hello") {
    node.rig.run();
    CHECK(node.reasons.at(0) == "no valid hello within 50 ms");
  }
  SUBCASE("in the middle of a hello") {
    const auto hello = bytes_of({.text = "hello"});
    peer.send(std::span(hello).first(20));
    node.rig.run();
    CHECK(!node.reasons.at(0).empty());
  }
  SUBCASE("in the middle of a message") {
    peer.send(joined({{.text = "hello"}}));
    const auto request = bytes_of({.kind = MessageKind::request});
    peer.send(std::span(request).first(20));
    node.rig.run();
    CHECK(node.reasons.at(0) == "nothing came for 50 ms in the middle of a message");
  }
  CHECK(peer.is_closed());
}

TEST_CASE("socket: a peer that takes nothing") {
  SocketLimits limits;
  const Message large{.kind = MessageKind::answer,
                      .tensors = {sample_tensor("x", DataType::uint8, {20'000'000})}};
  std::string expected;
  SUBCASE("for a while") {
    limits = short_patience();
    expected = "it took nothing of a message for 50 ms";
  }
  SUBCASE("of too many messages") {
    limits.waiting_bytes = 30'000'000;
    expected = "it does not take its messages: ";
  }
  Node node(limits);
  PlainSocket peer(node.address());
  peer.send(joined({{.text = "hello"}}));
  const auto answer = [&] {
    REQUIRE(node.channels.size() == 1);
    node.channels[0]->send(large);
    node.channels[0]->send(large);
    node.channels[0]->send(large);
  };
  node.rig.loop.at(node.rig.loop.now() + Seconds(0.01), answer);
  node.rig.run();
  CHECK(node.reasons.at(0).starts_with(expected));
  CHECK(node.channels[0]->waiting_bytes() == 0);
}

TEST_CASE("socket: no more channels than allowed, and new ones after others closed") {
  Node node({.channels = 2});
  const auto bytes = joined({{.text = "hello"}});
  {
    std::vector<std::unique_ptr<PlainSocket>> peers;
    for (int i = 0; i < 4; ++i) {
      peers.push_back(std::make_unique<PlainSocket>(node.address()));
      peers.back()->send(bytes);
    }
    node.rig.loop.at(node.rig.loop.now() + Seconds(0.05), [&] { node.rig.done(); });
    node.rig.run();
    CHECK(node.channels.size() == 2);
    CHECK(node.messages.size() == 2);
  }
  node.awaited = 3;
  PlainSocket later(node.address());
  node.rig.loop.at(node.rig.loop.now() + Seconds(0.05), [&] { node.rig.done(); });
  node.rig.run();
  CHECK(node.channels.size() == 3);
}

TEST_CASE("socket: addresses that are none") {
  SocketRig rig;
  const auto accept = [](std::unique_ptr<Channel>) {};
  for (const std::string address : {"127.0.0.1", "127.0.0.1:http", "192.0.2.1:7000", "no host:7"}) {
    CAPTURE(address);
    CHECK_THROWS_AS(rig.transport->listen(address, accept), InputError);
  }
  std::vector<std::string> reasons;
  std::vector<std::unique_ptr<Handle>> attempts;
  for (const std::string address : {"127.0.0.1", "127.0.0.1:1"}) {
    attempts.push_back(rig.transport->connect(
        address, Seconds(5), [&](std::unique_ptr<Channel> channel, const std::string& reason) {
          CHECK(channel == nullptr);
          reasons.push_back(reason);
          if (reasons.size() == 2) {
            rig.done();
          }
        }));
  }
  rig.run();
  CHECK(std::ranges::none_of(reasons, [](const std::string& reason) { return reason.empty(); }));
}

}  // namespace offcut::runtime::socket_test
