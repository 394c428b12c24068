#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/head_of_line.h"
#include "sim/engine/model_memory.h"
#include "sim/engine/request.h"
#include "sim/engine/waiting.h"

namespace offcut {

struct Station;

/// Requests that one core computes together: all of one class, on one route and at the same work,
/// so that one service time holds for all of them. Queues see to it, see Station::queue_of().
struct Batch {
  Station* station = nullptr;
  std::size_t server = 0;  // of the station's
  std::size_t size = 0;
  const Route* route = nullptr;  // of all of them
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

/// Which weights the servers of a tier may have in memory. Routes whose requests ask for one model,
/// with weights of one size on the tier, share a slot of ModelMemory.
class ModelSlots {
 public:
  bool knows(const Route& route) const {
    return route.number < slots_.size() && slots_[route.number] != kNone;
  }
  /// Gives the route its slot. Returns whether that is a new one, the next number.
  bool add(const Route& route, const RequestClass& of, Bytes size);
  /// REQUIRES: knows(route).
  std::size_t slot_of(const Route& route) const { return slots_[route.number]; }
  /// The class that asked for it first.
  std::size_t first_class(std::size_t slot) const { return first_classes_[slot]; }

 private:
  struct Part {
    bool shared = false;     // by classes with one model
    std::size_t number = 0;  // of the model, or of the class
    double size = 0;
    auto operator<=>(const Part&) const = default;
  };
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::map<Part, std::size_t> parts_;
  std::vector<std::size_t> slots_;  // by route
  std::vector<std::size_t> first_classes_;
};

/// One queue and the servers that work on it.
struct Station {
  std::size_t tier = 0;
  std::size_t index = 0;  // of the tier's stations
  const ModelSlots* models = nullptr;
  /// One, or `by_work`, as many as there were kinds of work so far: see queue_of().
  std::vector<WaitingHeap> queues = std::vector<WaitingHeap>(1);
  bool by_work = false;        // where requests are computed together or need their model in memory
  std::size_t most_asked = 1;  // that the batching ever takes
  std::vector<std::uint32_t> free;  // the server of each free core
  std::vector<char> down;           // of each server: whether it is; empty where none ever fails
  BatchList running;
  std::unique_ptr<QueueDiscipline> discipline;
  std::unique_ptr<Batching> batching;
  std::unique_ptr<Admission> admission;
  std::vector<ModelMemory> memory;         // of each server
  std::optional<HeadOfLine> head_of_line;  // where there are several classes
  double asks_at = kNever.si();            // when the batching wants to be asked again

  /// Requests of one class, on one route and at the same work (its stage, or its tail) have a queue
  /// of their own, numbered by route. Only such requests may be in one batch.
  std::size_t queue_of(const Request* request) const {
    return by_work ? request->route->number * 2 + (request->tail ? 1 : 0) : 0;
  }
  void push(const WaitingHeap::Entry& entry);

  /// The queue whose next request is the first of all gets its turn, unless it waits for a larger
  /// batch or there is no memory for its model; then the one behind it. Where all wait: none, and
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

}  // namespace offcut
