#pragma once

#include <csignal>

namespace offcut::cli {

/// SIGINT, SIGTERM or SIGHUP came. main() ends the program by it once everything is cleaned up.
struct Interrupted {
  int signal;
};

/// Lets those signals wait, as long as it lives, for check(): so that a run ends where it leaves
/// nothing half-written behind.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Throws Interrupted where a signal has come.
  void check() const;

 private:
  sigset_t signals_;
  sigset_t before_;
};

}  // namespace offcut::cli
