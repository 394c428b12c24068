// Predictions for one station, compared with closed forms. For batches, which are approximated, the
// closed form is that of exponential times that do not depend on the size.

#include "sim/study/under_load/station.h"

#include <doctest/doctest.h>

#include <cmath>

#include "analysis/theory/queueing.h"
#include "sim/scenario/scenario.h"
#include "sim/study/under_load/policy_probe.h"

namespace offcut::study::station_test {
namespace {

constexpr Seconds kEver(1e15);  // A run so long that waits are stationary.

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

scheduling::Choice<scheduling::QueueKind> queue(const char* name) {
  return {registries().queues.find(name), {}, {}};
}

/// Returns a flow of exponential services.
JobFlow flow(double rate, double service, int priority = 0, double cv = 1) {
  return {.rate = PerSecond(rate),
          .service = {Seconds(service)},
          .cv = cv,
          .job = {.priority = priority, .service = Seconds(service)}};
}

StationLoad predict(const scheduling::Scheduling& policies, const std::vector<JobFlow>& flows,
                    std::size_t cores = 1) {
  return predict_station({.cores = cores, .policies = &policies, .horizon = kEver}, flows);
}

doctest::Approx near(Seconds value) { return doctest::Approx(value.si()).epsilon(1e-9); }

}  // namespace

TEST_CASE("station: one queue in the order of arrival is M/G/1 or M/M/c") {
  for (const char* name : {"fifo", "lifo", "fair", "edf"}) {
    CAPTURE(name);
    const scheduling::Scheduling policies{
        .queue = queue(name), .batching = {}, .dispatch = {}, .admission = {}};
    CHECK(predict(policies, {flow(8, 0.1, 0, 0.5)}).wait[0].si() ==
          near(analysis::mg1_wait(PerSecond(8), Seconds(0.1), 0.5)));
    CHECK(predict(policies, {flow(30, 0.1)}, 4).wait[0].si() ==
          near(analysis::mmc_wait(PerSecond(30), Seconds(0.1), 4)));
  }
}

TEST_CASE("station: priorities and shortest jobs first are Cobham's") {
  const std::vector<JobFlow> flows = {flow(2, 0.2, 2, 0), flow(3, 0.05, 0, 1), flow(1, 0.1, 1, 2)};
  const std::vector<Seconds> by_priority =
      analysis::priority_waits({{PerSecond(3), Seconds(0.05), 1},
                                {PerSecond(1), Seconds(0.1), 2},
                                {PerSecond(2), Seconds(0.2), 0}});
  for (const char* name : {"priority", "sjf"}) {
    CAPTURE(name);
    const StationLoad result =
        predict({.queue = queue(name), .batching = {}, .dispatch = {}, .admission = {}}, flows);
    CHECK(result.wait[1].si() == near(by_priority[0]));
    CHECK(result.wait[2].si() == near(by_priority[1]));
    CHECK(result.wait[0].si() == near(by_priority[2]));
  }
}

TEST_CASE("station: deadlines are between the order of arrival and priorities") {
  // The work that waits does not depend on the order (Kleinrock 1965).
  std::vector<JobFlow> flows = {flow(4, 0.1), flow(4, 0.1)};
  const scheduling::Scheduling edf{
      .queue = queue("edf"), .batching = {}, .dispatch = {}, .admission = {}};
  double before = 0;
  for (const double gap : {0.0, 0.1, 0.5, 2.0, 1e3}) {
    flows[0].job.deadline = Seconds(1);
    flows[1].job.deadline = Seconds(1 + gap);
    const StationLoad result = predict(edf, flows);
    const double sum = result.wait[0].si() + result.wait[1].si();
    CHECK(sum == doctest::Approx(2 * analysis::mm1_wait(PerSecond(8), Seconds(0.1)).si()));
    const double apart = (result.wait[1] - result.wait[0]).si();
    CHECK(apart >= before);
    CHECK(apart <= gap + 1e-9);
    before = apart;
  }
  const std::vector<Seconds> strict =
      analysis::priority_waits({{PerSecond(4), Seconds(0.1), 1}, {PerSecond(4), Seconds(0.1), 1}});
  CHECK(before == doctest::Approx((strict[1] - strict[0]).si()));
}

TEST_CASE("station: processor sharing is insensitive") {
  const StationLoad result = predict(
      {.queue = queue("processor-sharing"), .batching = {}, .dispatch = {}, .admission = {}},
      {flow(4, 0.1, 0, 0), flow(2, 0.2, 0, 3)});
  CHECK(result.wait[0].si() + 0.1 == doctest::Approx(0.1 / (1 - 0.8)));
  CHECK(result.wait[1].si() + 0.2 == doctest::Approx(0.2 / (1 - 0.8)));
}

TEST_CASE("station: a bounded queue is M/M/1/K, and Erlang's system without places") {
  scheduling::Choice<scheduling::AdmissionKind> admission{
      registries().admission.find("bounded-queue"), {}, {}};
  for (const double places : {0.0, 1.0, 5.0}) {
    admission.parameters.set("capacity", places);
    const scheduling::Scheduling policies{
        .queue = {}, .batching = {}, .dispatch = {}, .admission = admission};
    for (const double rate : {5.0, 9.0, 15.0}) {
      CHECK(predict(policies, {flow(rate, 0.1)}).loss[0] ==
            doctest::Approx(analysis::mm1k_loss(static_cast<std::size_t>(places) + 1, rate / 10)));
      if (places == 0) {
        CHECK(predict(policies, {flow(rate, 0.1)}, 3).loss[0] ==
              doctest::Approx(analysis::erlang_b(3, rate / 10)));
      }
    }
  }
}

TEST_CASE("station: batches without a delay are near M/M(1,b)/1") {
  scheduling::Choice<scheduling::BatchingKind> batching{
      registries().batching.find("timeout"), {}, {}};
  batching.parameters = defaults(batching.kind->parameters);
  for (const std::size_t most : {std::size_t{2}, std::size_t{4}, std::size_t{8}}) {
    batching.parameters.set("max", static_cast<double>(most));
    for (const double load : {0.3, 0.6, 0.9}) {
      CAPTURE(most);
      CAPTURE(load);
      JobFlow jobs = flow(10 * load * static_cast<double>(most), 0.1);
      jobs.service.assign(most, Seconds(0.1));
      const Seconds wait =
          predict({.queue = {}, .batching = batching, .dispatch = {}, .admission = {}}, {jobs})
              .wait[0];
      CHECK(wait.si() ==
            doctest::Approx(analysis::mm1_batch_wait(jobs.rate, Seconds(0.1), most).si())
                .epsilon(0.35));
    }
  }
}

TEST_CASE("station: a full batch waits as long as it takes to gather") {
  scheduling::Choice<scheduling::BatchingKind> batching{
      registries().batching.find("fixed"), {}, {}};
  batching.parameters.set("size", 4.0);
  JobFlow jobs = flow(1, 1e-6, 0, 0);
  jobs.service.assign(4, Seconds(1e-6));
  const Seconds wait =
      predict({.queue = {}, .batching = batching, .dispatch = {}, .admission = {}}, {jobs}).wait[0];
  CHECK(wait.si() ==
        doctest::Approx(analysis::batch_sojourn(Seconds(1), 4, Seconds(0)).si()).epsilon(0.3));
}

TEST_CASE("station: dispatch rules lie between one queue and random servers") {
  const auto gap = [](const char* name) {
    scheduling::Choice<scheduling::DispatchKind> rule{registries().dispatch.find(name), {}, {}};
    rule.parameters = defaults(rule.kind->parameters);
    return dispatch_gap(rule, 4, 1);
  };
  CHECK(gap("random") == doctest::Approx(1).epsilon(0.15));
  CHECK(gap("shortest-queue") < 0.2);
  CHECK(gap("two-choices") < 0.5);
  CHECK(gap("two-choices") > gap("shortest-queue"));
  CHECK(gap("round-robin") < 0.8);
  CHECK(dispatch_gap({}, 4, 1) == 0);
}

TEST_CASE("station: waits of an overloaded run grow with its length") {
  const scheduling::Scheduling policies{};
  Station station{.policies = &policies, .horizon = Seconds(100)};
  const double wait = predict_station(station, {flow(20, 0.1)}).wait[0].si();
  CHECK(wait > 50);  // Half of the backlog of (2 - 1) * 100 s.
  CHECK(wait < 60);
  double before = 0;  // No step at a load of 1.
  for (double rate = 5; rate < 15; rate += 0.1) {
    const double now = predict_station(station, {flow(rate, 0.1)}).wait[0].si();
    CHECK(now >= before);
    before = now;
  }
}

}  // namespace offcut::study::station_test
