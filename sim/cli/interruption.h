#pragma once

#include <string>

namespace offcut::cli {

/// Thrown by Interruption::check(). main() ends the program by the signal once everything is
/// cleaned up.
struct Interrupted {
  int signal;
};

/// From here on, SIGINT, SIGTERM and SIGHUP end the program with a message that says what was kept,
/// then by the signal itself, so that a shell sees 128 + its number (130 for Ctrl-C). Those that
/// are ignored, as under nohup, stay so.
void announce_interruptions();

/// Sets the end of that message. At first it is "nothing was written".
void set_kept(const std::string& text);

/// While one lives, the signals only take note; the program ends at check(), or when the last one
/// is destroyed: where nothing is half-written.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Throws Interrupted if a signal has come.
  void check() const;
};

}  // namespace offcut::cli
