// The answer of a network that is split over nodes and sockets has the bits of the whole network's,
// with the reference engine: each network of the zoo that is computed quickly, cut at three places.
// OFFCUT_ALL_NETWORKS=1 in the environment takes all of them.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <future>
#include <thread>

#include "models/base/random.h"
#include "models/exec/segment.h"
#include "models/graph/random_input.h"
#include "models/graph/subgraph.h"
#include "models/ops/operator.h"
#include "models/zoo/network.h"
#include "sim/runtime/node/node.h"
#include "sim/runtime/transport/socket_transport.h"

namespace offcut::runtime::bits_test {
namespace {

constexpr double kQuickMacs = 20e6;

const Registry<ops::Operator>& operators() {
  static const Registry<ops::Operator> all = [] {
    Registry<ops::Operator> registry;
    ops::register_operators(registry);
    return registry;
  }();
  return all;
}

/// The layers before a place are on the device, the others on the server; a tensor that crosses
/// and is an output of the network is both.
Part part_of(const Graph& network, LayerId from, LayerId to, const std::string& name) {
  std::vector<LayerId> layers;
  for (LayerId id = from; id < to; ++id) {
    layers.push_back(id);
  }
  Part part;
  part.results.emplace();
  if (layers.empty()) {
    return part;
  }
  part.graph = std::make_shared<const Graph>(subgraph(network, layers, name));
  for (const TensorId output : network.outputs()) {
    const auto& producer = network.tensor(output).producer;
    if (producer && *producer >= from && *producer < to) {
      part.results->insert(network.tensor(output).name);
    }
  }
  return part;
}

/// A thread that is the loop of a node.
struct Machine {
  IoLoop loop;
  std::unique_ptr<Transport> transport;
  std::unique_ptr<Workers> workers;
  std::unique_ptr<Node> node;
  std::thread thread;

  Machine() {
    SocketLimits limits;
    limits.hello_bytes = std::size_t{1} << 20U;
    limits.message_bytes = std::size_t{1} << 30U;
    transport = make_socket_transport(loop, limits);
  }
  void make(NodeSettings settings) {
    static const Registry<codec::CodecKind> codecs;
    std::vector<Part> parts;
    for (const NodeCut& cut : settings.cuts) {
      parts.push_back(cut.part);
    }
    workers = std::make_unique<Workers>(
        std::move(parts), Workers::Settings{.engine = exec::MathEngine::reference}, loop, codecs);
    node = std::make_unique<Node>(*transport, *workers, std::move(settings));
  }
  void begin() {
    thread = std::thread([this] { loop.run(); });
  }
  ~Machine() {
    loop.post([this] {
      node->stop();
      loop.stop();
    });
    thread.join();
    node.reset();
    workers.reset();
  }
};

void compare(const Graph& network) {
  CAPTURE(network.name());
  exec::TensorMap inputs;
  std::map<std::string, Tensor> named;
  for (const TensorId id : network.inputs()) {
    inputs[id] = random_input(network, id, random_stream(7, "bits", id));
    named[network.tensor(id).name] = inputs[id];
  }
  const exec::TensorMap whole = exec::run(network, exec::whole(network), inputs);
  const auto layers = static_cast<LayerId>(network.layer_count());
  NodeSettings device{.tier = "device"}, server{.tier = "server"};
  for (const LayerId cut :
       {LayerId{0}, static_cast<LayerId>(layers / 3), static_cast<LayerId>(layers * 2 / 3)}) {
    device.cuts.push_back({.part = part_of(network, 0, cut, "device"), .service = {Seconds(0)}});
    server.cuts.push_back(
        {.part = part_of(network, cut, layers, "server"), .service = {Seconds(0)}});
  }
  Machine far, near;
  far.make(server);
  const std::string address = far.node->listen("127.0.0.1:0");
  far.begin();
  device.next.emplace();
  device.next->sites = {{address}};
  device.next->patience = Seconds(1000);
  near.make(device);
  std::vector<CallEnd> ends;
  std::promise<void> all_ended;
  near.node->on_ready([&] {
    for (std::size_t cut = 0; cut < device.cuts.size(); ++cut) {
      near.node->call({.inputs = named, .cut = cut}, [&](CallEnd end) {
        ends.push_back(std::move(end));
        if (ends.size() == device.cuts.size()) {
          all_ended.set_value();
        }
      });
    }
  });
  near.begin();
  all_ended.get_future().wait();
  for (const CallEnd& end : ends) {
    CAPTURE(end.times.cut);
    CAPTURE(end.result.reason);
    REQUIRE(end.how == CallEnd::How::answered);
    CHECK(end.result.outputs.size() == network.outputs().size());
    for (const TensorId output : network.outputs()) {
      const Tensor& expected = whole.at(output);
      const auto found = end.result.outputs.find(network.tensor(output).name);
      REQUIRE(found != end.result.outputs.end());
      REQUIRE(found->second.type() == expected.type());
      CHECK(std::memcmp(found->second.bytes().data(), expected.bytes().data(),
                        expected.bytes().size()) == 0);
    }
  }
}

TEST_CASE("a network split over sockets has the bits of the whole one") {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  const bool all = std::getenv("OFFCUT_ALL_NETWORKS") != nullptr;
  int compared = 0;
  for (const auto& [name, network] : networks) {
    const Graph graph = network.build(operators(), 1);
    if (all || graph.total_work().macs <= kQuickMacs) {
      compare(graph);
      ++compared;
      if (all) {
        MESSAGE(name);
      }
    }
  }
  CHECK(compared >= 5);
}

}  // namespace
}  // namespace offcut::runtime::bits_test
