#include "script.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/statistics/run_summary.h"
#include "sim/engine/controller.h"
#include "sim/study/isolate.h"

namespace offcut::engine {
namespace {

std::multiset<std::string> parts_of(const std::string& text) {
  std::multiset<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(", ", from), text.size());
    parts.insert(text.substr(from, end - from));
    from = end + 2;
  }
  return parts;
}

}  // namespace

void Script::begins(Tasks& tasks) {
  must(tasks.now() == Seconds(0));
  tasks_ = &tasks;
  first_(*this);
}

void Script::ended(const TaskReport& report) {
  must(report.end == tasks().now());
  must(report.handed_out <= report.begin);
  must(report.begin <= report.end);
  std::string name;
  const Then then = take(report.token, &name);
  note(fmt::format("{} {}{:.9g}-{:.9g}", name, report.is_done ? "" : "x", report.begin.si(),
                   report.end.si()));
  if (then) {
    then(*this);
  }
}

void Script::woken(std::size_t token) {
  if (const Then then = take(token)) {
    then(*this);
  }
}

void Script::ends(Seconds end) {
  must(tasks().now() == end);
  if (at_the_end) {
    at_the_end(*this);
  }
}

std::size_t Script::follow(const std::string& name, Then then) {
  steps_[++last_] = {name, std::move(then)};
  return last_;
}

Script::Then Script::take(std::size_t token, std::string* name) {
  const auto found = steps_.find(token);
  must(found != steps_.end());  // Otherwise the token came twice, or from nowhere.
  Then then = std::move(found->second.then);
  if (name != nullptr) {
    *name = found->second.name;
  }
  steps_.erase(found);
  return then;
}

Played play(const Simulation& simulation, const Script::Then& first) {
  const study::IsolatedJob job = [&](const ProgressSink&) {
    Script script(first);
    FixedPlans plans(simulation);
    analysis::RunSummary summary;
    summary.record = simulate(simulation, {}, plans, &script);
    return script.text + "\n" + analysis::to_json(summary);
  };
  const std::string text = study::run_isolated({job}, 1).front();
  const std::size_t line = text.find('\n');
  analysis::RunSummary summary;
  analysis::from_json(text.substr(line + 1), summary);
  return {text.substr(0, line), summary.record};
}

Simulation idle_system(std::size_t devices, Tier servers) {
  Simulation simulation = system_of(devices, std::move(servers), {});
  simulation.stop = {};
  return simulation;
}

void check_both(Simulation simulation, const Script::Then& first, const std::string& text) {
  for (const bool own : {true, false}) {
    CAPTURE(own);
    simulation.own_links = own;
    const std::string played = play(simulation, first).text;
    CAPTURE(played);
    CHECK(parts_of(played) == parts_of(text));
  }
}

}  // namespace offcut::engine
