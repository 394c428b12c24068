// The spans of machines and links that observers see, against the records of requests and
// the books of tiers and hops, which are added up elsewhere in the engine.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "random_simulation.h"
#include "sim/study/isolate.h"
#include "small_systems.h"

namespace offcut::engine::spans_test {
namespace {

bool is_about(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

/// The sums over the spans of a request that were done.
struct Sums {
  double device_wait = 0, device_compute = 0, server_wait = 0, server_compute = 0, up = 0, down = 0;
};

/// Adds up the spans of a run.
class Ledger {
 public:
  explicit Ledger(const Simulation& simulation)
      : simulation_(simulation),
        busy_(simulation.tiers.size()),
        batches_(simulation.tiers.size()),
        served_(simulation.tiers.size()),
        sent_(2 * simulation.hops.size()) {}

  void add(const Span& span) {
    const bool in_order = span.begin <= span.work && span.work <= span.left &&
                          span.left <= span.end && span.service >= Seconds(0);
    require(in_order, "times in order");
    const bool is_done = span.outcome == Span::Outcome::done;
    require(span.owner != Span::Owner::request || span.number >= 0, "numbers from 0");
    if (span.kind == Span::Kind::computation) {
      require(span.position < span.batch, "a position in the batch");
      busy_[span.place] += span.position == 0 ? (span.end - span.begin).si() : 0;
      const bool is_computed = is_done || span.outcome == Span::Outcome::abandoned;
      served_[span.place] += is_computed ? 1 : 0;
      batches_[span.place] += is_computed ? 1 / static_cast<double>(span.batch) : 0;
    } else if (span.place < simulation_.hops.size()) {
      sent_[2 * span.place + (span.up ? 0 : 1)] += is_done ? 1 : 0;
    }
    if (span.owner == Span::Owner::request && is_done) {
      add(span, requests_[span.number]);
    }
  }

  void add(const RequestRecord& request) {
    const Sums sums = requests_[request.request];
    requests_.erase(request.request);
    answered_ += request.completed() ? 1 : 0;
    const auto same = [&](double sum, Seconds part) { return is_about(sum, part.si()); };
    require(!request.completed() ||
                (same(sums.device_wait, request.device_wait) &&
                 same(sums.device_compute, request.device_compute) &&
                 same(sums.server_wait, request.server_wait) &&
                 same(sums.server_compute, request.server_compute) &&
                 same(sums.up, request.upload) && same(sums.down, request.download)),
            "the parts of a request");
  }

  void close(const RunRecord& run) {
    for (std::size_t i = 0; i < run.tiers.size(); ++i) {
      const TierUsage& tier = run.tiers[i];
      require(served_[i] == tier.served + tier.tasks, "requests of a tier");
      // A server that all of its requests share computes for less than they are there.
      const bool is_shared = shares(simulation_.tiers[i]);
      require(is_shared || is_about(busy_[i], tier.busy.si()), "the busy time of a tier");
      require(is_shared || is_about(batches_[i], static_cast<double>(tier.batches + tier.tasks)),
              "the batches of a tier");
    }
    for (std::size_t i = 0; i < run.hops.size() && simulation_.long_legs.empty(); ++i) {
      require(sent_[2 * i] == run.hops[i].up_messages, "messages up");
      require(sent_[2 * i + 1] == run.hops[i].down_messages, "messages down");
    }
  }

  std::string text() const { return fmt::format("{}answered {}", broken_, answered_); }

 private:
  void add(const Span& span, Sums& sums) const {
    if (span.kind == Span::Kind::message) {
      (span.up ? sums.up : sums.down) += (span.end - span.begin).si();
    } else if (span.place < simulation_.groups) {
      sums.device_wait += span.wait.si();
      sums.device_compute += span.service.si();
    } else {
      sums.server_wait += span.wait.si();
      sums.server_compute += span.service.si();
    }
  }
  void require(bool holds, const char* rule) {
    if (!holds && broken_.find(rule) == std::string::npos) {
      broken_ += fmt::format("{}; ", rule);
    }
  }

  const Simulation& simulation_;
  std::map<std::int64_t, Sums> requests_;
  std::vector<double> busy_, batches_;
  std::vector<std::int64_t> served_, sent_;
  std::int64_t answered_ = 0;
  std::string broken_;
};

std::string all_of(const RequestRecord& request) {
  return fmt::format("{} {} {} {} {} {} {} {} {}\n", request.request, request.completion.si(),
                     request.device_wait.si(), request.device_compute.si(), request.upload.si(),
                     request.server_wait.si(), request.server_compute.si(), request.download.si(),
                     request.lost.si());
}

study::IsolatedJob ledger_of(const Simulation& simulation) {
  return [&simulation](const ProgressSink&) {
    Ledger ledger(simulation);
    Observers observers;
    observers.span = [&](const Span& span) { ledger.add(span); };
    observers.request = [&](const RequestRecord& request) { ledger.add(request); };
    ledger.close(simulate(simulation, observers));
    return ledger.text();
  };
}

/// Returns all requests of a run, with or without somebody who looks at spans and samples.
study::IsolatedJob requests_of(const Simulation& simulation, bool is_watched) {
  return [&simulation, is_watched](const ProgressSink&) {
    std::string text;
    Observers observers;
    observers.request = [&](const RequestRecord& request) { text += all_of(request); };
    if (is_watched) {
      observers.span = [](const Span&) {};
      observers.sample = [](const SampleRow&) {};
      observers.sample_interval = Seconds(1e-3);
      observers.samples_per_interval = 64;
      observers.samples_power = false;
    }
    const RunRecord run = simulate(simulation, observers);
    for (const EnergyState& state : run.energy) {
      text += fmt::format("{} {}\n", state.time.si(), state.energy.si());
    }
    return text;
  };
}

std::vector<std::unique_ptr<RandomSimulation>> random_systems(std::uint64_t first,
                                                              std::uint64_t count) {
  std::vector<std::unique_ptr<RandomSimulation>> systems;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Simulation& simulation =
        systems.emplace_back(std::make_unique<RandomSimulation>(seed))->simulation;
    switch (seed % 5) {
      case 1:
        add_tcp(simulation);
        break;
      case 2:
        add_groups(simulation);
        break;
      case 3:
        add_mobility(simulation);
        break;
      case 4:
        add_moving_rates(simulation);
        break;
      default:
        break;
    }
  }
  return systems;
}

}  // namespace

TEST_CASE("spans: of a request that is computed twice and crosses a link, worked out by hand") {
  // Device 1 s, 8 B up at 4 B/s with 0.5 s of latency, server 3 s. Both devices ask at 0, and the
  // second one waits for the server.
  const Times arrivals{{0}, {0}};
  Simulation simulation = system_of(2, {}, {asks(arrivals, {3}, 8)});
  simulation.hops[0].hop = {BytesPerSecond(4), BytesPerSecond(5), Seconds(0.5)};
  Itinerary& itinerary = simulation.itinerary_of(0);
  itinerary.stages[0] = {.used = true, .service = {Seconds(1)}, .layers = "conv to pool"};
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::string text;
    Observers observers;
    observers.span = [&](const Span& span) {
      text += fmt::format("#{} {}{}.{} {} {} {} {} wait {} {}{}\n", span.number,
                          span.kind == Span::Kind::message ? "hop " : "tier ", span.place,
                          span.which, span.begin.si(), span.work.si(), span.left.si(),
                          span.end.si(), span.wait.si(), span.layers, span.bytes.si());
    };
    simulate(simulation, observers);
    return text;
  };
  CHECK(study::run_isolated({job}, 1).front() ==
        "#0 tier 0.0 0 0 1 1 wait 0 conv to pool0\n"
        "#1 tier 0.1 0 0 1 1 wait 0 conv to pool0\n"
        "#0 hop 0.0 1 1 3 3.5 wait 0 8\n"
        "#1 hop 0.1 1 1 3 3.5 wait 0 8\n"
        "#0 tier 1.0 3.5 3.5 6.5 6.5 wait 0 0\n"
        "#1 tier 1.0 6.5 6.5 9.5 9.5 wait 3 0\n");
}

TEST_CASE("spans: they add up to the records of 400 random systems" *
          doctest::test_suite("slow")) {
  const auto systems = random_systems(7001, 400);
  std::vector<study::IsolatedJob> jobs;
  for (const auto& system : systems) {
    jobs.push_back(ledger_of(system->simulation));
  }
  const std::vector<std::string> texts = study::run_isolated(jobs, 2);
  std::int64_t answered = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    INFO(describe(systems[i]->simulation));
    CHECK_MESSAGE(texts[i].rfind("answered ", 0) == 0, texts[i]);
    answered += std::stoll(texts[i].substr(texts[i].find("answered ") + 9));
  }
  CHECK(answered > 1000);
}

TEST_CASE("spans: who looks at them changes no bit of a run" * doctest::test_suite("slow")) {
  const auto systems = random_systems(8001, 100);
  std::vector<study::IsolatedJob> jobs;
  for (const auto& system : systems) {
    jobs.push_back(requests_of(system->simulation, false));
    jobs.push_back(requests_of(system->simulation, true));
  }
  const std::vector<std::string> texts = study::run_isolated(jobs, 2);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    INFO(describe(systems[i]->simulation));
    CHECK(texts[2 * i] == texts[2 * i + 1]);
  }
}

}  // namespace offcut::engine::spans_test
