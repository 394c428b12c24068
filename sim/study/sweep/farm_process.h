#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sim/study/sweep/farm.h"

namespace offcut::study {

/// A farm in a process of its own: beside others, or for a process that must not fork any more once
/// it uses MPI. It ends with its owner.
class FarmProcess {
 public:
  /// Forks. REQUIRES: this process has one thread.
  FarmProcess(const FarmWork& work, std::size_t parallel);
  /// Ends the process and the jobs that it runs.
  ~FarmProcess();
  FarmProcess(const FarmProcess&) = delete;
  FarmProcess& operator=(const FarmProcess&) = delete;

  void start(std::uint64_t job);
  /// Returns the file that is readable when outcomes have come, for poll().
  int descriptor() const { return socket_; }
  /// Waits up to so many milliseconds for outcomes, and returns those that have come. Throws
  /// std::runtime_error if the process has died.
  struct Finished {
    std::uint64_t job = 0;
    JobOutcome outcome;
  };
  std::vector<Finished> wait(int milliseconds);

 private:
  pid_t pid_ = 0;
  int socket_ = -1;
  std::string received_;
};

/// Does the jobs of the source as work_off() does, in so many farms that do one job at a time each.
/// Unlike there, what FarmWork::take keeps is found by later children of the same farm only. To
/// fork a child and to receive its outcome takes the time of a short job, which farms spend side by
/// side. Throws std::runtime_error if a farm dies. REQUIRES: this process has one thread.
void work_off_in_farms(JobSource& source, const FarmWork& work, std::size_t farms);

/// Writes and reads a job's outcome as one text.
std::string to_text(std::uint64_t job, const JobOutcome& outcome);
FarmProcess::Finished finished_from(const std::string& text);

}  // namespace offcut::study
