// `centralised`: the baseline. Every device sends its samples to the server once; the server then
// trains on all of them, epoch by epoch.

#include <algorithm>

#include "models/base/random.h"
#include "sim/training/forecasts.h"
#include "sim/training/job_run.h"

namespace offcut::training {
namespace {

std::vector<std::int64_t> all_samples(const ClientData& data) {
  std::vector<std::int64_t> all;
  for (std::size_t client = 0; client < data.samples.size(); ++client) {
    const std::vector<std::int64_t> own = data.samples[client];
    all.insert(all.end(), own.begin(), own.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

LocalWork central_work(const Job& job, const std::vector<std::int64_t>& samples,
                       std::int64_t round) {
  LocalWork work = work_of(job, 0, round);
  work.samples = samples;
  work.seed = random_stream(job.seed, "central work")();
  return work;
}

const Job& checked_centralised(const Job& job) {
  check_job(job);
  refuse_settings(job, {"fraction", "over-selection", "deadline", "partial-work"},
                  "the server of centralised training has the samples of all devices");
  return job;
}

class Centralised final : public JobRun {
 public:
  explicit Centralised(const Job& job)
      : JobRun(checked_centralised(job)),
        samples_(all_samples(*job.data)),
        state_(std::make_shared<State>(job.trainer->initial())) {}

 private:
  /// The uploads are the loading: all of them begin at once.
  void load_data(std::function<void(std::vector<LoadingRecord>)> then) override {
    left_ = clients().size();
    uploads_.what = "data";
    for (const std::size_t client : clients()) {
      const Bytes bytes = bytes_of_data(job(), client);
      uploads_.bytes += bytes;
      book().insist_on_carrying(client, 0, server_level(), bytes, [=, this](const Trip& trip) {
        uploads_.total += trip.end;
        uploads_.longest = std::max(uploads_.longest, trip.end);
        if (--left_ == 0) {
          then({uploads_});
        }
      });
    }
  }

  void start() override { begin_epoch(); }

  SharedState state() override { return state_; }

  void begin_epoch() {
    open_round();
    visits_.clear();
    for (const std::size_t client : clients()) {
      visits_.push_back(parts().books.select(client));  // Its samples take part.
    }
    const std::size_t device = clients().front();
    const LocalWork work = central_work(job(), samples_, round());
    const ClientRuns::Handle piece = parts().runs.train(state_, work);
    const Seconds service =
        time_of_work(*job().times, parts().machine(device, server_level()), work);
    book().insist({.device = device, .level = server_level(), .service = service, .model = {}},
                  [=, this](const engine::TaskReport&) {
                    const LocalResult& result = parts().runs.result(piece);
                    state_ = std::make_shared<State>(result.state);
                    for (const VisitHandle& visit : visits_) {
                      parts().books.decide(visit, Visit::Fate::counted);
                    }
                    if (finish_round(result.loss)) {
                      begin_epoch();
                    }
                  });
  }

  std::vector<std::int64_t> samples_;
  SharedState state_;
  LoadingRecord uploads_;
  std::size_t left_ = 0;
  std::vector<VisitHandle> visits_;
};

RoundForecast forecast_centralised(const Job& job, const System& system) {
  checked_centralised(job);
  const std::vector<std::size_t> clients = clients_with_samples(*job.data);
  const std::vector<std::int64_t> samples = all_samples(*job.data);
  const std::size_t level = level_of_server(job, system.levels(clients.front()));
  const Together together(system, clients);
  RoundForecast forecast;
  forecast.compute =
      time_of_work(*job.times, {.group = system.group_of(clients.front()), .level = level},
                   central_work(job, samples, 1));
  forecast.round = forecast.compute;
  for (const std::size_t client : clients) {
    forecast.loading =
        std::max(forecast.loading, together.time(client, 0, level, bytes_of_data(job, client)));
  }
  return forecast;
}

}  // namespace

void register_centralised(Registry<StrategyKind>& registry) {
  registry.add({.name = "centralised",
                .doc = "all samples go to the server once; a round is local-epochs epochs there",
                .citation = "baseline",
                .parameters = {},
                .make = [](const Job& job) -> std::unique_ptr<Strategy> {
                  return std::make_unique<Centralised>(job);
                },
                .forecast = forecast_centralised});
}

}  // namespace offcut::training
