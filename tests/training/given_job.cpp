#include "tests/training/given_job.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <numeric>

#include "models/base/random.h"
#include "models/codec/choose.h"
#include "tests/training/given.h"

namespace offcut::training {
namespace {

template <class T, void (*fill)(Registry<T>&)>
const Registry<T>& filled() {
  static const Registry<T> registry = [] {
    Registry<T> all;
    fill(all);
    return all;
  }();
  return registry;
}

dataset::Samples clouds(std::int64_t count) {
  RandomStream stream = random_stream(3, "clouds");
  boost::random::normal_distribution<double> normal;
  std::vector<float> inputs;
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < count; ++i) {
    labels.push_back(i % 2);
    for (int k = 0; k < 6; ++k) {
      inputs.push_back(static_cast<float>(normal(stream) + (i % 2 == 0 ? 0.8 : -0.8)));
    }
  }
  dataset::Samples samples;
  samples.inputs = Tensor({count, 6}, std::span<const float>(inputs));
  samples.labels = Tensor({count}, std::span<const std::int64_t>(labels));
  samples.source = "clouds";
  return samples;
}

}  // namespace

StepParts LinearTimes::of(std::size_t, std::size_t level, std::int64_t batch,
                          std::span<const LayerId>) const {
  const double speed = std::exp2(static_cast<double>(level));
  const Seconds forward = static_cast<double>(batch) * forward_ / speed;
  return {forward, 2 * forward, update_ / speed};
}

Seconds LinearTimes::forward(std::size_t group, std::size_t level, std::int64_t batch) const {
  return of(group, level, batch).forward;
}

GivenJob::GivenJob(const std::string& strategy, const std::vector<std::int64_t>& samples_of,
                   const std::string& aggregator) {
  std::int64_t next = 0;
  std::vector<ClientSamples::Numbers> by_client;
  for (const std::int64_t count : samples_of) {
    by_client.emplace_back(static_cast<std::size_t>(count));
    std::iota(by_client.back().begin(), by_client.back().end(), next);
    next += count;
  }
  data.samples = ClientSamples(std::move(by_client));
  samples = clouds(next);
  network_ = std::make_unique<Graph>(made_network([](zoo::NetworkBuilder& net) {
    return net.softmax("prob",
                       net.dense("out", net.tanh("act", net.dense("in", net.features(6), 5)), 2));
  }));
  trainer_ =
      std::make_unique<LocalTrainer>(*network_, samples, given_libraries(), given_settings());
  job.name = "clouds";
  job.network = network_.get();
  job.trainer = trainer_.get();
  job.training = &samples;
  job.data = &data;
  job.times = &times;
  job.settings.rounds = 5;
  job.selection = filled<SelectionKind, register_selections>().find("uniform");
  job.selection_parameters = defaults(job.selection->parameters);
  use(strategy);
  use_aggregator(aggregator);
}

GivenJob::~GivenJob() = default;

void GivenJob::use(const std::string& strategy) {
  kind_ = filled<StrategyKind, register_strategies>().find(strategy);
  job.settings.parameters = defaults(kind_->parameters);
}

void GivenJob::use_aggregator(const std::string& name) {
  job.aggregator = filled<AggregatorKind, register_aggregators>().find(name);
  job.aggregator_parameters = defaults(job.aggregator->parameters);
}

void GivenJob::use_codec(const std::string& text) {
  job.codec = codec::make_codec(text, filled<codec::CodecKind, codec::register_codecs>());
}

TrainingRecord GivenJob::run(const FakeLayout& layout, Seconds limit) {
  FakeTasks tasks(layout);
  const std::unique_ptr<Strategy> strategy = kind_->make(job);
  const Seconds end = tasks.run(*strategy, limit);
  TrainingRecord record = strategy->close(end);
  check_books(record, tasks.carried());
  return record;
}

RoundForecast GivenJob::forecast(const FakeLayout& layout) {
  return kind_->forecast(job, FakeTasks(layout));
}

void check_books(const TrainingRecord& record, const Carried& by_links) {
  std::int64_t selected = 0, counted = 0, late = 0, lost = 0;
  Bytes up = record.of_loading.up + record.after_end.up;
  Bytes down = record.of_loading.down + record.after_end.down;
  Seconds last;
  for (const RoundRecord& round : record.rounds) {
    CHECK(round.selected == round.participants + round.late + round.lost);
    CHECK((round.compute + round.communication + round.waiting).si() ==
          doctest::Approx((round.end - round.start).si()).epsilon(1e-9));
    CHECK(std::min({round.compute, round.communication, round.waiting}) >= Seconds(0));
    CHECK(round.end >= last);
    last = round.end;
    selected += round.selected;
    counted += round.participants;
    late += round.late;
    lost += round.lost;
    up += round.bytes_up;
    down += round.bytes_down;
  }
  CHECK(up == by_links.up);
  CHECK(down == by_links.down);
  up -= record.of_sites.up;
  down -= record.of_sites.down;
  for (const ClientRecord& client : record.clients) {
    CHECK(client.selected == client.counted + client.late + client.lost);
    CHECK(std::min({client.compute, client.communication, client.waiting}) >= Seconds(0));
    CHECK((client.compute + client.communication + client.waiting).si() <=
          record.duration.si() * (1 + 1e-12));
    selected -= client.selected;
    counted -= client.counted;
    late -= client.late;
    lost -= client.lost;
    up -= client.bytes_up;
    down -= client.bytes_down;
  }
  CHECK(selected == 0);
  CHECK(counted == 0);
  CHECK(late == 0);
  CHECK(lost == 0);
  CHECK(up == Bytes(0));
  CHECK(down == Bytes(0));
}

FakeLayout two_tiers(std::size_t devices, bool shared) {
  return {.devices = devices,
          .hops = {{.latency = Seconds(0.125),
                    .up = BytesPerSecond(256),
                    .down = BytesPerSecond(512),
                    .shared = shared}}};
}

FakeLayout three_tiers(std::size_t devices) {
  FakeLayout layout = two_tiers(devices);
  layout.hops.push_back(
      {.latency = Seconds(0.25), .up = BytesPerSecond(1024), .down = BytesPerSecond(2048)});
  layout.sites = {2, 1};
  return layout;
}

}  // namespace offcut::training
