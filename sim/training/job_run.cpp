// The life of a job: its parts are checked, the data is loaded, rounds open and finish until the
// stop rule holds, and the books close. Judgements take no simulated time: they belong to the
// observer, not to the system.

#include "sim/training/job_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/base/error.h"
#include "sim/training/client_pool.h"

namespace offcut::training {

void check_job(const Job& job) {
  if (job.network == nullptr || job.trainer == nullptr || job.training == nullptr ||
      job.data == nullptr || job.times == nullptr) {
    throw std::logic_error(
        "a training job needs a network, a trainer, samples, their split, and "
        "times");
  }
  const StrategySettings& settings = job.settings;
  const auto require = [](bool holds, const std::string& message) {
    if (!holds) {
      throw InputError({}, message);
    }
  };
  require(settings.rounds >= 1,
          fmt::format("rounds: expected at least 1, not {}", settings.rounds));
  require(settings.fraction > 0 && settings.fraction <= 1,
          fmt::format("fraction: expected a share of the clients from above 0 to 1, not {}",
                      settings.fraction));
  require(settings.local_epochs >= 1,
          fmt::format("local-epochs: expected at least 1, not {}", settings.local_epochs));
  require(settings.batch >= 0, fmt::format("batch: expected at least 1, or 0 for all samples of "
                                           "the client, not {}",
                                           settings.batch));
  require(settings.rate > 0 && std::isfinite(settings.rate),
          fmt::format("rate: expected a positive number, not {}", settings.rate));
  require(settings.rate_decay > 0,
          fmt::format("rate-decay: expected a positive factor, not {}", settings.rate_decay));
  require(settings.over_selection >= 0,
          fmt::format("over-selection: expected at least 0, not {}", settings.over_selection));
  require(!settings.deadline || *settings.deadline > Seconds(0),
          "deadline: expected a positive "
          "time");
  require(!settings.partial_work || settings.deadline,
          "partial-work: needs a deadline, which limits the work");
  require(!clients_with_samples(*job.data).empty(), "no client holds any samples");
}

void refuse_settings(const Job& job, std::initializer_list<std::string_view> unread,
                     std::string_view reason) {
  const StrategySettings& given = job.settings;
  const StrategySettings usual;
  const std::pair<std::string_view, bool> changed[] = {
      {"local-epochs", given.local_epochs != usual.local_epochs},
      {"fraction", given.fraction != usual.fraction},
      {"over-selection", given.over_selection != usual.over_selection},
      {"deadline", given.deadline.has_value()},
      {"partial-work", given.partial_work},
  };
  for (const auto& [name, is_changed] : changed) {
    if (is_changed && std::find(unread.begin(), unread.end(), name) != unread.end()) {
      throw InputError({}, fmt::format("{}: {}", name, reason));
    }
  }
}

std::size_t level_of_server(const Job& job, std::size_t levels) {
  const std::size_t level = job.settings.server_level == 0 ? levels - 1 : job.settings.server_level;
  if (level == 0 || level >= levels) {
    throw InputError({}, levels < 2 ? "training needs a tier beyond the devices for its server"
                                    : fmt::format("server: its level is {}, but a device's way "
                                                  "has {} tiers beyond the device",
                                                  level, levels - 1));
  }
  return level;
}

std::size_t clients_per_round(const Job& job, std::size_t clients) {
  const double share = job.settings.fraction * static_cast<double>(clients);
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::llround(share)), 1, clients);
}

RunParts::RunParts(const Job& the_job)
    : job((check_job(the_job), the_job)),
      runs(*job.trainer, job.threads),
      codec(job.codec, job.trainer->layout()),
      books(job.data->samples) {}

Machine RunParts::machine(std::size_t device, std::size_t level) const {
  return {.group = book.tasks().group_of(device), .level = level};
}

Seconds RunParts::time_of_update(std::size_t device, std::size_t level) const {
  return job.times->of(book.tasks().group_of(device), level, 1).update;
}

void RunParts::update_server(std::size_t device, std::size_t level, std::size_t updates,
                             std::function<void()> then) {
  const Seconds service = static_cast<double>(updates) * time_of_update(device, level);
  if (service == Seconds(0)) {
    then();
    return;
  }
  book.insist({.device = device, .level = level, .service = service, .model = {}},
              [then = std::move(then)](const engine::TaskReport&) { then(); });
}

JobRun::JobRun(const Job& job) : parts_(job), clients_(clients_with_samples(*job.data)) {}

std::size_t JobRun::per_round() const { return clients_per_round(job(), clients_.size()); }

void JobRun::begins(engine::Tasks& tasks) {
  if (clients_.back() >= tasks.devices()) {
    throw InputError({}, fmt::format("the data is split among {} clients, but there are {} devices",
                                     job().data->samples.size(), tasks.devices()));
  }
  book().begin(tasks);
  parts_.books.begin(book());
  for (const std::size_t client : clients_) {
    server_level_ = level_of_server(job(), tasks.levels(client));
  }
  if (job().stop.after) {
    book().at(*job().stop.after, [this] { conclude(TrainingRecord::End::time); });
  }
  load_data([this](std::vector<LoadingRecord> loading) {
    record_.loading = std::move(loading);
    parts_.books.begin_rounds();
    start();
  });
}

void JobRun::load_data(std::function<void(std::vector<LoadingRecord>)> then) {
  load(book(), job(), clients_, std::move(then));
}

void JobRun::ended(const engine::TaskReport& report) {
  if (is_over_) {
    return;
  }
  book().ended(report);
  const auto devices = static_cast<std::int64_t>(book().tasks().devices());
  if (!is_over_ && book().futile() >= kMostFutile + kMostFutileOfDevice * devices) {
    conclude(TrainingRecord::End::stuck);
  }
}

void JobRun::woken(std::size_t token) {
  if (!is_over_) {
    book().woken(token);
  }
}

void JobRun::sent(std::size_t token, Bytes bytes) { book().sent(token, bytes); }

void JobRun::open_round() {
  if (open_) {
    throw std::logic_error("a round began within another one");
  }
  open_.emplace();
  open_->round = ++round_;
  open_->start = book().now();
  book().begin_round();
  open_->rate = rate_in(job().settings, round_);
}

bool JobRun::finish_round(double loss) {
  RoundRecord round = open_.value();
  open_.reset();
  book().note_progress();
  round.end = book().now();
  const TimeParts parts = book().parts_of_round();
  round.compute = parts.compute;
  round.communication = parts.communication;
  round.waiting = parts.waiting;
  round.loss = loss;
  const bool is_last = round_ >= job().settings.rounds;
  const std::int64_t every = std::max<std::int64_t>(1, job().judge_every);
  const bool is_reached = (is_last || round_ % every == 0) && judge(round);
  parts_.books.end_round(round);
  if (is_reached) {
    record_.reached = round.end;
    conclude(TrainingRecord::End::accuracy);
  } else if (is_last) {
    conclude(TrainingRecord::End::rounds);
  }
  return !is_over_;
}

double JobRun::done() const {
  const std::int64_t ended = round_ - (open_ ? 1 : 0);
  return static_cast<double>(ended) / static_cast<double>(job().settings.rounds);
}

train::Judgement JobRun::judgement(const State& at) {
  return job().trainer->judge(at, job().test != nullptr ? *job().test : *job().training);
}

bool JobRun::judge(RoundRecord& round) {
  const SharedState now = state();
  if (judged_ != now) {
    judgement_ = judgement(*now);
    judged_ = now;
  }
  round.test_loss = judgement_.loss;
  if (has_classes()) {
    round.accuracy = judgement_.accuracy;
  }
  return round.accuracy && job().stop.accuracy && *round.accuracy >= *job().stop.accuracy;
}

void JobRun::conclude(TrainingRecord::End end) {
  is_over_ = true;
  record_.end = end;
  record_.duration = book().now();
  parts_.books.end_rounds();
  book().tasks().end();
}

TrainingRecord JobRun::close(Seconds end) {
  if (!is_over_) {
    is_over_ = true;
    record_.duration = end;
    parts_.books.end_rounds();
  }
  RoundRecord last;
  judge(last);
  parts_.books.close(record_, record_.duration, open_);
  record_.accuracy = last.accuracy;
  record_.state = *state();
  return std::move(record_);
}

}  // namespace offcut::training
