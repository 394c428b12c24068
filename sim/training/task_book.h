#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "sim/engine/tasks/director.h"
#include "sim/training/client_times.h"
#include "sim/training/strategy.h"
#include "sim/training/way.h"

namespace offcut::training {

/// The way of a payload over several hops.
struct Trip {
  bool is_done = true;
  Seconds end = {};
};

/// To whom the bytes and the time of a message belong: the client on whose way it goes, or no one,
/// since a site sends it for all of its clients.
enum class Owner { client, site };

/// A director's tasks, each with what is to follow it, and the books of what they did: all figures
/// of bytes and times in a job's record come from here. A strategy hands its calls of ended(),
/// woken() and sent() on.
class TaskBook {
 public:
  using AfterTask = std::function<void(const engine::TaskReport&)>;
  using AfterTrip = std::function<void(const Trip&)>;
  using Then = std::function<void()>;

  void begin(engine::Tasks& tasks);
  engine::Tasks& tasks() const { return *tasks_; }
  Seconds now() const { return tasks_->now(); }

  void compute(const engine::Computation& computation, AfterTask then);
  void send(const engine::Message& message, AfterTask then, Owner owner = Owner::client);
  void at(Seconds time, Then then);
  void when_up(std::size_t device, std::size_t level, Then then);
  void when_way_up(std::size_t device, std::size_t hop, Then then);

  /// Sends a payload from one level of the device's way to another one, hop by hop: a hop begins
  /// when the one before has delivered everything. Between equal levels, `then` is called at once.
  void carry(std::size_t device, std::size_t from, std::size_t to, Bytes bytes, AfterTrip then);
  /// Sends a payload from a device to another one: up to the first tier where both have the same
  /// site, and down again. REQUIRES: meeting_level() of the two is not 0.
  void ferry(std::size_t from, std::size_t to, Bytes bytes, AfterTrip then);

  /// Computes on a machine that may be down: tries again whenever it is up.
  void insist(const engine::Computation& computation, AfterTask then);
  /// Carries a payload over links that may be down: tries the failed hop again when it is up.
  void insist_on_carrying(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
                          AfterTrip then, Owner owner = Owner::client);

  /// Return whether all links between two levels of the device's way are up, and call `then` as
  /// soon as the first one that is down is up.
  bool is_way_up(std::size_t device, std::size_t from, std::size_t to) const;

  void ended(const engine::TaskReport& report);
  void woken(std::size_t token);
  void sent(std::size_t token, Bytes bytes);

  /// Return the bytes of all messages so far, hop by hop, as engine::Traffic::task_bytes counts
  /// them; and those of each client and of all sites.
  const Carried& carried() const { return carried_; }
  const Carried& carried_of(std::size_t client) const { return of_client_.at(client); }
  const Carried& carried_of_sites() const { return of_sites_; }
  /// Returns the time of all messages on their links so far, latencies included.
  Seconds time_of_messages() const { return time_of_messages_; }
  ClientTimes& times() { return times_; }

  /// Begins a round now: ways are forgotten before.
  void begin_round();
  /// Returns the way of the task that has just ended. Tasks that are handed out now continue it.
  const Way& way() const { return way_; }
  /// Lets what is handed out now continue another way, which has ended.
  void follow(Way way) { way_ = std::move(way); }
  /// Returns the parts of the round until now on the present way.
  TimeParts parts_of_round() const { return way_.parts(round_, now()); }

  /// The training has come on: a round ended, or an update arrived. So has it when a task that was
  /// insisted on is done.
  void note_progress() { futile_ = 0; }
  /// Returns the tasks that have failed since.
  std::int64_t futile() const { return futile_; }

 private:
  struct Task {
    AfterTask then;
    Way way;  // Before the task.
    enum class Kind { wake, computation, message } kind = Kind::wake;
    std::size_t device = 0;
    bool is_of_client = false;
    bool up = false;
  };

  std::size_t enter(Task task);
  std::size_t enter_wake(Then then);
  void record(const Task& task, const engine::TaskReport& report);
  void carry_on(std::size_t device, std::size_t from, std::size_t to, Bytes bytes, bool insists,
                Owner owner, Trip trip, AfterTrip then);

  engine::Tasks* tasks_ = nullptr;
  std::vector<Task> under_way_;  // By token.
  std::vector<std::size_t> unused_;
  Way way_;
  Seconds round_;  // Its beginning.
  Carried carried_, of_sites_;
  std::vector<Carried> of_client_;
  Seconds time_of_messages_;
  ClientTimes times_;
  std::int64_t futile_ = 0;
};

/// Returns the first later level where two devices have the same site, or 0 if there is none.
template <class Places>
std::size_t meeting_level(const Places& places, std::size_t a, std::size_t b) {
  for (std::size_t level = 1; level < places.levels(a) && level < places.levels(b); ++level) {
    if (places.site_of(a, level) == places.site_of(b, level)) {
      return level;
    }
  }
  return 0;
}

}  // namespace offcut::training
