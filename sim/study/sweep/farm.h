#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/study/child.h"

namespace offcut::study {

/// The outcome of a job: the text that it returned, or why it has none.
struct JobOutcome {
  std::string result;
  std::string error;  // Empty: it has a result.
};

/// Gives out the jobs of a farm and takes their outcomes.
class JobSource {
 public:
  virtual ~JobSource() = default;
  /// Returns the next job; none if there is none at the moment, or none any more.
  virtual std::optional<std::uint64_t> next() = 0;
  /// Returns whether jobs may still come.
  virtual bool expects_more() const = 0;
  virtual void finished(std::uint64_t job, JobOutcome outcome) = 0;
  /// Called at least ten times a second, also while all jobs run. May throw to end the farm.
  virtual void poll() {}
  /// Returns the file through which jobs come, so that the farm wakes up for them; -1: none.
  virtual int descriptor() const { return -1; }
};

/// The work of a farm.
struct FarmWork {
  /// Does a job, in a child process.
  std::function<std::string(std::uint64_t)> run;
  /// Called in this process with what run() returned; returns the result of the job. Later children
  /// find what it keeps. Empty: the result is what run() returned.
  std::function<std::string(std::string)> take = {};
};

/// Does the jobs of the source, each in a child process of its own, at most `parallel` at a time. A
/// job that fails or dies does no harm to others. REQUIRES: this process has one thread.
void work_off(JobSource& source, const FarmWork& work, std::size_t parallel);

}  // namespace offcut::study
