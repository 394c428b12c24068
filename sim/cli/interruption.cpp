// A handler and not a blocked mask, since threads of the kernels' libraries have masks of their
// own. The handler uses only what POSIX allows in one: write(), sigaction(), raise(), and atomics.

#include "sim/cli/interruption.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <deque>
#include <initializer_list>

#include "models/base/error.h"
#include "models/base/printable.h"

namespace offcut::cli {
namespace {

std::atomic<int> holders = 0;         // Interruptions that live.
std::atomic<int> pending_signal = 0;  // The last signal that came meanwhile; 0: none.
std::atomic<const std::string*> interruption_text = nullptr;

static_assert(std::atomic<int>::is_always_lock_free &&
              std::atomic<const std::string*>::is_always_lock_free);

void end_by(int signal) {
  if (const std::string* const text = interruption_text.load(); text != nullptr) {
    // If standard error is closed, nobody can be told.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text->data(), text->size());
  }
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

extern "C" void on_signal(int signal) {
  if (holders.load() > 0) {
    pending_signal.store(signal);
  } else {
    end_by(signal);
  }
}

}  // namespace

void announce_interruptions() {
  set_kept("nothing was written");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_DFL) {
      action.sa_handler = on_signal;
      sigemptyset(&action.sa_mask);
      action.sa_flags = 0;  // A call that waits, such as opening a pipe, is to end, too.
      sigaction(signal, &action, nullptr);
    }
  }
}

void set_kept(const std::string& text) {
  // On a terminal, the text takes the place of "^C" and of a progress bar.
  const char* const erase = isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "";
  // Texts are never freed, since the handler may be reading one.
  static std::deque<std::string>& texts = *new std::deque<std::string>;
  texts.push_back(fmt::format("{}offcut: interrupted; {}\n", erase, printable_line(text)));
  interruption_text.store(&texts.back());
}

Interruption::Interruption() { ++holders; }

Interruption::~Interruption() {
  if (--holders == 0) {
    if (const int signal = pending_signal.exchange(0); signal != 0) {
      end_by(signal);
    }
  }
}

void Interruption::check() const {
  if (const int signal = pending_signal.exchange(0); signal != 0) {
    throw Interrupted{signal};
  }
}

}  // namespace offcut::cli
