#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/core/request.h"
#include "sim/engine/tiers/head_of_line.h"
#include "sim/engine/tiers/model_memory.h"
#include "sim/engine/tiers/model_slots.h"
#include "sim/engine/tiers/waiting.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::engine {

struct Station;

/// Requests that one core computes together. All are of one class, follow one itinerary and are at
/// the same work, so one service time holds for them: Station::queue_of() keeps others apart.
struct Batch {
  Station* station = nullptr;
  std::size_t server = 0;  // of the station's
  std::size_t size = 0;
  const Route* route = nullptr;  // of all its requests
  double started = 0;
  double loading = 0;         // of `started` on, until its model is there
  double service = 0;         // from then on
  double ends = 0;            // predicted
  std::uint32_t version = 0;  // of its use: an event of another is out of date
  RequestList requests;
  Batch* previous = nullptr;  // among the station's running ones; `next` also among the free ones
  Batch* next = nullptr;
};

/// The batches that a station computes now.
class BatchList {
 public:
  Batch* first() const { return first_; }
  void add(Batch* batch);
  void remove(Batch* batch);

 private:
  Batch* first_ = nullptr;
};

/// What a station is to compute next.
struct Turn {
  std::size_t queue = 0;
  std::size_t take = 0;  // requests
  std::size_t core = 0;  // index in Station::free
};

/// One queue and the servers that work on it.
struct Station {
  std::size_t tier = 0;
  std::size_t index = 0;  // of the tier's stations
  const ModelSlots* models = nullptr;
  /// One queue, or with `by_work` one for each kind of work so far: see queue_of().
  std::vector<WaitingHeap> queues = std::vector<WaitingHeap>(1);
  bool by_work = false;             // requests are batched, or need their model in memory
  std::vector<std::uint32_t> free;  // the server of each free core
  std::vector<char> down;           // of each server: whether it is; empty where none ever fails
  BatchList running;
  std::unique_ptr<scheduling::CheckedQueue> discipline;
  std::unique_ptr<scheduling::CheckedBatching> batching;
  std::unique_ptr<scheduling::CheckedAdmission> admission;
  std::vector<ModelMemory> memory;         // of each server
  std::optional<HeadOfLine> head_of_line;  // where there are several classes
  double asks_at = kNever.si();            // when the batching wants to be asked again

  /// Only requests of one class that follow the same itinerary and are at the same work (the stage
  /// or the tail) may be in one batch. With `by_work` they have their own queue.
  std::size_t queue_of(const Request* request) const {
    return by_work ? request->route->number * 2 + (request->tail ? 1 : 0) : 0;
  }
  void push(const WaitingHeap::Entry& entry) {
    const std::size_t queue = queue_of(entry.request);
    if (queue >= queues.size()) {
      queues.resize(queue + 1);
    }
    queues[queue].push(entry);
  }

  /// The queue whose next request is the first of all gets its turn, unless it waits for a larger
  /// batch or there is no memory for its model; then the next one. Where all wait: none, and
  /// when to ask again. REQUIRES: a core is free.
  struct Next {
    std::optional<Turn> turn;
    double again = kNever.si();
  };
  Next next_turn(double now) const;
  /// What can be computed now, if nothing is to be waited for.
  std::optional<Turn> any_turn() const;
  bool is_up() const;

 private:
  Next next_of_several(double now) const;
  std::optional<std::size_t> core_for(const WaitingHeap& queue) const;
};

}  // namespace offcut::engine
