#pragma once

#include <functional>
#include <vector>

#include "sim/engine/tasks/director.h"

namespace offcut::training {

/// The way of a payload over several hops, or of a computation.
struct Trip {
  bool is_done = true;
  Seconds end = {};
  Seconds busy = {};  // On links, latencies included, without the waits before them.
};

/// The messages up to some time. A payload counts once, whatever the number of its hops.
struct Traffic {
  Bytes up, down;
  Seconds time;  // Of all messages, hop by hop.
};

/// A director's tasks, each with what is to follow it. A strategy hands its calls of ended() and
/// woken() on.
class TaskBook {
 public:
  using AfterTask = std::function<void(const engine::TaskReport&)>;
  using AfterTrip = std::function<void(const Trip&)>;
  using Then = std::function<void()>;

  void begin(engine::Tasks& tasks) { tasks_ = &tasks; }
  engine::Tasks& tasks() const { return *tasks_; }
  Seconds now() const { return tasks_->now(); }

  void compute(const engine::Computation& computation, AfterTask then);
  void send(const engine::Message& message, AfterTask then);
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
                          AfterTrip then);

  /// Return whether all links between two levels of the device's way are up, and call `then` as
  /// soon as the first one that is down is up.
  bool is_way_up(std::size_t device, std::size_t from, std::size_t to) const;

  void ended(const engine::TaskReport& report);
  void woken(std::size_t token);

  const Traffic& traffic() const { return traffic_; }  // Of all messages so far.

 private:
  std::size_t enter(AfterTask then);
  void carry_on(std::size_t device, std::size_t from, std::size_t to, Bytes bytes, bool insists,
                bool counts, Trip trip, AfterTrip then);

  engine::Tasks* tasks_ = nullptr;
  std::vector<AfterTask> after_;  // By token.
  std::vector<std::size_t> unused_;
  Traffic traffic_;
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
