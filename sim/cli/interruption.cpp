#include "sim/cli/interruption.h"

#include <initializer_list>

namespace offcut::cli {

Interruption::Interruption() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler != SIG_IGN) {  // as under nohup, or in a shell's background
      sigaddset(&signals_, signal);
    }
  }
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

Interruption::~Interruption() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

void Interruption::check() const {
  const timespec at_once{};
  if (const int signal = sigtimedwait(&signals_, nullptr, &at_once); signal > 0) {
    throw Interrupted{signal};
  }
}

}  // namespace offcut::cli
