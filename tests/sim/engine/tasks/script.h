#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "sim/engine/tasks/director.h"
#include "tests/sim/engine/small_systems.h"

namespace offcut::engine {

/// For checks in the process of a run, from which doctest hears nothing.
inline void must(bool holds) {
  if (!holds) {
    throw std::logic_error("a director was told what can't be");
  }
}

/// A director that plays a script: what each task is followed by. It writes down how tasks end, in
/// the order of their ends: "a 1-3, b x4-4" for a task that ran from 1 to 3 and one that was lost
/// at 4 before it began.
class Script final : public Director {
 public:
  using Then = std::function<void(Script&)>;
  explicit Script(Then first) : first_(std::move(first)) {}

  void compute(const std::string& name, const Computation& computation, Then then = {}) {
    tasks().compute(computation, follow(name, std::move(then)));
  }
  void send(const std::string& name, const Message& message, Then then = {}) {
    tasks().send(message, follow(name, std::move(then)));
  }
  void at(double time, Then then) { tasks().at(Seconds(time), follow("", std::move(then))); }
  void when_up(std::size_t device, std::size_t level, Then then) {
    tasks().when_up(device, level, follow("", std::move(then)));
  }
  void when_way_up(std::size_t device, std::size_t hop, Then then) {
    tasks().when_way_up(device, hop, follow("", std::move(then)));
  }
  Tasks& tasks() { return *tasks_; }
  void note(const std::string& line) { text += (text.empty() ? "" : ", ") + line; }

  std::string text;
  Then at_the_end;  // Of the run.

 private:
  struct Step {
    std::string name;
    Then then;
  };

  void begins(Tasks& tasks) override;
  void ended(const TaskReport& report) override;
  void woken(std::size_t token) override;
  void ends(Seconds end) override;
  std::size_t follow(const std::string& name, Then then);
  Then take(std::size_t token, std::string* name = nullptr);

  Then first_;
  Tasks* tasks_ = nullptr;
  std::map<std::size_t, Step> steps_;  // Those that have not ended, by token.
  std::size_t last_ = 0;
};

/// The notes of a script, and the record of its run.
struct Played {
  std::string text;
  RunRecord run;
};

/// Plays the script in the system, in a process of its own.
Played play(const Simulation& simulation, const Script::Then& first);

/// Returns a system of devices and servers as system_of() does, without requests, and without a
/// Stop.
Simulation idle_system(std::size_t devices, Tier servers = {});

/// Plays it with the engine's own links and with SimGrid's, and checks that both give this text, up
/// to the order of its parts: both may end tasks of one time in another order.
void check_both(Simulation simulation, const Script::Then& first, const std::string& text);

}  // namespace offcut::engine
