#pragma once

#include <functional>
#include <simgrid/s4u.hpp>
#include <string>

#include "sim/engine/core/event_queue.h"
#include "sim/study/isolate.h"

namespace offcut::engine {

/// Returns the contents of `text` when SimGrid, in a process of its own, has nothing left to do.
/// `fill` schedules events and calls `run`; all that the events need must live until then.
inline std::string simgrid_run(const std::function<void(EventQueue& events, std::string& text,
                                                        const std::function<void()>& run)>& fill) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    std::string name = "test";
    char* arguments[] = {name.data(), nullptr};
    int count = 1;
    auto* engine = new simgrid::s4u::Engine(&count, arguments);  // Never deleted: see simulate.cpp.
    simgrid::s4u::create_star_zone("nothing")->seal();
    EventQueue events;
    std::string text;
    fill(events, text, [engine] { engine->run(); });
    return text;
  };
  return study::run_isolated({job}, 1).front();
}

}  // namespace offcut::engine
