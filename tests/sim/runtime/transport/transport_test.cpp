// The contract of every transport, with channels over sockets and within a process.
#include "sim/runtime/transport/transport.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "models/base/error.h"
#include "tests/sim/runtime/transport/rigs.h"
#include "tests/sim/runtime/transport/sample_messages.h"

namespace offcut::runtime::transport_test {

TEST_CASE_TEMPLATE("transport: all kinds of messages arrive in order", Rig, SocketRig,
                   InProcessRig) {
  Rig rig;
  Pair<Rig> pair(rig);
  const std::vector<Message> messages = sample_messages();
  std::vector<Message> there, back;
  std::vector<Seconds> sent;
  pair.far_listener.arrived = [&](Message message, Arrival arrival) {
    CHECK(arrival.first <= arrival.last);
    if (there.size() > 0) {
      pair.far->send(message);
    }
    there.push_back(std::move(message));
  };
  pair.near_listener.arrived = [&](Message message, Arrival) {
    back.push_back(std::move(message));
    if (back.size() == messages.size() + 1) {
      rig.done();
    }
  };
  pair.opened = [&] {
    for (const Message& message : messages) {
      pair.near->send(message, [&](Seconds time) { sent.push_back(time); });
    }
  };
  rig.run();
  REQUIRE(there.size() == messages.size() + 1);
  REQUIRE(back.size() == messages.size() + 1);
  CHECK(there[0].text == "near");
  CHECK(back[0].text == "far");
  for (std::size_t i = 0; i < messages.size(); ++i) {
    CAPTURE(i);
    CHECK(is_same(there[i + 1], messages[i]));
    CHECK(is_same(back[i + 1], messages[i]));
  }
  CHECK(sent.size() == messages.size());
  CHECK(std::ranges::is_sorted(sent));
  CHECK(pair.near->waiting_bytes() == 0);
}

TEST_CASE_TEMPLATE("transport: the other side hears once that a channel was closed", Rig, SocketRig,
                   InProcessRig) {
  Rig rig;
  Pair<Rig> pair(rig);
  std::vector<std::string> near_reasons, far_reasons;
  pair.near_listener.closed = [&](const std::string& reason) { near_reasons.push_back(reason); };
  pair.far_listener.closed = [&](const std::string& reason) {
    far_reasons.push_back(reason);
    pair.far->send({.kind = MessageKind::request});  // Is lost.
    rig.done();
  };
  SUBCASE("by close()") {
    pair.far_listener.arrived = [&](Message, Arrival) { pair.near->close(); };
  }
  SUBCASE("by its destruction") {
    pair.far_listener.arrived = [&](Message, Arrival) { pair.near.reset(); };
  }
  rig.run();
  CHECK(near_reasons.empty());
  CHECK(far_reasons == std::vector<std::string>{"it closed the connection"});
}

TEST_CASE_TEMPLATE("transport: a channel may be destroyed by what it calls", Rig, SocketRig,
                   InProcessRig) {
  Rig rig;
  Pair<Rig> pair(rig);
  int messages = 0;
  pair.far_listener.arrived = [&](Message, Arrival) {
    ++messages;
    pair.far.reset();
  };
  pair.near_listener.closed = [&](const std::string&) {
    pair.near.reset();
    rig.done();
  };
  pair.opened = [&] { pair.near->send({.kind = MessageKind::request}); };
  rig.run();
  CHECK(messages == 1);
  CHECK(pair.near == nullptr);
}

TEST_CASE_TEMPLATE("transport: a hello comes first", Rig, SocketRig, InProcessRig) {
  Rig rig;
  std::unique_ptr<Channel> near, far;
  std::vector<std::string> reasons;
  const auto listening = rig.transport->listen(rig.address, [&](std::unique_ptr<Channel> channel) {
    far = std::move(channel);
    far->listen({[](Message, Arrival) { FAIL_CHECK("a message arrived"); },
                 [&](const std::string& reason) { reasons.push_back(reason); }});
  });
  const auto connecting = rig.transport->connect(
      rig.transport->address_of(*listening), Seconds(5),
      [&](std::unique_ptr<Channel> channel, const std::string&) {
        near = std::move(channel);
        near->listen({[](Message, Arrival) {}, [&](const std::string&) { rig.done(); }});
        near->send({.kind = MessageKind::request});
      });
  rig.run();
  CHECK(reasons ==
        std::vector<std::string>{"the first message is of the kind 'request' instead of 'hello'"});
}

TEST_CASE_TEMPLATE("transport: a node that comes back is reached again", Rig, SocketRig,
                   InProcessRig) {
  Rig rig;
  std::unique_ptr<Channel> near, far;
  std::vector<std::string> texts;
  const auto accept = [&](std::unique_ptr<Channel> channel) {
    far = std::move(channel);
    far->listen({[&](Message message, Arrival) {
                   texts.push_back(message.text);
                   rig.done();
                 },
                 [](const std::string&) {}});
  };
  auto listening = rig.transport->listen(rig.address, accept);
  const std::string address = rig.transport->address_of(*listening);
  std::string failure;
  const auto connected = [&](std::unique_ptr<Channel> channel, const std::string& reason) {
    near = std::move(channel);
    failure = reason;
    if (near == nullptr) {
      rig.done();
      return;
    }
    near->listen({[](Message, Arrival) {}, [](const std::string&) {}});
    near->send({.kind = MessageKind::hello, .text = "here I am"});
  };
  auto connecting = rig.transport->connect(address, Seconds(5), connected);
  rig.run();
  CHECK(failure.empty());

  listening.reset();
  near.reset();
  far.reset();
  connecting = rig.transport->connect(address, Seconds(5), connected);
  rig.run();
  CHECK(near == nullptr);
  CHECK(!failure.empty());

  listening = rig.transport->listen(address, accept);
  connecting = rig.transport->connect(address, Seconds(5), connected);
  rig.run();
  CHECK(failure.empty());
  CHECK(texts == std::vector<std::string>{"here I am", "here I am"});
}

TEST_CASE_TEMPLATE("transport: an address in use, and a connection that is called off", Rig,
                   SocketRig, InProcessRig) {
  Rig rig;
  const auto listening = rig.transport->listen(rig.address, [](std::unique_ptr<Channel>) {});
  const std::string address = rig.transport->address_of(*listening);
  CHECK_THROWS_AS(rig.transport->listen(address, [](std::unique_ptr<Channel>) {}), InputError);
  int calls = 0;
  rig.transport->connect(address, Seconds(5),
                         [&](std::unique_ptr<Channel>, const std::string&) { ++calls; });
  rig.loop.at(rig.loop.now() + Seconds(0.02), [&] { rig.done(); });
  rig.run();
  CHECK(calls == 0);
}

}  // namespace offcut::runtime::transport_test
