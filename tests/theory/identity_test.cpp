// The identity (design, "What a plan means"): with noise off and load near zero, every request
// takes exactly what the closed form says that the plan costs. To 1e-9: of a second, or of the
// latency where that is longer than a second; and of the energy of all devices in a run.

#include "identity.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <deque>
#include <set>

#include "../partition/random_problem.h"
#include "../sim/engine/fit_uplinks.h"
#include "../sim/engine/recorded.h"
#include "../sim/scheduling/policy.h"
#include "analysis/statistics/energy_totals.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/goal.h"

namespace offcut::theory_tests::identity_test {
namespace {

/// One random case: a problem, a plan of it, and the numbers of machines.
struct Case {
  experiment::Experiment experiment;
  partition::Plan plan;
  experiment::CompiledRun run;
};

/// Encodes half of the crossing tensors.
void add_random_codings(RandomStream& random, partition::Problem& problem) {
  boost::random::uniform_int_distribution<int> some(0, 40);
  for (partition::CrossingTensor& tensor : problem.tensors) {
    if (some(random) % 2 == 0) {
      partition::Coding coding{.bytes = Bytes(some(random)), .encode = {}, .decode = {}};
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        coding.encode.emplace_back(0.01 * some(random));
        coding.decode.emplace_back(0.001 * some(random));
      }
      tensor.coding = std::move(coding);
    }
  }
  problem.check();
}

/// Switches on the engine's features at random, in a system where they must have no effect.
class Features {
 public:
  explicit Features(RandomStream& random) : random_(random) {}

  /// The run must be over when `late` begins; `latency` is the plan's.
  void switch_on(engine::Simulation& simulation, Seconds latency, Seconds late) {
    engine::RequestClass& requests = simulation.classes.front();
    const std::size_t devices = simulation.tiers.front().servers;
    simulation.own_links = one_in(2);
    requests.deadline = latency * 1.001 + Seconds(1e-6);
    requests.priority = static_cast<int>(below(3));
    requests.failures = {.retries = static_cast<std::int64_t>(below(3)),
                         .backoff = Seconds(0.1),
                         .then = static_cast<network::FailurePolicy::Then>(below(3)),
                         .local_when_rejected = one_in(2)};
    for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
      switch_on(simulation.tiers[i], simulation.itinerary_of(0).stages[i], i == 0);
      simulation.tiers[i].faults = faults(simulation.tiers[i].servers, late);
    }
    for (engine::Link& link : simulation.hops) {
      if (!link.shared && !link.direct && one_in(2)) {
        link.site = engine::Link::Uplink{1 + below(devices), link.hop.up, link.hop.down};
      }
      link.faults = faults(link.shared ? 1 : devices, late);
    }
    engine::fit_uplinks(simulation);
  }
  /// Returns the names of all policies that were switched on.
  static std::set<std::string>& used() {
    static std::set<std::string> names;
    return names;
  }

 private:
  std::size_t below(std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }

  template <class Kind>
  scheduling::Choice<Kind> any(const Registry<Kind>& registry, scheduling::Values values) {
    auto entry = registry.begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(below(registry.size())));
    const Kind& kind = entry->second;
    Parameters parameters = scheduling::with(kind.parameters);
    for (const auto& [name, value] : values) {
      if (has(kind.parameters, name)) {
        parameters.set(name, value);
      }
    }
    used().insert(kind.name);
    return {&kind, parameters};
  }
  static bool has(const std::vector<ParameterSpec>& specs, const std::string& name) {
    return std::any_of(specs.begin(), specs.end(),
                       [&](const ParameterSpec& spec) { return spec.name == name; });
  }

  void switch_on(engine::Tier& tier, engine::Stage& stage, bool is_device) {
    tier.cores = 1 + below(2);
    if (!is_device) {
      tier.sites = 1 + below(2);
      tier.servers *= tier.sites;
    }
    scheduling::Scheduling& scheduling = tier.scheduling;
    scheduling.queue = any(scheduling::queues(), {});
    scheduling.admission = any(scheduling::admission(), {{"capacity", 0}, {"rate", 1e9}});
    const bool shares = scheduling.queue.kind->shares;
    if (!is_device && (shares || one_in(2))) {
      scheduling.dispatch = any(scheduling::dispatch(), {});
    }
    if (!shares) {
      // No request may wait for others.
      scheduling.batching =
          any(scheduling::batching(), {{"size", 1}, {"max", 3}, {"objective", 1e-9}});
      stage.service.push_back(stage.service.front() * 1.5);
      stage.service.push_back(stage.service.front() * 2);
      tier.memory = stage.model;
    }
  }
  network::Faults faults(std::size_t count, Seconds late) {
    return {.outages = {{below(count), late, late * 2}},
            .exponential = network::Faults::Exponential{Seconds(1e15), Seconds(1)}};
  }

  RandomStream& random_;
};

/// The features of random cases in addition to a plan of a network.
struct With {
  bool codings = false;
  bool tail = false;
  bool features = false;
  bool transport = false;
  bool routes = false;
  bool engines = false;
};

constexpr engine::MachinePower kDevice{.idle = Watts(1), .busy = Watts(4)};

/// Gives the device the power draws of kDevice and of the radio, if there is one, which it also has
/// for direct hops.
void set_power(const std::optional<cost::Radio>& radio, partition::Problem& problem) {
  const Watts idle = *kDevice.idle;
  problem.power = {.busy = *kDevice.busy, .send = idle, .receive = idle, .idle = idle};
  problem.radio = experiment::radio_overhead(radio);
  if (radio) {
    problem.power.send += cost::upload_power(*radio, problem.hops.front().rate(true));
    problem.power.receive += cost::download_power(*radio, problem.hops.front().rate(false));
    problem.power.base = radio->base;
  }
  for (partition::DirectHop& direct : problem.direct) {
    direct.radio = direct.from == 0 ? problem.radio : partition::RadioOverhead();
    direct.send = direct.receive = idle;
    direct.base = problem.power.base;
    if (radio && direct.from == 0) {
      direct.send += cost::upload_power(*radio, direct.hop.rate(true));
      direct.receive += cost::download_power(*radio, direct.hop.rate(false));
    }
  }
}

/// Checks the energy of the devices in a run: each is idle but for what its requests take in
/// addition. Returns false if it is unknown, for want of a radio.
bool check_energy(const engine::Recorded& recorded, const partition::Cost& cost) {
  const auto energy = analysis::device_energy(recorded.run);
  if (energy) {
    const double devices = static_cast<double>(recorded.run.tiers.front().servers);
    const double requests = static_cast<double>(recorded.requests.size());
    const Joules more = cost.energy - *kDevice.idle * cost.latency();
    const Joules expected = *kDevice.idle * (devices * recorded.run.duration) + requests * more;
    CHECK(energy->si() == doctest::Approx(expected.si()).epsilon(1e-9));
  }
  return energy.has_value();
}

Case random_case(std::uint64_t seed, std::uint64_t i, const workload::ArrivalKind& kind,
                 With cases) {
  RandomStream random = random_stream(seed, "random case", i);
  const auto between = [&](std::size_t least, std::size_t most) {
    return boost::random::uniform_int_distribution<std::size_t>(least, most)(random);
  };
  partition::Problem problem =
      partition::random_problem(random, {.most_layers = 12, .least_tiers = 2});
  if (cases.codings) {
    add_random_codings(random, problem);
  }
  if (cases.transport) {
    partition::add_transport(random, problem);
  }
  for (LayerId layer = problem.layer_count() - 1; cases.tail && layer > 0; --layer) {
    problem.tail.insert(problem.tail.begin(), layer);
    cases.tail = between(0, 1) == 1;
  }
  if (cases.routes) {
    partition::add_routes(random, problem);
  }
  if (cases.engines) {
    partition::add_engines(random, problem);
  }
  problem.check();
  std::optional<cost::Radio> radio;
  if (between(0, cases.transport ? 1 : 2) == 0) {
    radio = cost::Radio{.up = cost::JoulesPerByte(1e-3 * double(between(0, 3))),
                        .down = cost::JoulesPerByte(1e-3 * double(between(0, 3))),
                        .base = Watts(2),
                        .promotion = {Seconds(0.01 * double(between(0, 200))), Watts(1)},
                        .tails = {{Seconds(0.5), Watts(1.5)}, {Seconds(0.25), Watts(1)}}};
  }
  set_power(radio, problem);
  partition::Plan plan{.algorithm = "any",
                       .tier_of = partition::random_assignment(random, problem)};
  plan.cost = partition::evaluate(problem, plan.tier_of);
  partition::verify(problem, plan);

  scenario::Scenario scenario{{.seed = i, .stop = {.requests = 20}}};
  scenario.models.emplace_back();
  scenario.classes.push_back({.arrival_kind = &kind});
  for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
    scenario.tiers.push_back({{.name = problem.tiers[tier], .servers = between(1, 3)}});
    scenario.tiers.back().forwards_packets = cases.routes && problem.forwards[tier];
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    scenario.hops.push_back({{.name = fmt::format("hop{}", hop),
                              .hop = problem.hops[hop],
                              .shared = hop > 0 || between(0, 1) == 1}});
  }
  for (const partition::DirectHop& direct : problem.direct) {
    scenario.hops.push_back({{.name = fmt::format("direct{}", scenario.hops.size()),
                              .hop = direct.hop,
                              .shared = direct.from > 0 || between(0, 1) == 1,
                              .radio = direct.from == 0 ? radio : std::nullopt,
                              .direct = engine::Link::Ends{direct.from, direct.to}}});
  }
  scenario.tiers.front().power = kDevice;
  scenario.hops.front().radio = radio;
  // Each device sends its request long after the one before was answered, and its radio is idle.
  double alone = 1.5 * plan.cost.latency().si() + 1e-3;
  alone += radio ? cost::tail_time(*radio).si() : 0;
  for (std::size_t number = 0; number < problem.hop_count(); ++number) {  // All connections forget.
    const partition::Hop& hop = problem.hop(number);
    alone += hop.tcp ? partition::retransmission_timeout(hop.round_trip()).si() : 0;
  }
  std::vector<double> first;
  for (std::size_t device = 0; device < scenario.tiers.front().servers; ++device) {
    first.push_back(alone * (0.3 + static_cast<double>(device)));
  }
  const double gap = alone * static_cast<double>(first.size());
  const std::vector<scenario::TierChoice> tiers = scenario.tiers;
  Case result{{std::move(scenario), {}}, std::move(plan), {}};
  Graph graph("random");
  result.experiment.models.push_back({.graph = std::move(graph)});
  result.experiment.models.back().problem = std::move(problem);
  result.experiment.models.back().tiers = tiers;
  result.experiment.models.back().measured.resize(tiers.size());
  experiment::CompileOptions options;
  options.arrivals.push_back(std::make_unique<engine::Schedule>(std::move(first), gap));
  result.run = experiment::compile(result.experiment, {result.plan}, std::move(options));
  if (cases.features) {
    Features(random).switch_on(result.run.simulation, result.plan.cost.latency(),
                               Seconds(100 * gap));
  }
  return result;
}

void check_random_plans(std::uint64_t seed, With with) {
  Registry<workload::ArrivalKind> registry;
  workload::register_arrivals(registry);
  std::deque<Case> cases;
  std::vector<engine::Simulation> simulations;
  for (std::uint64_t i = 0; i < 200; ++i) {
    cases.push_back(random_case(seed, i, *registry.find("periodic"), with));
    simulations.push_back(cases.back().run.simulation);
  }
  const std::vector<engine::Recorded> runs = engine::record_all(simulations);
  int known = 0;  // Cases whose energy is known.
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO("seed " << seed << ", case " << i << ", " << partition::to_text(cases[i].plan.tier_of)
                 << "\n"
                 << partition::to_dot(cases[i].experiment.models[0].problem));
    REQUIRE(runs[i].requests.size() == 20);
    CHECK(worst_error(runs[i], cases[i].plan) < 1e-9);
    if (!with.features) {  // With several cores, a request takes a share of the busy device.
      known += check_energy(runs[i], cases[i].plan.cost) ? 1 : 0;
    }
  }
  CHECK((with.features || known > 40));
}

}  // namespace

TEST_CASE("identity: 200 random plans of random networks on two to four tiers") {
  check_random_plans(501, {});
}

TEST_CASE("identity: 200 random plans with encoded tensors") {
  check_random_plans(502, {.codings = true});
}

TEST_CASE(
    "identity: 200 random plans whose last layers run on the device, with codecs and without") {
  check_random_plans(503, {.tail = true});
  check_random_plans(504, {.codings = true, .tail = true});
}

TEST_CASE(
    "identity: 600 random plans under every policy, with sites, cores, memory, failures to come, "
    "and with links of our own or SimGrid's") {
  check_random_plans(505, {.features = true});
  check_random_plans(506, {.codings = true, .features = true});
  check_random_plans(507, {.codings = true, .tail = true, .features = true});
  const auto were_used = [](const auto& registry) {
    for (const auto& [name, kind] : registry) {
      CAPTURE(name);
      CHECK(Features::used().count(name) == 1);
    }
  };
  were_used(scheduling::queues());
  were_used(scheduling::batching());
  were_used(scheduling::dispatch());
  were_used(scheduling::admission());
}

TEST_CASE(
    "identity: 400 random plans with headers, times per message and request, and cold TCP "
    "connections") {
  check_random_plans(508, {.transport = true});
  check_random_plans(509, {.tail = true, .features = true, .transport = true});
}

TEST_CASE("identity: 600 random plans with packets that pass tiers, and with direct hops") {
  check_random_plans(510, {.routes = true});
  check_random_plans(511, {.codings = true, .features = true, .routes = true});
  check_random_plans(512, {.tail = true, .features = true, .transport = true, .routes = true});
}

TEST_CASE("identity: 600 random plans on tiers that compute several layers of a request at once") {
  check_random_plans(513, {.engines = true});
  check_random_plans(514, {.codings = true, .tail = true, .routes = true, .engines = true});
  check_random_plans(515, {.features = true, .transport = true, .engines = true});
}

}  // namespace offcut::theory_tests::identity_test
