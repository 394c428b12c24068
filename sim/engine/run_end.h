#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "sim/engine/activities.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/core/run_books.h"
#include "sim/engine/core/sources.h"
#include "sim/engine/recovery.h"

namespace offcut::engine {

/// The end of a run: at its given time, or when no request is left and none can come. A director
/// ends a run without a Stop, and one whose requests run out before their number is reached waits
/// for it.
class RunEnd final : EventQueue::Handler {
 public:
  RunEnd(const Stop& until, EventQueue& events, const Sources& sources, const RunBooks& books,
         Network& network, Computing& computing, Activities& activities, const Recovery& recovery,
         RequestPool& requests)
      : until_(until),
        events_(events),
        sources_(sources),
        books_(books),
        network_(network),
        computing_(computing),
        activities_(activities),
        recovery_(recovery),
        requests_(requests) {}

  /// Schedules the end if its time is given, and listens for an idle run.
  void start();
  /// A request has ended.
  void request_ended();
  /// A device sends no further requests, or one of them would have come now. The run ends if it
  /// waited for nothing else.
  void device_is_silent() { look_for_end(); }

  /// Sets the source of messages that are no requests, which do not keep the run alive and may be
  /// under way at its end.
  void stop_also(std::function<std::vector<Request*>()> unfinished) {
    others_ = std::move(unfinished);
  }

  /// Says that there is a director. `goes_on` returns whether anything may call it.
  void wait_for(std::function<bool()> goes_on) { director_goes_on_ = std::move(goes_on); }
  /// Nothing will call the director any more.
  void director_is_done();

  /// Returns the requests and those messages.
  std::vector<Request*> unfinished() const;

  /// Returns the time of the end; before it, that of the last request which has ended.
  Seconds duration() const { return duration_; }

 private:
  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override;
  void look_for_end();
  void end_soon();
  bool waits_for_director() const;
  void idle();

  const Stop& until_;
  EventQueue& events_;
  const Sources& sources_;
  const RunBooks& books_;
  Network& network_;
  Computing& computing_;
  Activities& activities_;
  const Recovery& recovery_;
  RequestPool& requests_;
  std::function<std::vector<Request*>()> others_;
  std::function<bool()> director_goes_on_;  // Empty without a director.
  bool stopped_ = false;
  Seconds duration_;
};

}  // namespace offcut::engine
