#pragma once

#include <memory>
#include <vector>

#include "models/base/random.h"
#include "sim/engine/books.h"
#include "sim/engine/fair_share.h"
#include "sim/engine/model_memory.h"
#include "sim/engine/platform.h"
#include "sim/engine/pool.h"
#include "sim/engine/request.h"
#include "sim/engine/route.h"
#include "sim/engine/waiting.h"

namespace offcut {

struct Station;

/// Requests that one core computes together.
struct Batch {
  Station* station = nullptr;
  std::size_t server = 0;  // of the station's
  std::size_t size = 0;
  std::size_t request_class = 0;
  double started = 0;
  double loading = 0;         // of `started` on, until its model is there
  double service = 0;         // from then on
  double ends = 0;            // predicted
  std::uint32_t version = 0;  // of its use: an event of another is out of date
  RequestList requests;
  Batch* previous = nullptr;  // among the station's running ones; `next` also among the free ones
  Batch* next = nullptr;
};

/// One queue and the servers that work on it.
struct Station {
  std::size_t tier = 0;
  std::size_t index = 0;  // of the tier's stations
  /// One, or where requests of one class are computed together or need their model in memory, one
  /// for each class and kind of work.
  std::vector<WaitingHeap> queues;
  std::vector<std::uint32_t> free;  // the server of each free core
  std::vector<char> down;           // of each server: whether it is; empty where none ever fails
  Batch* running = nullptr;
  std::vector<Request*> sharing;  // where it is shared and may fail
  std::unique_ptr<QueueDiscipline> discipline;
  std::unique_ptr<Batching> batching;
  std::unique_ptr<Admission> admission;
  std::vector<ModelMemory> memory;  // of each server
  RandomStream* noise = nullptr;
  double asks_at = kNever.si();  // when the batching wants to be asked again
  /// For each class, how long so far a core was busy with another one; and with it, how many are.
  std::vector<double> busy_with_others;
  std::vector<std::size_t> busy_with;
  double busy_since = 0;
};

/// What is computed: the tiers' machines, their queues, and the policies that rule them.
class Computing final : FairShares::Listener, EventQueue::Handler {
 public:
  class Listener {
   public:
    virtual void computed(Request* request) = 0;
    /// The machine went down meanwhile.
    virtual void computation_lost(Request* request) = 0;
    /// None that could take it is up.
    virtual void no_machine(Request* request) = 0;
    virtual void rejected(Request* request) = 0;

   protected:
    ~Listener() = default;
  };

  Computing(const Simulation& simulation, const std::vector<Route>& routes, EventQueue& events,
            const Observers& observers, Listener& listener);

  /// For each tier, how many hosts it needs in SimGrid.
  static std::vector<std::size_t> simgrid_hosts(const Simulation& simulation);
  /// What SimGrid serves, once it is built.
  void use(const Platform& platform) { hosts_ = &platform.computing; }

  /// Lets a tier, request->stage, compute request->part.
  void submit(Request* request);
  /// SimGrid says that it has computed the request.
  void execution_ended(Request* request, bool failed);
  /// Whether any machine is up that could compute the device's requests.
  bool is_up(std::size_t tier, std::size_t device) const;
  /// Loses what the machine computes, and where it is its queue's last, what waits.
  void machine_down(std::size_t tier, std::size_t machine);
  void machine_up(std::size_t tier, std::size_t machine);
  /// Computes what waits for a batch that will never be full.
  void flush();
  /// The request is still on its tier when the run ends.
  void still_there(const Request* request, double end);
  /// Closes the books at `end`, and checks them (std::logic_error). REQUIRES: still_there() for all
  /// that are.
  std::vector<TierUsage> report(double end);

 private:
  enum Kind : std::uint32_t { kServed, kAskAgain, kExecute };

  struct TierState {
    std::vector<Station> stations;
    std::vector<ServerState> states;  // of the stations
    std::size_t stations_per_site = 1;
    std::size_t servers_per_station = 1;
    std::size_t devices_per_site = 1;
    std::unique_ptr<Dispatch> dispatch;
    RandomStream dispatching;
    std::vector<RandomStream> noise;      // of each device, or one
    std::unique_ptr<FairShares> sharing;  // where we serve it
    bool shares = false;
    bool by_class = false;  // see Station::queues
    Seconds waiting_work;   // predicted
    TierBooks books;
  };
  struct Turn {  // what a station does next
    std::size_t queue = 0;
    std::size_t take = 0;
    std::size_t free = 0;  // index of the core in Station::free
  };

  TierState make_tier(std::size_t tier);
  void make_station(TierState& tier, std::size_t number, std::size_t index);
  Seconds service_of(std::size_t tier, std::size_t request_class, Request::Part part,
                     std::size_t batch) const;
  Seconds least_work(const Request* request) const;
  std::size_t largest_batch(std::size_t tier, std::size_t queue) const;
  std::size_t queue_of(const TierState& tier, const Request* request) const;
  Job job_of(const Request* request) const;

  void handle(std::uint32_t kind, std::uint32_t version, void* subject) override;
  void shared(void* job) override;

  static std::size_t first_station(const TierState& tier, std::size_t device) {
    return device / tier.devices_per_site * tier.stations_per_site;  // of the device's site
  }
  std::optional<std::size_t> choose_station(TierState& tier, const Request* request,
                                            const Job& job);
  bool admit(TierState& tier, Station& at, const Request* request, const Job& job);
  void queue_up(TierState& tier, Station& at, Request* request, const Job& job);
  void start_what_can(Station& at);
  std::optional<Turn> next_turn(Station& at);
  std::optional<Turn> next_turn_by_class(Station& at);
  std::optional<std::size_t> core_for(const Station& at, std::size_t request_class) const;
  void ask_again(Station& at, double time);
  void start(Station& at, const Turn& turn);
  double load_model(Station& at, std::size_t server, std::size_t request_class);
  void served(Batch* batch);
  void take_off(Batch* batch);
  static void count_work(TierState& tier, const Batch* batch, double now);
  void count_busy(Station& at, std::size_t request_class, int change);
  void start_sharing(TierState& tier, Station& at, Request* request);
  void stop_sharing(TierState& tier, Station& at, Request* request);
  void count_served(TierState& tier, Request* request, Seconds waited, Seconds service);
  void leave(Request* request);
  void lose(Request* request);
  void count_cores(TierState& tier, const Station& at) const;
  std::vector<Request*> take_all(TierState& tier, Station& at);
  void release(Batch* batch);

  const Simulation& simulation_;
  const std::vector<Route>& routes_;
  EventQueue& events_;
  const Observers& observers_;
  Listener& listener_;
  const std::vector<std::vector<simgrid::s4u::Host*>>* hosts_ = nullptr;
  std::vector<TierState> tiers_;
  Pool<Batch> batches_;
  std::uint64_t joined_ = 0;
};

}  // namespace offcut
