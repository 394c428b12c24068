// `slices`: every convolution and dense layer that can be is sliced over all devices. After each of
// them, the devices gather its results around a ring, or add up their partial sums; on the way
// back, it is the other way round. All other layers run on every device. The first device has the
// data, and hands each batch on along the ring. A round is a step; what is down delays it.

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"
#include "sim/training/client_pool.h"
#include "sim/training/collective.h"
#include "sim/training/gathered_job.h"
#include "sim/training/job_run.h"
#include "sim/training/loading.h"
#include "sim/training/parted_trainer.h"
#include "sim/training/slice_plan.h"
#include "sim/training/split_turn.h"
#include "sim/training/step_order.h"

namespace offcut::training {
namespace {

/// The half of the ring all-reduce that hands parts on until all members have all of them.
Schedule ring_all_gather(std::size_t members) {
  Schedule schedule;
  for (std::size_t step = 0; step + 1 < members; ++step) {
    for (std::size_t i = 0; i < members; ++i) {
      Transfer transfer{.from = i,
                        .to = (i + 1) % members,
                        .share = 1 / static_cast<double>(members),
                        .needs = {}};
      if (step > 0) {  // The part came from the member before.
        transfer.needs.push_back((step - 1) * members + (i + members - 1) % members);
      }
      schedule.push_back(transfer);
    }
  }
  return schedule;
}

/// A payload of the first member that each hands on to the next one.
Schedule chain(std::size_t members) {
  Schedule schedule;
  for (std::size_t i = 0; i + 1 < members; ++i) {
    schedule.push_back({.from = i, .to = i + 1, .share = 1, .needs = {}});
    if (i > 0) {
      schedule.back().needs.push_back(i - 1);
    }
  }
  return schedule;
}

std::vector<std::size_t> all_devices(std::size_t count) {
  std::vector<std::size_t> devices(count);
  for (std::size_t i = 0; i < count; ++i) {
    devices[i] = i;
  }
  return devices;
}

template <class Places>
std::vector<std::size_t> groups_of(const Places& places) {
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < places.devices(); ++i) {
    groups.push_back(places.group_of(i));
  }
  return groups;
}

/// The sliced network as a job of its own.
struct SlicedJob {
  SlicedJob(const Job& original, const SlicePlan& plan)
      : trainer(plan.sliced().graph, *original.training, original.trainer->libraries(),
                original.trainer->settings()),
        job(original) {
    job.network = &plan.sliced().graph;
    job.trainer = &trainer;
  }
  SlicedJob(const SlicedJob&) = delete;

  LocalTrainer trainer;
  Job job;
};

class Slices final : GatheredJob, public JobRun {
 public:
  explicit Slices(const Job& job)
      : GatheredJob(checked_for_steps(job)),
        JobRun(gathered),
        order_(work_of(this->job(), 0, 1)),
        state_(std::make_shared<State>(job.trainer->initial())) {}

 private:
  void start() override {
    devices_ = all_devices(book().tasks().devices());
    plan_.emplace(job(), devices_.size());
    sliced_.emplace(job(), *plan_);
    trainer_.emplace(sliced_->job,
                     std::vector<std::size_t>(plan_->sliced().graph.layer_count(), 0));
    optimizer_ = trainer_->optimizer();
    slices_ = plan_->slices_of(*state_, sliced_->trainer.layout());
    begin_step();
  }

  SharedState state() override { return state_; }

  void begin_step() {
    open_round();
    samples_ = order_.next();
    const auto batch = static_cast<std::int64_t>(samples_.size());
    phases_ = plan_->phases(groups_of(book().tasks()), batch);
    visits_.clear();
    for (const std::size_t device : devices_) {
      visits_.push_back(parts().books.select(device));
    }
    const Bytes bytes =
        static_cast<double>(batch) * bytes_of_sample(*job().network, *job().training);
    exchange(chain(devices_.size()), bytes, [this] { run_phase(0); });
  }

  void run_phase(std::size_t index) {
    if (index == phases_.size()) {
      end_step();
      return;
    }
    left_ = devices_.size();
    for (const std::size_t device : devices_) {
      book().insist(
          {.device = device, .level = 0, .service = phases_[index].compute[device], .model = {}},
          [this, index](const engine::TaskReport&) {
            if (--left_ == 0) {
              end_phase(index);
            }
          });
    }
  }

  void end_phase(std::size_t index) {
    const SlicePlan::Phase& phase = phases_[index];
    const auto next = [this, index] { run_phase(index + 1); };
    switch (phase.exchange) {
      case SlicePlan::Exchange::none:
        next();
        break;
      case SlicePlan::Exchange::gather:
        exchange(ring_all_gather(devices_.size()), phase.bytes, next);
        break;
      case SlicePlan::Exchange::reduce:
        exchange(ring_all_reduce(devices_.size()), phase.bytes, next);
        break;
    }
  }

  /// Runs transfers, again from the beginning if some fail, as soon as all links are up.
  void exchange(Schedule schedule, Bytes bytes, std::function<void()> then) {
    if (schedule.empty()) {
      then();
      return;
    }
    run_transfers(book(), schedule, devices_, bytes,
                  [=, this, then = std::move(then)](const TransferReport& report) {
                    if (report.is_done()) {
                      then();
                    } else {
                      when_all_links_are_up(0, 0, [=, this] { exchange(schedule, bytes, then); });
                    }
                  });
  }

  void when_all_links_are_up(std::size_t device, std::size_t hop, std::function<void()> then) {
    if (device == devices_.size()) {
      then();
      return;
    }
    const bool is_last = hop + 2 >= book().tasks().levels(device);
    book().when_way_up(device, hop, [=, this, then = std::move(then)] {
      when_all_links_are_up(is_last ? device + 1 : device, is_last ? 0 : hop + 1, then);
    });
  }

  void end_step() {
    const double loss = trainer_->step(slices_, samples_, 1, rate_in(job().settings, round()),
                                       static_cast<std::uint64_t>(round() - 1), *optimizer_);
    state_ = std::make_shared<State>(plan_->whole_of(slices_, sliced_->trainer.layout()));
    for (const VisitHandle& visit : visits_) {
      parts().books.decide(visit, Visit::Fate::counted);
    }
    if (finish_round(loss)) {
      begin_step();
    }
  }

  StepOrder order_;
  SharedState state_;
  std::vector<std::size_t> devices_;
  std::optional<SlicePlan> plan_;
  std::optional<SlicedJob> sliced_;
  std::optional<PartedTrainer> trainer_;
  std::optional<train::Optimizer> optimizer_;
  State slices_;
  std::span<const std::int64_t> samples_;  // Of the step.
  std::vector<SlicePlan::Phase> phases_;
  std::vector<VisitHandle> visits_;  // By device.
  std::size_t left_ = 0;             // Devices that compute.
};

/// A mean step of an epoch; see SlicePlan::phases() and time_of_ring().
RoundForecast forecast_slices(const Job& original, const System& system) {
  const GatheredJob holder(checked_for_steps(original));
  const Job& job = holder.gathered;
  const std::vector<std::size_t> devices = all_devices(system.devices());
  const auto n = static_cast<double>(devices.size());
  const SlicePlan plan(job, devices.size());
  const Together alone(system, {});
  RoundForecast forecast;
  Bytes sent;
  const auto add = [&](std::int64_t batch, double share) {
    const Bytes samples = static_cast<double>(batch) * bytes_of_sample(*job.network, *job.training);
    for (std::size_t i = 0; i + 1 < devices.size(); ++i) {
      forecast.communication += share * alone.ferry(i, i + 1, rounded_up(samples));
      sent += share * hops_between(system, i, i + 1) * rounded_up(samples);
    }
    for (const SlicePlan::Phase& phase : plan.phases(groups_of(system), batch)) {
      forecast.compute += share * phase.longest();
      if (phase.exchange != SlicePlan::Exchange::none && devices.size() > 1) {
        const double rounds = phase.exchange == SlicePlan::Exchange::reduce ? 2 : 1;
        forecast.communication += share * (rounds / 2) * time_of_ring(system, devices, phase.bytes);
        sent +=
            share * rounds * (n - 1) * hops_around(system, devices) * rounded_up(phase.bytes / n);
      }
    }
  };
  const std::int64_t all = holder.data.samples.count(0);
  const std::int64_t steps = steps_per_epoch(all, job.settings.batch);
  const std::int64_t full = job.settings.batch == 0 ? all : std::min(job.settings.batch, all);
  const std::int64_t rest = all - (steps - 1) * full;
  const double last = 1.0 / static_cast<double>(steps);
  add(full, rest == full ? 1 : 1 - last);
  if (rest != full) {
    add(rest, last);
  }
  forecast.round = forecast.compute + forecast.communication;
  forecast.bytes_up = forecast.bytes_down = sent;
  forecast.loading = time_of_loading(job, system, {0});
  std::size_t slices = 0;
  for (const auto& node : plan.sliced().node_of) {
    slices += node ? std::size_t{1} : std::size_t{0};
  }
  forecast.note = fmt::format("{} slices over {} devices", slices, devices.size());
  return forecast;
}

}  // namespace

void register_slices(Registry<StrategyKind>& registry) {
  registry.add({.name = "slices",
                .doc = "convolutions and dense layers in slices over all devices, which gather the "
                       "results after each; a round is a step",
                .citation = "Krizhevsky, \"One weird trick for parallelizing convolutional neural "
                            "networks\", 2014; Shoeybi et al., \"Megatron-LM\", 2019",
                .parameters = {{.name = "direction",
                                .is_text = true,
                                .one_of = {"columns", "rows"},
                                .doc = "slices of the output channels, whose results are "
                                       "gathered, or of the input channels, whose sums are added"}},
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<Slices>(job);
                },
                .forecast = forecast_slices});
}

}  // namespace offcut::training
