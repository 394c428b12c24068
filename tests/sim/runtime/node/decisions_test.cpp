// A node under virtual time and the simulation, with the same arrivals and service times: both must
// serve the same requests in the same batches at the same times.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <random>

#include "models/ops/operator.h"
#include "sim/runtime/node/node.h"
#include "sim/runtime/transport/in_process_transport.h"
#include "sim/runtime/transport/virtual_loop.h"
#include "tests/sim/engine/small_systems.h"
#include "virtual_cores.h"

namespace offcut::runtime::decisions_test {
namespace {

using scheduling::Scheduling;
using Random = std::mt19937_64;

double uniform(Random& random, double least, double most) {
  return std::uniform_real_distribution<double>(least, most)(random);
}
std::size_t below(Random& random, std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
}

/// A system of one server with its requests, for both worlds.
struct System {
  Scheduling scheduling;
  std::size_t cores = 1;
  std::vector<std::vector<double>> service;   // By class, then by the size of the batch.
  std::vector<std::vector<double>> arrivals;  // By class.
  double deadline = 1e9;
  std::string text;
};

/// Gives a class its requests at these times.
class At : public workload::Arrivals {
 public:
  explicit At(std::vector<double> times) : times_(std::move(times)) {}
  Seconds next(Seconds, workload::ArrivalSource& source) const override {
    return source.count < times_.size() ? Seconds(times_[source.count++]) : engine::kNever;
  }

 private:
  std::vector<double> times_;
};

System random_system(std::uint64_t seed) {
  Random random(seed);
  System system;
  const auto queues = std::to_array<const char*>({"", "fifo", "lifo", "sjf", "edf"});
  const auto batchings = std::to_array<const char*>({"", "timeout", "adaptive"});
  const auto admissions =
      std::to_array<const char*>({"", "bounded-queue", "token-bucket", "deadline"});
  const std::string queue = queues[below(random, queues.size())];
  const std::string batching = batchings[below(random, batchings.size())];
  const std::string admission = admissions[below(random, admissions.size())];
  const std::size_t classes = 1 + below(random, 2);
  const std::size_t largest = batching.empty() ? 1 : 2 + below(random, 3);
  system.cores = 1 + below(random, 3);
  system.deadline = uniform(random, 2, 8);
  if (!queue.empty()) {
    system.scheduling.queue = engine::choose(scheduling::queues(), queue);
  }
  if (batching == "timeout") {
    system.scheduling.batching =
        engine::choose(scheduling::batching(), batching,
                       {{"max", double(largest)}, {"delay", uniform(random, 0.1, 2)}});
  } else if (batching == "adaptive") {
    system.scheduling.batching =
        engine::choose(scheduling::batching(), batching,
                       {{"max", double(largest)}, {"objective", uniform(random, 1, 3)}});
  }
  if (!admission.empty()) {
    system.scheduling.admission = engine::choose(scheduling::admission(), admission);
  }
  for (std::size_t i = 0; i < classes; ++i) {
    std::vector<double>& service = system.service.emplace_back();
    for (std::size_t size = 1; size <= largest; ++size) {
      service.push_back((service.empty() ? 0 : service.back()) + uniform(random, 0.2, 1.2));
    }
    std::vector<double>& arrivals = system.arrivals.emplace_back();
    double now = 0;
    for (int request = 0; request < 40; ++request) {
      now += std::exponential_distribution<double>(static_cast<double>(system.cores) /
                                                   static_cast<double>(classes))(random);
      arrivals.push_back(now);
    }
  }
  system.text = fmt::format("seed {}: {} cores, queue '{}', batching '{}', admission '{}'", seed,
                            system.cores, queue, batching, admission);
  return system;
}

/// The end of a request.
struct Served {
  double arrival = 0, completion = 0, wait = 0;
  bool is_answered = false;
};

/// Returns the requests in the order of their arrival.
std::vector<Served> simulated(const System& system) {
  std::vector<std::unique_ptr<At>> arrivals;
  std::vector<engine::PlannedClass> classes;
  for (std::size_t i = 0; i < system.service.size(); ++i) {
    arrivals.push_back(std::make_unique<At>(system.arrivals[i]));
    classes.push_back(engine::asks(*arrivals.back(), system.service[i]));
    classes.back().deadline = Seconds(system.deadline);
  }
  engine::Tier tier{.name = "server", .cores = system.cores, .scheduling = system.scheduling};
  std::vector<Served> all;
  for (const engine::RequestRecord& record :
       engine::run(engine::system_of(1, tier, std::move(classes))).requests) {
    all.push_back(
        {record.arrival.si(), record.completion.si(), record.server_wait.si(), record.completed()});
  }
  return all;
}

/// Returns a part of one layer that makes `to` of `from`.
Part part_of(const std::string& from, const std::string& to) {
  static const Registry<ops::Operator> operators = [] {
    Registry<ops::Operator> registry;
    ops::register_operators(registry);
    return registry;
  }();
  auto graph = std::make_shared<Graph>(to);
  const TensorType scalar{DataType::float32, {}};
  const TensorId input = graph->add_input(from, scalar, DataType::float32);
  Layer layer;
  layer.name = to;
  layer.op = operators.find("Relu");
  layer.op_name = "Relu";
  layer.opset = 13;
  layer.inputs = {input};
  graph->add_layer(std::move(layer), {{.name = to, .type = scalar}});
  graph->add_output(*graph->find_tensor(to));
  Part part;
  part.graph = std::move(graph);
  return part;
}

/// A device that relays everything to a server within the process, and that server.
std::vector<Served> served(const System& system) {
  VirtualLoop loop;
  InProcessTransport transport(loop);
  NodeSettings settings{.tier = "server", .scheduling = system.scheduling};
  settings.flushes_after = Seconds(1e5);  // No request here waits for ever.
  NodeSettings relay{.tier = "device"};
  relay.rules.deadline = Seconds(system.deadline);
  std::vector<std::vector<double>> nothing;
  for (const std::vector<double>& service : system.service) {
    std::vector<Seconds> predicted;
    for (const double seconds : service) {
      predicted.emplace_back(seconds);
    }
    settings.cuts.push_back({.part = part_of("x", "y"), .service = predicted});
    relay.cuts.push_back({.part = {}, .service = {Seconds(0)}});
    nothing.push_back({0});
  }
  VirtualCores cores(loop, system.cores, system.service), none(loop, 1, nothing);
  Node server(transport, cores, settings);
  server.listen("server");
  relay.next.emplace();
  relay.next->sites = {{"server"}};
  relay.next->probes_every = Seconds(1e9);
  Node device(transport, none, relay);
  loop.run_until(Seconds(1));
  REQUIRE(device.is_ready());
  std::map<double, Served> all;  // By arrival.
  for (std::size_t cut = 0; cut < system.arrivals.size(); ++cut) {
    for (const double time : system.arrivals[cut]) {
      loop.at(Seconds(1 + time), [&, cut, time] {
        Call call{.inputs = {{"x", Tensor(TensorType{DataType::float32, {}})}}, .cut = cut};
        device.call(std::move(call), [&, time](CallEnd end) {
          Served& served = all[time];
          served.arrival = time;
          served.completion = end.times.completion.si() - 1;
          served.is_answered = end.how == CallEnd::How::answered;
          if (served.is_answered) {
            const TierTimes& there = end.times.later.at(0);
            served.wait = (there.start - there.last_byte).si();
          }
        });
      });
    }
  }
  loop.run_until(Seconds(1e6));
  for (Node* node : {&device, &server}) {
    CHECK(node->tasks() == 0);
    node->check_counts();
  }
  std::vector<Served> in_order;
  for (const auto& [arrival, one] : all) {
    in_order.push_back(one);
  }
  return in_order;
}

void compare(const System& system) {
  CAPTURE(system.text);
  const std::vector<Served> expected = simulated(system);
  const std::vector<Served> real = served(system);
  REQUIRE(expected.size() == real.size());
  for (std::size_t i = 0; i < real.size(); ++i) {
    CAPTURE(i);
    CHECK(real[i].arrival == engine::about(expected[i].arrival));
    CHECK(real[i].is_answered == expected[i].is_answered);
    CHECK(real[i].completion == engine::about(expected[i].completion));
    CHECK(real[i].wait == engine::about(expected[i].wait));
  }
}

TEST_CASE("a node takes the decisions of the simulation") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    compare(random_system(seed));
  }
}

TEST_CASE("a node fills batches as the simulation does") {
  System system;
  system.text = "fixed";
  system.scheduling.batching = engine::choose(scheduling::batching(), "fixed", {{"size", 4}});
  system.service = {{1, 1.5, 1.75, 2}};
  system.arrivals = {{}};
  Random random(3);
  for (int i = 0; i < 40; ++i) {
    system.arrivals[0].push_back((i == 0 ? 0 : system.arrivals[0].back()) +
                                 uniform(random, 0.05, 1));
  }
  compare(system);
}

}  // namespace
}  // namespace offcut::runtime::decisions_test
