// `pipeline`: consecutive layers on consecutive places, through which the micro-batches of a batch
// follow each other. The first place has the data; labels go with the tensors to the place that has
// the loss. A round is a step: all stages update their weights at its end. A machine or a link that
// is down delays the step.

#include <fmt/format.h>

#include <algorithm>

#include "sim/training/client_pool.h"
#include "sim/training/gathered_job.h"
#include "sim/training/job_run.h"
#include "sim/training/loading.h"
#include "sim/training/pipeline_time.h"
#include "sim/training/split_turn.h"
#include "sim/training/step_order.h"

namespace offcut::training {
namespace {

template <class Places>
PipelineSystem pipeline_system(const Places& places) {
  return {.devices = places.devices(),
          .levels = [&places](std::size_t device) { return places.levels(device); },
          .group_of = [&places](std::size_t device) { return places.group_of(device); }};
}

std::vector<std::int64_t> sizes_of_batch(std::size_t batch, std::size_t micro_batches) {
  const auto count = static_cast<std::int64_t>(batch);
  return train::micro_batch_sizes(count, std::min(count, static_cast<std::int64_t>(micro_batches)));
}

class Pipeline final : GatheredJob, public JobRun {
 public:
  explicit Pipeline(const Job& job)
      : GatheredJob(checked_for_steps(job)),
        JobRun(gathered),
        order_(work_of(this->job(), 0, 1)),
        state_(std::make_shared<State>(job.trainer->initial())) {}

  TrainingRecord close(Seconds end) override {
    TrainingRecord record = JobRun::close(end);
    record.level_of = plan_.stage_of;
    return record;
  }

 private:
  struct Stage {
    std::vector<PipelineWork> order;
    std::size_t next = 0;
    bool is_busy = false;
    std::vector<bool> arrived[2];  // By micro-batch: of work forward, and back.
    VisitHandle visit;
  };

  void start() override {
    plan_ = plan_pipeline(job(), pipeline_system(book().tasks()));
    trainer_.emplace(job(), plan_.stage_of);
    optimizer_ = trainer_->optimizer();
    begin_step();
  }

  SharedState state() override { return state_; }

  void begin_step() {
    open_round();
    samples_ = order_.next();
    sizes_ = sizes_of_batch(samples_.size(), plan_.sizes.size());
    stages_.assign(plan_.stages(), Stage());
    left_ = stages_.size();
    std::map<std::size_t, VisitHandle> visits;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      Stage& stage = stages_[i];
      VisitHandle& visit = visits[plan_.places[i].device];
      visit = visit == nullptr ? parts().books.select(plan_.places[i].device) : visit;
      stage.visit = visit;
      stage.order = plan_.order(i, sizes_.size());
      stage.arrived[0].resize(sizes_.size(), i == 0);
      stage.arrived[1].resize(sizes_.size(), i + 1 == stages_.size() || !plan_.goes_back(i));
    }
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      begin_work(i);
    }
  }

  void begin_work(std::size_t index) {
    Stage& stage = stages_[index];
    if (stage.is_busy || stage.next == stage.order.size()) {
      return;
    }
    const PipelineWork work = stage.order[stage.next];
    if (!stage.arrived[work.is_forward ? 0 : 1][work.micro]) {
      return;
    }
    stage.is_busy = true;
    const StepParts parts = parts_of(index, sizes_[work.micro]);
    compute(index,
            work.is_forward          ? parts.forward
            : plan_.goes_back(index) ? parts.backward
                                     : Seconds(0),
            [this, index, work] { end_work(index, work); });
  }

  StepParts parts_of(std::size_t index, std::int64_t samples) {
    const Place& place = plan_.places[index];
    return job().times->of(parts().machine(place.device, place.level).group, place.level, samples,
                           plan_.layers[index]);
  }

  void compute(std::size_t index, Seconds service, std::function<void()> then) {
    if (service == Seconds(0)) {
      then();
      return;
    }
    const Place& place = plan_.places[index];
    book().insist({.device = place.device, .level = place.level, .service = service, .model = {}},
                  [then = std::move(then)](const engine::TaskReport&) { then(); });
  }

  void end_work(std::size_t index, PipelineWork work) {
    Stage& stage = stages_[index];
    stage.is_busy = false;
    ++stage.next;
    const auto samples = static_cast<double>(sizes_[work.micro]);
    if (work.is_forward && index + 1 < stages_.size()) {
      deliver(index, index + 1, samples * plan_.activations[index], work);
    } else if (!work.is_forward && index > 0 && plan_.goes_back(index - 1)) {
      deliver(index, index - 1, samples * plan_.slopes[index - 1], work);
    }
    if (stage.next == stage.order.size()) {
      compute(index, parts_of(index, sizes_.back()).update, [this] { end_stage(); });
    } else {
      begin_work(index);
    }
  }

  void deliver(std::size_t from, std::size_t to, Bytes bytes, PipelineWork work) {
    const Place a = plan_.places[from];
    const Place b = plan_.places[to];
    const auto arrive = [this, to, work](const Trip&) {
      stages_[to].arrived[work.is_forward ? 0 : 1][work.micro] = true;
      begin_work(to);
    };
    if (a.device == b.device) {
      book().insist_on_carrying(a.device, a.level, b.level, bytes, arrive);
      return;
    }
    const std::size_t meeting = meeting_level(book().tasks(), a.device, b.device);
    if (meeting == 0) {
      throw InputError({}, "devices that exchange messages need a common tier on their ways");
    }
    book().insist_on_carrying(a.device, 0, meeting, bytes, [=, this](const Trip&) {
      book().insist_on_carrying(b.device, meeting, 0, bytes, arrive);
    });
  }

  void end_stage() {
    if (--left_ > 0) {
      return;
    }
    State next = *state_;
    const double rate = rate_in(job().settings, round());
    const double loss = trainer_->step(next, samples_, static_cast<std::int64_t>(sizes_.size()),
                                       rate, static_cast<std::uint64_t>(round() - 1), *optimizer_);
    state_ = std::make_shared<State>(std::move(next));
    for (const Stage& stage : stages_) {
      if (stage.visit->fate == Visit::Fate::open) {
        parts().books.decide(stage.visit, Visit::Fate::counted);
      }
    }
    if (finish_round(loss)) {
      begin_step();
    }
  }

  StepOrder order_;
  SharedState state_;
  PipelinePlan plan_;
  std::optional<PartedTrainer> trainer_;
  std::optional<train::Optimizer> optimizer_;
  std::span<const std::int64_t> samples_;  // Of the step.
  std::vector<std::int64_t> sizes_;        // Of its micro-batches.
  std::vector<Stage> stages_;
  std::size_t left_ = 0;  // Stages that have not updated their weights.
};

/// Returns the hops up and down of a tensor to the next stage. Back, they are the other way round.
std::pair<double, double> hops_to_next(const System& system, const PipelinePlan& plan,
                                       std::size_t stage) {
  const Place& a = plan.places[stage];
  const Place& b = plan.places[stage + 1];
  if (a.device == b.device) {
    return {static_cast<double>(b.level - a.level), 0};
  }
  const auto meeting = static_cast<double>(meeting_level(system, a.device, b.device));
  return {meeting, meeting};
}

/// A mean step of an epoch: full batches, and the last one, which may be smaller.
RoundForecast forecast_pipeline(const Job& original, const System& system) {
  const GatheredJob holder(checked_for_steps(original));
  const Job& job = holder.gathered;
  const PipelinePlan plan = plan_pipeline(job, pipeline_system(system));
  RoundForecast forecast;
  const std::int64_t all = holder.data.samples.count(0);
  const std::int64_t steps = steps_per_epoch(all, job.settings.batch);
  const std::int64_t full = job.settings.batch == 0 ? all : std::min(job.settings.batch, all);
  const auto add = [&](std::int64_t batch, double share) {
    const auto sizes = sizes_of_batch(static_cast<std::size_t>(batch), plan.sizes.size());
    const PipelineTimes times = times_of_pipeline(job, plan, system, sizes);
    std::vector<std::vector<PipelineWork>> orders;
    for (std::size_t stage = 0; stage < plan.stages(); ++stage) {
      orders.push_back(plan.order(stage, sizes.size()));
    }
    const TimeParts parts = time_of_pipeline(times, orders);
    forecast.round += share * (parts.compute + parts.communication + parts.waiting);
    forecast.compute += share * parts.compute;
    forecast.communication += share * parts.communication;
    forecast.waiting += share * parts.waiting;
    for (std::size_t stage = 0; stage + 1 < plan.stages(); ++stage) {
      const auto [up, down] = hops_to_next(system, plan, stage);
      const Bytes there = share * static_cast<double>(batch) * plan.activations[stage];
      const Bytes back = share * static_cast<double>(batch) * plan.slopes[stage];
      forecast.bytes_up += up * there + down * back;
      forecast.bytes_down += down * there + up * back;
    }
  };
  const std::int64_t rest = all - (steps - 1) * full;
  const double last = 1.0 / static_cast<double>(steps);
  if (rest == full) {
    add(full, 1);
  } else {
    add(full, 1 - last);
    add(rest, last);
  }
  forecast.loading = time_of_loading(job, system, {0});
  forecast.note = plan.note(*job.network);
  forecast.level_of = plan.stage_of;
  return forecast;
}

}  // namespace

void register_pipeline(Registry<StrategyKind>& registry) {
  registry.add({.name = "pipeline",
                .doc = "layers in stages on consecutive devices or tiers, and micro-batches that "
                       "follow each other through them; a round is a step",
                .citation = "Huang et al., \"GPipe\", NeurIPS 2019; Narayanan et al., "
                            "\"PipeDream\", SOSP 2019",
                .parameters = pipeline_parameters(),
                .cuts = true,
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<Pipeline>(job);
                },
                .forecast = forecast_pipeline});
}

}  // namespace offcut::training
