// One loop starts jobs in child processes, waits for their pipes and hands over their outcomes.

#include "sim/study/sweep/farm.h"

#include <poll.h>

#include <list>
#include <vector>

#include "models/base/error.h"

namespace offcut::study {
namespace {

struct Running {
  Running(std::uint64_t number, const IsolatedJob& work) : job(number), child(work, {}) {}

  std::uint64_t job;
  Child child;
};

/// Returns the errors on one line, since they become a field of a row.
std::string one_line(const InputError& error) {
  std::string text;
  for (const Diagnostic& diagnostic : error.diagnostics()) {
    text += (text.empty() ? "" : "; ") + to_text(diagnostic);
  }
  return text;
}

JobOutcome outcome_of(const Child& child, const FarmWork& work) {
  try {
    return {.result = work.take ? work.take(child.result()) : child.result()};
  } catch (const InputError& error) {
    return {.error = one_line(error)};
  } catch (const std::bad_alloc&) {
    return {.error = "there is not enough memory"};
  } catch (const std::exception& error) {
    return {.error = error.what()};
  }
}

}  // namespace

void work_off(JobSource& source, const FarmWork& work, std::size_t parallel) {
  constexpr int kPollMilliseconds = 100;
  std::list<Running> running;
  while (true) {
    source.poll();
    while (running.size() < parallel) {
      const auto job = source.next();
      if (!job) {
        break;
      }
      running.emplace_back(*job,
                           [&work, job](const engine::ProgressSink&) { return work.run(*job); });
    }
    if (running.empty() && !source.expects_more()) {
      return;
    }
    std::vector<pollfd> open;
    for (const Running& one : running) {
      open.push_back({one.child.pipe(), POLLIN, 0});
    }
    open.push_back({running.size() < parallel ? source.descriptor() : -1, POLLIN, 0});
    poll(open.data(), open.size(), kPollMilliseconds);
    std::size_t i = 0;
    for (auto one = running.begin(); one != running.end(); ++i) {
      if (open[i].revents != 0) {
        one->child.read_some();
      }
      if (!one->child.running()) {
        source.finished(one->job, outcome_of(one->child, work));
        one = running.erase(one);
      } else {
        ++one;
      }
    }
  }
}

}  // namespace offcut::study
