// Threads take the entered pieces one after the other. Each thread has a trainer of its own, and
// the result of a piece depends on its own inputs alone, so it doesn't matter which thread has it.

#include "sim/training/client_runs.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <stdexcept>
#include <thread>

namespace offcut::training {

class ClientRuns::Piece {
 public:
  std::function<LocalResult(LocalTrainer&)> compute;  // Empty once it is computed or forgotten.
  LocalResult result;
  std::exception_ptr error;
};

ClientRuns::ClientRuns(LocalTrainer& trainer, unsigned threads)
    : trainer_(trainer), threads_(std::max(threads, 1U)) {}

ClientRuns::~ClientRuns() = default;

ClientRuns::Handle ClientRuns::enter(std::function<LocalResult(LocalTrainer&)> compute) {
  auto piece = std::make_shared<Piece>();
  piece->compute = std::move(compute);
  entered_.push_back(piece);
  return piece;
}

ClientRuns::Handle ClientRuns::train(SharedState from, LocalWork work) {
  return enter([from = std::move(from), work = std::move(work)](LocalTrainer& trainer) {
    return trainer.train(*from, work);
  });
}

ClientRuns::Handle ClientRuns::gradient(SharedState at, std::vector<std::int64_t> samples,
                                        std::uint64_t step) {
  return enter([at = std::move(at), samples = std::move(samples), step](LocalTrainer& trainer) {
    LocalResult result;
    result.state = trainer.gradient(*at, samples, step, &result.loss);
    result.first_loss = result.loss;
    result.steps = 1;
    result.samples = static_cast<std::int64_t>(samples.size());
    return result;
  });
}

ClientRuns::Handle ClientRuns::loss(SharedState at, std::vector<std::int64_t> samples) {
  return enter([at = std::move(at), samples = std::move(samples)](LocalTrainer& trainer) {
    LocalResult result;
    result.loss = result.first_loss = trainer.loss(*at, samples);
    return result;
  });
}

const LocalResult& ClientRuns::result(const Handle& handle) {
  if (handle->compute) {
    compute_all();
  }
  if (handle->error) {
    std::rethrow_exception(handle->error);
  }
  return handle->result;
}

void ClientRuns::forget(const Handle& handle) {
  handle->compute = nullptr;
  handle->result = {};
  std::erase(entered_, handle);
}

void ClientRuns::compute_all() {
  const std::vector<Handle> pieces = std::move(entered_);
  entered_.clear();
  std::atomic<std::size_t> next = 0;
  const auto work = [&](LocalTrainer& trainer) {
    for (std::size_t i = next++; i < pieces.size(); i = next++) {
      try {
        pieces[i]->result = pieces[i]->compute(trainer);
      } catch (...) {
        pieces[i]->error = std::current_exception();
      }
      pieces[i]->compute = nullptr;
    }
  };
  const std::size_t threads = std::min<std::size_t>(threads_, pieces.size());
  while (clones_.size() + 1 < threads) {
    clones_.push_back(trainer_.clone());
  }
  std::vector<std::jthread> helpers;
  for (std::size_t i = 1; i < threads; ++i) {
    helpers.emplace_back([&, i] { work(*clones_[i - 1]); });
  }
  work(trainer_);
}

}  // namespace offcut::training
