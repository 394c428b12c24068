#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "sim/engine/simulation.h"

namespace offcut::study {

/// The work of a child process. Returns the text that the parent receives, in UTF-8.
using IsolatedJob = std::function<std::string(const engine::ProgressSink&)>;

/// A forked process that does one job, since SimGrid allows one simulation per process. It ends
/// with its parent, and never gets the signals that a terminal sends to all processes of a command.
/// REQUIRES: the parent has one thread.
class Child {
 public:
  /// Throws std::system_error if no process can be made.
  Child(const IsolatedJob& job, const engine::ProgressSink& progress);
  /// Ends the process if it still runs, since its result is no longer needed.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Returns the pipe through which its result comes, for poll().
  int pipe() const { return pipe_; }
  bool running() const { return pid_ > 0; }

  /// Reads the available bytes. At the end of the pipe, reaps the process. REQUIRES: running().
  void read_some();

  /// Returns the result of the job. An exception in it is thrown here as one of the same kind:
  /// InputError with its errors, std::bad_alloc, or std::runtime_error, which also reports a
  /// process that died, with its signal. REQUIRES: !running().
  std::string result() const;

 private:
  pid_t pid_ = 0;
  int pipe_ = -1;
  int status_ = 0;
  std::string report_;
};

}  // namespace offcut::study
