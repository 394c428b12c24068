#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "sim/training/local_trainer.h"

namespace offcut::training {

/// The mathematics of clients, each piece of which is computed once. Pieces are entered when their
/// inputs are known, and computed, all that wait, when the first result is needed: so that threads
/// share them. Results don't depend on the number of threads.
class ClientRuns {
 public:
  /// A piece of work, entered or computed.
  class Piece;
  using Handle = std::shared_ptr<Piece>;

  /// The trainer outlives the runs and has at least one thread.
  ClientRuns(LocalTrainer& trainer, unsigned threads);
  ~ClientRuns();

  /// Enters a client's local steps. The targets of its pointers stay until then.
  Handle train(SharedState from, LocalWork work);
  /// Enters the mean gradient over some samples.
  Handle gradient(SharedState at, std::vector<std::int64_t> samples, std::uint64_t step);
  /// Enters the mean loss over the samples.
  Handle loss(SharedState at, std::vector<std::int64_t> samples);

  /// Computes whatever is entered, and returns the result: of a gradient, it is `state`, and
  /// LocalResult::loss is the loss.
  const LocalResult& result(const Handle& handle);
  /// Forgets a piece whose result is no longer needed.
  void forget(const Handle& handle);

 private:
  Handle enter(std::function<LocalResult(LocalTrainer&)> compute);
  void compute_all();

  LocalTrainer& trainer_;
  std::vector<std::unique_ptr<LocalTrainer>> clones_;  // Of the other threads, when first needed.
  unsigned threads_;
  std::vector<Handle> entered_;
};

}  // namespace offcut::training
