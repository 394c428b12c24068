#pragma once

#include <cstdint>
#include <string_view>

#include "models/base/units.h"

namespace offcut::engine {

/// A part of the way of a request, or of another piece of work, that is over: a machine computed
/// it, or it crossed a leg as a message. Work that waits in a queue has none; every attempt that a
/// machine or a link took up has one, also if it was lost.
struct Span {
  enum class Owner : std::uint8_t {
    request,
    task,     // Of a director's.
    message,  // Of the controller's own: see SideTraffic.
    update    // See Updates.
  };
  enum class Kind : std::uint8_t { computation, message, team_message };
  enum class Outcome : std::uint8_t {
    done,
    lost,       // Its machine or link went down, or a handover of its device cut it off.
    abandoned,  // Its request had given up before it was done.
    unfinished  // The run ended.
  };

  Owner owner = Owner::request;
  Kind kind = Kind::computation;
  Outcome outcome = Outcome::done;
  bool up = true;              // Of a message: away from the device.
  std::int64_t number = 0;     // Of the request, or of another owner in order of its begin, from 0.
  std::size_t request_class = 0;
  std::size_t device = 0;      // The device of the request, or the machine of its team.
  std::size_t place = 0;       // The number of the tier, or of the leg (see Simulation::long_legs).
  std::size_t which = 0;       // The number of the machine in the tier, or of the link in the hop.
  std::size_t batch = 1;       // Requests that are computed together.
  std::size_t position = 0;    // In the batch, whose spans follow each other.
  std::uint32_t failures = 0;  // Attempts of the request that were lost before.
  Bytes bytes;                 // Of a message.
  /// Of a computation: its layers, if it has any. Valid as long as its itinerary.
  std::string_view layers;

  /// When a core was taken up, or when the device had sent its earlier messages.
  Seconds begin;
  /// When the core began to compute, after a cold start and the loading of its model; or when the
  /// link took up the message, after the promotion of the device's radio.
  Seconds work;
  /// When the last bit had left the sender. Of a computation: the end.
  Seconds left;
  Seconds end;  // A message has then arrived, with its latency.
  /// The wait in the queue of the machine, loading included, or for the device's earlier messages,
  /// in all attempts at this message.
  Seconds wait;
  /// The computing time. On a server that all of its requests share it is less than the time from
  /// `work` to the end, and the rest counts as waiting.
  Seconds service;
};

}  // namespace offcut::engine
