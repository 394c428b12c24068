#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/training/strategy.h"
#include "tests/training/fake_tasks.h"

namespace offcut::training {

/// Times that are linear in the batch, in powers of two, so that sums of them are exact.
class LinearTimes final : public StepTimes {
 public:
  /// Of a sample on the device; level l is 2^l times as fast.
  explicit LinearTimes(Seconds forward = Seconds(1.0 / 64), Seconds update = Seconds(1.0 / 32))
      : forward_(forward), update_(update) {}
  StepParts of(std::size_t group, std::size_t level, std::int64_t batch,
               std::span<const LayerId> layers = {}) const override;
  Seconds forward(std::size_t group, std::size_t level, std::int64_t batch) const override;

 private:
  Seconds forward_, update_;
};

/// A job for a small network and few samples, with everything that it points to.
class GivenJob {
 public:
  /// `samples_of` by client; samples are two classes of six features.
  GivenJob(const std::string& strategy, const std::vector<std::int64_t>& samples_of,
           const std::string& aggregator = "fedavg");
  ~GivenJob();

  Job job;
  ClientData data;
  dataset::Samples samples;
  LinearTimes times;

  /// Sets a parameter of the strategy.
  void set(const std::string& name, double value) { job.settings.parameters.set(name, value); }
  void set(const std::string& name, const std::string& text) {
    job.settings.parameters.set(name, text);
  }
  void use_codec(const std::string& text);
  /// Takes another strategy, with its default parameters.
  void use(const std::string& strategy);
  void use_aggregator(const std::string& name);

  /// Runs the job and checks its books.
  TrainingRecord run(const FakeLayout& layout, Seconds limit = Seconds(1e9));
  RoundForecast forecast(const FakeLayout& layout);
  LocalTrainer& trainer() { return *trainer_; }
  State initial() { return trainer_->initial(); }
  const StrategyKind& kind() const { return *kind_; }

 private:
  std::unique_ptr<Graph> network_;
  std::unique_ptr<LocalTrainer> trainer_;
  const StrategyKind* kind_ = nullptr;
};

/// Checks that every selected client has one fate, that the parts of rounds add up to their times
/// and those of clients to no more than the training's, and that rounds, clients and links, which
/// carried these bytes, have the same sums.
void check_books(const TrainingRecord& record, const Carried& by_links);

/// A device tier and a server; each device has a link of its own.
FakeLayout two_tiers(std::size_t devices, bool shared = false);
/// Devices, two edge sites, and a server.
FakeLayout three_tiers(std::size_t devices);

}  // namespace offcut::training
