#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/core/request.h"
#include "sim/engine/tiers/head_of_line.h"
#include "sim/engine/tiers/model_memory.h"
#include "sim/engine/tiers/model_slots.h"
#include "sim/engine/tiers/waiting.h"
#include "sim/engine/tiers/warmth.h"
#include "sim/scheduling/checked_policies.h"

namespace offcut::engine {

struct Station;

/// Requests that one core computes together. All are of one class, follow one itinerary, or the
/// ways of one network with exits, and have the same work up to their exits:
/// Station::queue_of() keeps other requests apart. The longest way has the batch's service time.
struct Batch {
  Station* station = nullptr;
  std::size_t server = 0;  // Its number in the station.
  std::size_t size = 0;
  const Route* route = nullptr;  // The route of its requests, of several ways the longest.
  double started = 0;
  double cold = 0;            // The time from `started` until its server is warm.
  double loading = 0;         // The time from `started` until its model is in memory.
  double service = 0;         // The time after that.
  double ends = 0;            // Predicted.
  std::uint32_t version = 0;  // Counts its uses: events of other versions are out of date.
  RequestList requests;
  Batch* previous = nullptr;  // Among the running batches of the station.
  Batch* next = nullptr;      // Also among free batches.

  /// Sets the route, and returns its service time on machines of that group. REQUIRES: it has its
  /// requests and their number.
  Seconds find_longest(std::size_t group);
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

/// The next batch of a station.
struct Turn {
  std::size_t queue = 0;
  std::size_t take = 0;  // The number of requests.
  std::size_t core = 0;  // An index of Station::free.
};

/// The reasons for which a server takes no requests, as bits.
enum OutOfService : unsigned char {
  kInService = 0,
  kFailed = 1,
  kAbsent = 2,    // It does not exist, or still starts.
  kStarting = 4,  // With kAbsent.
  kFinishing = 8  // It finishes what it has begun, and is then absent.
};

/// The parts that only some stations need. Those that need none share one, which nobody changes.
struct Features {
  std::unique_ptr<scheduling::CheckedQueue> discipline;
  std::unique_ptr<scheduling::CheckedBatching> batching;
  std::unique_ptr<scheduling::CheckedAdmission> admission;
  bool by_work = false;  // Requests are batched, or need their model in memory.
  /// With `by_work`, a queue for each kind of work seen so far: see Station::queue_of().
  std::vector<WaitingHeap> queues;
  const ModelSlots* models = nullptr;
  std::vector<ModelMemory> memory;         // By server.
  std::unique_ptr<Warmth> warmth;          // Used if servers have cold starts.
  std::optional<HeadOfLine> head_of_line;  // Used if there are several classes.
  std::vector<std::uint16_t> groups;       // By server, if the station has unlike ones.
  /// The reasons why servers are out of service; empty if none ever is.
  std::vector<unsigned char> out;
  std::uint32_t finishing = 0;        // Servers that finish what they have begun.
  std::uint32_t finishing_cores = 0;  // Their busy cores, if they share a queue with others.
};

/// One queue and the servers that work on it. Small, since each device has one: what a request
/// needs is in two cache lines.
struct alignas(64) Station {
  std::uint32_t tier = 0;
  std::uint32_t index = 0;  // Its number in the tier.
  std::uint32_t site = 0;
  std::uint32_t servers = 1;
  std::uint32_t first = 0;  // The number in the tier of its first server.
  std::uint32_t kind = 0;   // A StationKind; 0 if the tier's machines are alike.
  Features* features = nullptr;
  WaitingHeap waiting;                                    // Not used with `by_work`.
  boost::container::small_vector<std::uint32_t, 2> free;  // The server of each free core.
  BatchList running;
  double decides_at = kNever.si();  // The time at which the batching policy decides again.

  /// Returns the queue of a request. Only requests of one class that follow the same itinerary, or
  /// ways of one network with exits, and have the same work (the stage or the tail) may be in one
  /// batch, so with `by_work` they have a queue of their own.
  std::size_t queue_of(const Request* request) const {
    return features->by_work ? request->route->queue * 2 + (request->tail ? 1 : 0) : 0;
  }
  std::size_t queues() const { return features->by_work ? features->queues.size() : 1; }
  WaitingHeap& queue(std::size_t number) {
    return features->by_work ? features->queues[number] : waiting;
  }
  const WaitingHeap& queue(std::size_t number) const {
    return features->by_work ? features->queues[number] : waiting;
  }
  void push(const WaitingHeap::Entry& entry) {
    const std::size_t number = queue_of(entry.request);
    if (number >= queues()) {
      features->queues.resize(number + 1);
    }
    queue(number).push(entry);
  }

  /// The next batch, or, if all queues wait, the time to decide again.
  struct Next {
    std::optional<Turn> turn;
    double again = kNever.si();
  };
  /// Gives the turn to the queue whose next request comes first, unless it waits for a larger batch
  /// or there is no memory for its model; then to the queue after it. REQUIRES: a core is free.
  Next next_turn(double now) const;
  /// Returns a batch that can be computed now if its policy is not to wait any longer.
  std::optional<Turn> any_turn(double now) const;
  /// Returns whether any server is in service.
  bool is_up() const;
  std::size_t servers_in_service() const;
  /// Removes the server's cores from the free ones.
  void remove_free_cores(std::size_t server) {
    free.erase(std::remove(free.begin(), free.end(), server), free.end());
  }
  /// Returns the number of the server's cores that compute.
  std::uint32_t busy_cores(std::size_t server) const;

 private:
  Next next_of_several(double now) const;
  std::optional<std::size_t> core_for(const WaitingHeap& queue, double now) const;
  std::size_t any_core(const WaitingHeap& queue, double now) const {
    return !features->groups.empty() ? fastest_core(queue, now)
           : features->warmth        ? features->warmth->readiest({free.data(), free.size()}, now)
                                     : free.size() - 1;
  }
  std::size_t fastest_core(const WaitingHeap& queue, double now) const;
  double time_on(std::uint32_t server, const Request* request, double now) const;
};

}  // namespace offcut::engine
