#pragma once

#include <cstddef>

#include "models/base/units.h"

namespace offcut::engine {

/// A computation of no request. It waits in the queue of its machine like a request, takes one core
/// of it, and its time varies with the tier's noise.
struct Computation {
  std::size_t device = 0;  // On whose way the machine is.
  std::size_t level = 0;   // 0: the device itself; 1, 2, ...: the later tiers on its way.
  Seconds service;         // Its time on an idle core, of whatever machine of the level.
  Bytes model;             // The room that the task takes in the machine's memory for models.
};

/// A message of no request. It waits in the line of its device like a request's, shares links with
/// other messages, and counts in the energy of radios.
struct Message {
  std::size_t device = 0;  // On whose way the hop is.
  std::size_t hop = 0;     // 0: the device's own; the others as they follow on its way.
  bool up = true;          // Away from the device.
  Bytes bytes;             // Rounded up to whole ones.
};

/// The end of a task.
struct TaskReport {
  std::size_t token = 0;  // As it was handed out.
  /// False: a machine or a link went down, or was down when the task was to begin, the device's
  /// battery is empty, or a handover of the device dropped it (Mobility::UnderWay::drop).
  bool is_done = true;
  Seconds handed_out;
  Seconds begin;  // Of the computation, or of the message on its link; the end if it never began.
  Seconds end;    // Now. A message has then arrived, with its latency.
};

/// The engine as a director sees it. A token comes back in the director's calls. All functions may
/// be called from within these, and none calls the director before it returns.
class Tasks {
 public:
  virtual Seconds now() const = 0;
  virtual void compute(const Computation& computation, std::size_t token) = 0;
  virtual void send(const Message& message, std::size_t token) = 0;
  /// Calls Director::woken(token) at that time, or now if it is past.
  virtual void at(Seconds time, std::size_t token) = 0;

  /// Return whether a machine of the device's at that level is up, and its link of that hop.
  /// Nothing is for a device whose battery is empty.
  virtual bool is_up(std::size_t device, std::size_t level) const = 0;
  virtual bool is_way_up(std::size_t device, std::size_t hop) const = 0;
  /// Call Director::woken(token) as soon as that holds, which may be now, or never.
  virtual void when_up(std::size_t device, std::size_t level, std::size_t token) = 0;
  virtual void when_way_up(std::size_t device, std::size_t hop, std::size_t token) = 0;

  /// Returns the time of a message in an idle system: see partition::Hop. Moving rates count with
  /// their means.
  virtual Seconds idle_time(const Message& message) const = 0;

  /// Return the numbers of devices, of tiers on a device's way (itself included), of the site at a
  /// level, and the group of the device.
  virtual std::size_t devices() const = 0;
  virtual std::size_t levels(std::size_t device) const = 0;
  virtual std::size_t site_of(std::size_t device, std::size_t level) const = 0;
  virtual std::size_t group_of(std::size_t device) const = 0;
  /// Returns the energy that the device has used so far, machine and radio; 0 if it is unknown.
  virtual Joules energy_of(std::size_t device) const = 0;
  /// Returns the sum of energy_of() of all devices, added up in their order.
  virtual Joules energy() const = 0;

  /// The director hands out no further tasks. Without another Stop, the run ends, and calls it no
  /// more: no requests arrive any more, and what is under way is unfinished. A director that
  /// nothing can call any more has ended, too.
  virtual void end() = 0;

 protected:
  ~Tasks() = default;
};

/// Hands out tasks beside the requests of a run: see sim/training. Every task that it hands out
/// ends once, or is unfinished when the run ends. Equal runs have equal calls in equal order.
class Director {
 public:
  virtual ~Director() = default;
  /// Called before the first arrival, at time 0. `tasks` lives as long as the run.
  virtual void begins(Tasks& tasks) = 0;
  virtual void ended(const TaskReport& report) = 0;
  virtual void woken(std::size_t token) = 0;
  /// The last bit of a message has left its sender: from now on, its bytes, which are whole ones,
  /// count as carried (Traffic::task_bytes), even if its arrival fails or comes after the run. This
  /// is called before ended(), also after Tasks::end(), and must hand out nothing.
  virtual void sent(std::size_t /*token*/, Bytes /*bytes*/) {}
  /// Called once when the run is over. `tasks` still answers questions, as of its end.
  virtual void ends(Seconds /*end*/) {}
};

}  // namespace offcut::engine
