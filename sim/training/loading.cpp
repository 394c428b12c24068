// The phases before the first round. A disk works beside machine and links, so that its time passes
// without a task; from the network, messages come down all hops from the last tier.

#include "sim/training/loading.h"

#include <algorithm>
#include <memory>

#include "models/base/error.h"
#include "sim/training/forecasts.h"
#include "sim/training/work_time.h"

namespace offcut::training {
namespace {

struct Phase {
  const char* what;
  std::vector<Bytes> bytes;  // By client of the list.
};

std::vector<Phase> phases_of(const Job& job, const std::vector<std::size_t>& clients) {
  if (job.loading.from == Loading::From::memory) {
    return {};
  }
  if (job.loading.from == Loading::From::disk && !(job.loading.disk > BytesPerSecond(0))) {
    throw InputError({}, "loading from a disk needs its rate, which must be positive");
  }
  Phase data{"data", {}};
  Phase model{"model", {}};
  for (const std::size_t client : clients) {
    data.bytes.push_back(bytes_of_data(job, client));
    model.bytes.push_back(bytes_of_model(*job.network));
  }
  return {data, model};
}

class Loader : public std::enable_shared_from_this<Loader> {
 public:
  Loader(TaskBook& book, const Job& job, const std::vector<std::size_t>& clients,
         std::function<void(std::vector<LoadingRecord>)> then)
      : book_(book),
        loading_(job.loading),
        clients_(clients),
        phases_(phases_of(job, clients)),
        then_(std::move(then)) {}

  void begin_phase() {
    if (records_.size() == phases_.size() || clients_.empty()) {
      then_(records_);
      return;
    }
    const Phase& phase = phases_[records_.size()];
    records_.push_back({.what = phase.what, .total = {}, .longest = {}, .bytes = {}});
    start_ = book_.now();
    left_ = clients_.size();
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      records_.back().bytes += phase.bytes[i];
    }
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      load_one(clients_[i], phase.bytes[i]);
    }
  }

 private:
  void load_one(std::size_t client, Bytes bytes) {
    if (loading_.from == Loading::From::disk) {
      book_.at(book_.now() + bytes / loading_.disk, [self = shared_from_this()] { self->ended(); });
      return;
    }
    book_.insist_on_carrying(client, book_.tasks().levels(client) - 1, 0, bytes,
                             [self = shared_from_this()](const Trip&) { self->ended(); });
  }

  void ended() {
    const Seconds took = book_.now() - start_;
    records_.back().total += took;
    records_.back().longest = std::max(records_.back().longest, took);
    if (--left_ == 0) {
      begin_phase();
    }
  }

  TaskBook& book_;
  Loading loading_;
  std::vector<std::size_t> clients_;
  std::vector<Phase> phases_;
  std::function<void(std::vector<LoadingRecord>)> then_;
  std::vector<LoadingRecord> records_;
  Seconds start_;
  std::size_t left_ = 0;
};

}  // namespace

void load(TaskBook& book, const Job& job, const std::vector<std::size_t>& clients,
          std::function<void(std::vector<LoadingRecord>)> then) {
  std::make_shared<Loader>(book, job, clients, std::move(then))->begin_phase();
}

Bytes bytes_of_data(const Job& job, std::size_t client) {
  double share = 1;
  if (client < job.data->features.size()) {
    const double all = static_cast<double>(elements(job.training->item()));
    share = static_cast<double>(job.data->features[client].size()) / std::max(all, 1.0);
  }
  return rounded_up(static_cast<double>(job.data->samples.count(client)) *
                    bytes_of_sample(*job.network, *job.training, share));
}

Seconds time_of_loading(const Job& job, const System& system,
                        const std::vector<std::size_t>& clients) {
  Seconds sum;
  const Together together(system, clients);
  for (const Phase& phase : phases_of(job, clients)) {
    Seconds longest;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const Seconds time =
          job.loading.from == Loading::From::disk
              ? phase.bytes[i] / job.loading.disk
              : together.time(clients[i], system.levels(clients[i]) - 1, 0, phase.bytes[i]);
      longest = std::max(longest, time);
    }
    sum += longest;
  }
  return sum;
}

}  // namespace offcut::training
