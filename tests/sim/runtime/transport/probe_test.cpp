#include "sim/runtime/transport/probe.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/runtime/transport/frame.h"
#include "sim/runtime/transport/probe_server.h"
#include "sim/runtime/transport/same_token.h"
#include "tests/sim/runtime/transport/rigs.h"

namespace offcut::runtime::probe_test {
namespace {

/// A channel to a server of probes, within the process.
struct Guest {
  InProcessRig rig;
  ProbeServer server;
  std::unique_ptr<Handle> connecting;
  std::unique_ptr<Channel> channel;
  std::vector<Message> messages;  // Without hellos.
  std::vector<std::string> reasons;

  Guest(const std::string& hello, const std::string& token, const ProbeLimits& limits = {})
      : server(*rig.transport, "edge", token, limits) {
    rig.transport->set_links("edge", {Seconds(0.25)}, {Seconds(0.5)});
    connecting = rig.transport->connect(
        "edge", Seconds(5), [this, hello](std::unique_ptr<Channel> connected, const std::string&) {
          channel = std::move(connected);
          channel->listen({[this](Message message, Arrival) {
                             if (message.kind != MessageKind::hello) {
                               messages.push_back(std::move(message));
                             }
                           },
                           [this](const std::string& reason) { reasons.push_back(reason); }});
          channel->send({.kind = MessageKind::hello, .text = hello});
        });
    rig.run();
  }
  const Message& after(Message message) {
    channel->send(std::move(message));
    rig.run();
    REQUIRE(!messages.empty());
    return messages.back();
  }
};

std::size_t payload_bytes(const Message& message) {
  std::size_t bytes = 0;
  for (const MessageTensor& tensor : message.tensors) {
    bytes += payload_of(tensor).size();
  }
  return bytes;
}

}  // namespace

TEST_CASE("probe: an echo has the bytes that were asked for, and the times of the probe") {
  Guest guest(prober_hello("secret"), "secret");
  const double start = guest.rig.loop.now().si();
  const Message echo = guest.after(make_probe(7, 1000, 300));
  CHECK(echo.request == 7);
  CHECK(payload_bytes(echo) == 300);
  const auto times = read_echo(echo);
  REQUIRE(times);
  CHECK(times->arrived_last.si() == doctest::Approx(start + 0.25));
  CHECK(times->answered.si() == doctest::Approx(start + 0.25));
  CHECK(!read_echo(make_probe(1, 0, 0)));
  CHECK(payload_bytes(guest.after(make_probe(8, 0, 0))) == 0);
}

TEST_CASE("probe: limits of a prober") {
  Guest guest(prober_hello(""), "", {.most_bytes = 1000, .channel_bytes = 1500});
  CHECK(guest.after(make_probe(1, 0, 1001)).text == "an echo has at most 1000 bytes here");
  CHECK(guest.after(make_probe(2, 0, 1000)).kind == MessageKind::echo);
  const Message& refusal = guest.after(make_probe(3, 0, 501));
  CHECK(refusal.kind == MessageKind::refusal);
  CHECK(refusal.request == 3);
  CHECK(refusal.text == "the echoes of a connection have at most 1500 bytes here");
  for (const std::string text : {"", "-1", "1e3", "12 ", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK(guest.after({.kind = MessageKind::probe, .text = text}).text ==
          "the text of a probe must be the number of bytes of its echo");
  }
}

TEST_CASE("probe: no echo is made while an earlier one waits") {
  // Both probes arrive before the first echo has left.
  InProcessRig rig;
  rig.transport->set_links("edge", {}, {Seconds(0), BytesPerSecond(1000)});
  Pair<InProcessRig> pair(rig);
  int echoes = 0;
  int refusals = 0;
  ProbeAnswerer answerer;
  pair.far_listener.arrived = [&](const Message& message, Arrival arrival) {
    if (message.kind == MessageKind::probe) {
      answerer.answer(*pair.far, rig.loop, message, arrival);
    }
  };
  pair.near_listener.arrived = [&](const Message& message, Arrival) {
    echoes += message.kind == MessageKind::echo ? 1 : 0;
    refusals += message.kind == MessageKind::refusal ? 1 : 0;
  };
  pair.opened = [&] {
    rig.loop.at(Seconds(10), [&] {
      pair.near->send(make_probe(1, 0, 1000));
      pair.near->send(make_probe(2, 0, 1000));
    });
  };
  rig.run();
  CHECK(echoes == 1);
  CHECK(refusals == 1);
}

TEST_CASE("probe: a server of probes closes the channels of others") {
  std::string hello, reason;
  SUBCASE("with a wrong token") {
    hello = prober_hello("secreT");
    reason = "the token is wrong";
  }
  SUBCASE("without a token") {
    hello = prober_hello("");
    reason = "the token is wrong";
  }
  SUBCASE("of tiers") {
    hello = "{}";
    reason = "it answers probes and nothing else";
  }
  Guest guest(hello, "secret");
  REQUIRE(guest.messages.size() == 1);
  CHECK(guest.messages[0].text == reason);
  CHECK(guest.reasons == std::vector<std::string>{"it closed the connection"});
}

TEST_CASE("probe: a server of probes takes no requests") {
  Guest guest(prober_hello(""), "");
  CHECK(guest.after({.kind = MessageKind::request}).text == "it answers probes and nothing else");
  CHECK(guest.reasons.size() == 1);
}

TEST_CASE("probe: tokens are equal or not") {
  CHECK(is_same_token("", ""));
  CHECK(is_same_token("abc", "abc"));
  for (const std::string other : {"", "ab", "abd", "abcabc", "abca"}) {
    CHECK(!is_same_token(other, "abc"));
    CHECK(!is_same_token("abc", other));
  }
}

TEST_CASE("probe: the hellos of tiers are none of probers") {
  CHECK(prober_token(prober_hello("t")) == "t");
  CHECK(!prober_token("{\"tier\": \"edge\"}"));
  CHECK(!prober_token(""));
}

}  // namespace offcut::runtime::probe_test
