#include <doctest/doctest.h>

#include <vector>

#include "sim/runtime/transport/frame.h"
#include "tests/sim/runtime/transport/rigs.h"
#include "tests/sim/runtime/transport/sample_messages.h"

namespace offcut::runtime::in_process_test {

TEST_CASE("in process: messages take the time of their link, one after another") {
  InProcessRig rig;
  rig.transport->set_links("edge", {Seconds(0.25), BytesPerSecond(1000)}, {Seconds(0.5)});
  Pair<InProcessRig> pair(rig);
  const Message message{.kind = MessageKind::request,
                        .tensors = {sample_tensor("x", DataType::uint8, {2000})}};
  const double hello_s =
      static_cast<double>(frame_bytes({.kind = MessageKind::hello, .text = "near"})) / 1000;
  const double message_s = static_cast<double>(frame_bytes(message)) / 1000;
  double opened_s = 0;
  std::vector<Arrival> arrivals;
  std::vector<Seconds> sent, back;
  pair.opened = [&] {
    opened_s = rig.loop.now().si();
    for (int i = 0; i < 2; ++i) {
      pair.near->send(message, [&](Seconds time) { sent.push_back(time); });
    }
    CHECK(pair.near->waiting_bytes() > 4000);
  };
  pair.far_listener.arrived = [&](Message received, Arrival arrival) {
    if (received.kind == MessageKind::request) {
      arrivals.push_back(arrival);
      pair.far->send({.kind = MessageKind::answer});
    }
  };
  pair.near_listener.arrived = [&](Message received, Arrival arrival) {
    if (received.kind == MessageKind::answer) {
      back.push_back(arrival.last);
    }
  };
  rig.run();
  REQUIRE(arrivals.size() == 2);
  const double first_s = opened_s + hello_s;
  CHECK(opened_s == doctest::Approx(0.75));
  CHECK(arrivals[0].first.si() == doctest::Approx(first_s + 0.25));
  CHECK(arrivals[0].last.si() == doctest::Approx(first_s + message_s + 0.25));
  CHECK(arrivals[1].first.si() == doctest::Approx(first_s + message_s + 0.25));
  CHECK(arrivals[1].last.si() == doctest::Approx(first_s + 2 * message_s + 0.25));
  CHECK(sent[1].si() == doctest::Approx(first_s + 2 * message_s));
  CHECK(back[1].si() == doctest::Approx(first_s + 2 * message_s + 0.25 + 0.5));
}

TEST_CASE("in process: a cut closes both sides, and loses what is on its way") {
  InProcessRig rig;
  rig.transport->set_links("edge", {Seconds(1)}, {Seconds(1)});
  Pair<InProcessRig> pair(rig);
  int requests = 0;
  std::vector<std::string> reasons;
  pair.far_listener.arrived = [&](Message message, Arrival) {
    requests += message.kind == MessageKind::request ? 1 : 0;
  };
  pair.near_listener.closed =
      pair.far_listener.closed = [&](const std::string& reason) { reasons.push_back(reason); };
  pair.opened = [&] {
    rig.loop.at(Seconds(10), [&] { pair.near->send({.kind = MessageKind::request}); });
    rig.loop.at(Seconds(10.5), [&] { rig.transport->cut("edge", "the link is down"); });
  };
  rig.run();
  CHECK(requests == 0);
  CHECK(reasons == std::vector<std::string>{"the link is down", "the link is down"});
}

TEST_CASE("in process: the patience of a connection") {
  InProcessRig rig;
  rig.transport->set_links("edge", {Seconds(3)}, {Seconds(3)});
  const auto listening = rig.transport->listen("edge", [](std::unique_ptr<Channel>) {});
  std::string reason;
  const auto connecting = rig.transport->connect(
      "edge", Seconds(5), [&](std::unique_ptr<Channel>, const std::string& why) { reason = why; });
  rig.run();
  CHECK(reason == "no connection within 5 s");
  CHECK(rig.loop.now() == Seconds(5));
}

}  // namespace offcut::runtime::in_process_test
