// Plans that follow the links and servers in whole runs: oracles, hand computations and laws.

#include "sim/experiment/moving_plans.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "../../temporary_folder.h"
#include "examples.h"
#include "partition/solvers/enumeration.h"
#include "sim/experiment/compile.h"
#include "sim/study/isolate.h"

namespace offcut::experiment::moving_plans_test {
namespace {

/// A chain whose cuts carry less and less, so that slower links move the best cut outward.
const std::string kChain =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
    "image,,8000,0,0,0,0\n"
    "a,image,4000,1000,0,0.2,0.02\n"
    "b,a,1500,2000,0,0.3,0.03\n"
    "c,b,400,3000,0,0.4,0.04\n"
    "d,c,40,4000,0,0.5,0.05\n";

/// Returns a scenario of a phone and a server whose link has the trace below.
std::string scenario_of(const std::string& rest, int requests = 40,
                        const std::string& workload = "arrivals: periodic, period: 100 s") {
  return fmt::format(
      "offcut: 1\n"
      "seed: 5\n"
      "stop: {{requests: {}}}\n"
      "model: {{layers: chain.csv}}\n"
      "tiers: {{phone: {{is: column:phone, count: 1}}, server: {{is: column:server}}}}\n"
      "network: {{phone-server: {{up: 10 kB/s, down: 10 kB/s, latency: 10 ms, transport: none, "
      "trace: {{file: steps.csv}}}}}}\n"
      "plan: {{algorithm: exact, compare: none}}\n"
      "workload: {{{}}}\n{}\n",
      requests, workload, rest);
}

/// The bandwidth changes every 100 s: 1 kB/s, 2 kB/s, ..., in no particular order.
std::string steps() {
  std::string text = "time_s,up,down\n";
  for (int i = 0; i < 40; ++i) {
    const double rate = std::pow(10, 2 + 3 * ((7 * i) % 40) / 40.0);
    text += fmt::format("{},{:.6f} B/s,{:.6f} B/s\n", 100 * i, rate, rate);
  }
  return text;
}

std::string constant() { return "time_s,up,down\n0,10 kB/s,10 kB/s\n1,10 kB/s,10 kB/s\n"; }

Experiment experiment_with(const std::string& text, const std::string& trace) {
  static const scenario::Registries registries;
  const TemporaryFolder folder;
  folder.write("chain.csv", kChain);
  folder.write("steps.csv", trace);
  return prepare(scenario::read_scenario(folder.write("my.yaml", text), {}, registries),
                 registries);
}

/// Runs number `run` of the experiment, and returns a line for each request: its number, plan,
/// regret and latency; then the figures.
std::string run_of(const Experiment& experiment, std::size_t run = 0) {
  const PlannedRun planned = plan_runs(experiment).at(run);
  const study::IsolatedJob job = [&](const engine::ProgressSink&) {
    const CompiledRun compiled =
        compile(experiment, std::get<std::vector<partition::Plan>>(planned.outcome),
                {.arrivals = {}, .adaptation = planned.adaptation});
    std::string text;
    const engine::RunRecord record = engine::simulate(
        compiled.simulation,
        {.request =
             [&](const engine::RequestRecord& r) {
               const RequestPlan plan =
                   compiled.moving != nullptr ? compiled.moving->plan_of(r.request) : RequestPlan();
               text += fmt::format("{} {} {} {} {}\n", r.request, plan.plan,
                                   plan.regret.value_or(Seconds(-1)).si(), r.latency().si(),
                                   r.arrival.si());
             }},
        *compiled.controller);
    const AdaptationFigures f =
        compiled.moving != nullptr ? compiled.moving->figures() : AdaptationFigures();
    text += fmt::format(
        "arrived {} completed {} dropped {} in flight {} switches {} replans {} "
        "probe bytes {} weights {}",
        record.arrived, record.completed, record.dropped, record.in_flight, f.switches, f.replans,
        f.probe_bytes.si(), f.weight_bytes.si());
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

struct Line {
  std::int64_t request;
  std::size_t plan;
  double regret, latency, arrival;
};

std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::istringstream stream(text);
  for (Line line{};
       stream >> line.request >> line.plan >> line.regret >> line.latency >> line.arrival;) {
    lines.push_back(line);
  }
  return lines;
}

std::string figures_of(const std::string& text) { return text.substr(text.find("arrived")); }

/// Returns the least latency of any assignment at this bandwidth, from the problem alone.
double brute_force(const partition::Problem& problem, double rate) {
  partition::Problem now = problem;
  now.hops[0].up = now.hops[0].down = BytesPerSecond(rate);
  double least = std::numeric_limits<double>::infinity();
  partition::each_assignment(now, [&](const partition::Assignment& tier_of) {
    least = std::min(least, partition::evaluate(now, tier_of).latency().si());
    return true;
  });
  return least;
}

}  // namespace

TEST_CASE("moving plans: with an oracle, each request has the brute force's best latency") {
  for (const char* adapt :
       {"adapt: {policy: per-request, estimator: oracle}", "adapt: {policy: oracle}"}) {
    CAPTURE(adapt);
    const Experiment e = experiment_with(scenario_of(adapt), steps());
    const std::vector<Line> lines = lines_of(run_of(e));
    REQUIRE(lines.size() == 40);
    std::size_t plans = 0;
    for (const Line& line : lines) {
      CAPTURE(line.request);
      const int i = static_cast<int>(line.arrival / 100);
      const double rate = std::pow(10, 2 + 3 * ((7 * i) % 40) / 40.0);
      CHECK(line.regret == 0);
      CHECK(line.latency == doctest::Approx(brute_force(e.models[0].problem, rate)).epsilon(1e-6));
      plans = std::max(plans, line.plan);
    }
    CHECK(plans >= 2);  // The rates ask for several plans.
  }
}

TEST_CASE("moving plans: at constant rates, all policies but those that learn change nothing") {
  const std::string none =
      run_of(experiment_with(scenario_of("", 200, "arrivals: poisson, rate: 0.5 /s"), constant()));
  const auto requests = [](const std::string& text) {
    std::string all;
    for (const Line& line : lines_of(text)) {
      all += fmt::format("{} {} {}\n", line.request, line.latency, line.arrival);
    }
    return all;
  };
  for (const char* adapt : {"policy: static", "policy: per-request, estimator: last",
                            "policy: change", "policy: {is: period, every: 1 s}, estimator: kalman",
                            "policy: oracle", "policy: per-request, estimator: oracle"}) {
    CAPTURE(adapt);
    const std::string text = run_of(experiment_with(
        scenario_of(fmt::format("adapt: {{{}}}", adapt), 200, "arrivals: poisson, rate: 0.5 /s"),
        constant()));
    CHECK(requests(text) == requests(none));
    CHECK(figures_of(text).find("switches 0") != std::string::npos);
    for (const Line& line : lines_of(text)) {
      CHECK(line.regret == 0);
    }
  }
}

TEST_CASE("moving plans: nothing is lost under any policy, and a seed repeats") {
  for (const char* adapt :
       {"policy: static", "policy: change, estimator: ewma, load: ratio",
        "policy: period, estimator: mean, load: wait", "policy: breach, estimator: harmonic",
        "policy: per-request, estimator: last, hysteresis: 10 %",
        "policy: per-request, estimator: kalman, probes: {every: 2 s, size: 500 B}",
        "policy: change, weights: upload, switch-time: 1 s", "policy: epsilon-greedy",
        "policy: ucb, weights: upload", "policy: q-learning", "policy: oracle"}) {
    CAPTURE(adapt);
    const std::string scenario = scenario_of(fmt::format("adapt: {{{}}}", adapt), 300,
                                             "arrivals: poisson, rate: 0.4 /s, deadline: 3 s");
    const std::string text = run_of(experiment_with(scenario, steps()));
    CHECK(lines_of(text).size() == 300);
    CHECK(figures_of(text).starts_with("arrived 300 completed 300 dropped 0 in flight 0"));
    CHECK(run_of(experiment_with(scenario, steps())) == text);
  }
}

TEST_CASE("moving plans: a wrong belief costs the regret of the plan that it leads to") {
  // The planner sees ten times the bandwidth of 10 kB/s. Both plans' true latencies are known.
  const Experiment e = experiment_with(
      scenario_of("beliefs: {bandwidth: {phone-server: {bias: 900 %}}}", 3), constant());
  const partition::Problem& problem = e.models[0].problem;
  REQUIRE(e.models[0].believed.has_value());
  CHECK(e.models[0].believed->hops[0].up.si() == doctest::Approx(1e5));
  partition::Problem believed = problem;
  believed.hops[0].up = believed.hops[0].down = BytesPerSecond(1e5);
  double least = std::numeric_limits<double>::infinity();
  partition::Assignment chosen;
  partition::each_assignment(believed, [&](const partition::Assignment& tier_of) {
    const double latency = partition::evaluate(believed, tier_of).latency().si();
    if (latency < least) {
      least = latency;
      chosen = tier_of;
    }
    return true;
  });
  const double regret =
      partition::evaluate(problem, chosen).latency().si() - brute_force(problem, 1e4);
  REQUIRE(regret > 0.01);
  for (const Line& line : lines_of(run_of(e))) {
    CHECK(line.regret == doctest::Approx(regret).epsilon(1e-9));
    CHECK(line.latency ==
          doctest::Approx(partition::evaluate(problem, chosen).latency().si()).epsilon(1e-9));
  }
  // The first transfer shows the truth: all requests after it have the best plan.
  const Experiment adapts =
      experiment_with(scenario_of("beliefs: {bandwidth: {phone-server: {bias: 900 %}}}\n"
                                  "adapt: {policy: per-request, estimator: last}",
                                  3),
                      constant());
  const std::vector<Line> lines = lines_of(run_of(adapts));
  CHECK(lines[0].regret == doctest::Approx(regret).epsilon(1e-9));
  CHECK(lines[1].regret == 0);
  CHECK(lines[2].regret == 0);
}

TEST_CASE("moving plans: weights are uploaded before a new plan serves") {
  // At 100 s the link is a hundred times faster, as an oracle knows: the best plan moves layers to
  // the server. Until their weights are there, the old plan serves.
  const std::string trace =
      "time_s,up,down\n0,10 kB/s,10 kB/s\n100,1 MB/s,1 MB/s\n200,1 MB/s,1 MB/s\n";
  const std::string workload = "arrivals: periodic, period: 20 s";
  const auto text_with = [&](const std::string& more) {
    return run_of(
        experiment_with(scenario_of("adapt: {policy: oracle, " + more + "}", 9, workload), trace));
  };
  const std::string everywhere = text_with("weights: everywhere");
  const std::string upload = text_with("weights: upload");
  CHECK(figures_of(everywhere).find("switches 1") != std::string::npos);
  CHECK(figures_of(everywhere).ends_with("weights 0"));
  const auto first_switched = [](const std::string& text) {
    for (const Line& line : lines_of(text)) {
      if (line.plan != 0) {
        return line.arrival;
      }
    }
    return -1.0;
  };
  const double at = first_switched(everywhere);
  REQUIRE(at >= 100);
  // The upload takes less than the period of 20 s: the plan serves from the next request on.
  CHECK(first_switched(upload) == doctest::Approx(at + 20));
  CHECK(!figures_of(upload).ends_with("weights 0"));
  CHECK(first_switched(text_with("switch-time: 30 s")) == doctest::Approx(at + 40));
}

TEST_CASE(
    "moving plans: a device whose plan sends nothing learns of a faster link by probes alone") {
  const std::string trace =
      "time_s,up,down\n0,10 B/s,10 B/s\n100,1 MB/s,1 MB/s\n500,1 MB/s,1 MB/s\n";
  const std::string workload = "arrivals: periodic, period: 20 s";
  const std::string beliefs = "beliefs: {bandwidth: {phone-server: {bias: -99 %}}}\n";
  const auto last_plan = [&](const std::string& more) {
    return lines_of(run_of(experiment_with(
                        scenario_of(
                            beliefs + "adapt: {policy: per-request, estimator: last" + more + "}",
                            20, workload),
                        trace)))
        .back();
  };
  CHECK(last_plan("").plan == 0);
  CHECK(last_plan("").regret > 0);
  CHECK(last_plan(", probes: {every: 30 s, size: 100 B}").regret == 0);
}

TEST_CASE("moving plans: hysteresis keeps a plan that is nearly as good") {
  const auto switches = [&](const std::string& hysteresis) {
    const std::string figures = figures_of(run_of(experiment_with(
        scenario_of("adapt: {policy: oracle, hysteresis: " + hysteresis + "}"), steps())));
    return std::stoi(figures.substr(figures.find("switches ") + 9));
  };
  CHECK(switches("0 %") > switches("40 %"));
  CHECK(switches("100 %") == 0);
}

TEST_CASE("beliefs: each kind of layer, tier and load has its factor, and a spread its own draws") {
  const auto believed = [](const std::string& beliefs) {
    return experiment_with(scenario_of("beliefs: " + beliefs), constant())
        .models[0]
        .believed.value();
  };
  const partition::Problem truth = experiment_with(scenario_of(""), constant()).models[0].problem;
  const auto ratio = [&](const partition::Problem& problem, std::size_t tier, LayerId layer) {
    return problem.seconds[tier][layer].si() / truth.seconds[tier][layer].si();
  };
  const partition::Problem one =
      believed("{layers: {server: {bias: 50 %}}, load: {phone: {bias: -25 %}}}");
  const LayerId last = truth.layer_count() - 1;
  CHECK(ratio(one, 1, last) == doctest::Approx(1.5));
  CHECK(ratio(one, 0, last) == doctest::Approx(0.75));
  const partition::Problem kinds =
      believed("{layers: {server: {bias: 50 %, kinds: {table: {bias: 100 %}}}}}");
  CHECK(ratio(kinds, 1, last) == doctest::Approx(2));
  const partition::Problem spread = believed("{layers: {server: {spread: 30 %}}}");
  CHECK(ratio(spread, 1, last) != ratio(spread, 1, last - 1));
  CHECK(ratio(spread, 0, last) == 1);
  CHECK(believed("{layers: {server: {spread: 30 %}}}").seconds == spread.seconds);
}

}  // namespace offcut::experiment::moving_plans_test
