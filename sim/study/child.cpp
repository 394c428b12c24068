// Forks a process for a job. The child sends its result or its error as JSON through a pipe, and
// ends without destructors.

#include "sim/study/child.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "models/base/error.h"

namespace offcut::study {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

Json diagnostics_of(const InputError& error) {
  Json list = Json::array();
  for (const Diagnostic& m : error.diagnostics()) {
    list.push_back({m.place.file, m.place.line, m.place.column, m.message});
  }
  return list;
}

/// Replaces bytes that are not UTF-8, as JSON needs: a message may quote a file's name in Latin-1.
std::string dump_message(const Json& message) {
  return message.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Does the job and returns the message for the parent: {"result": text}, {"errors": [...]},
/// {"error": text}, or null if there is not enough memory.
std::string work_and_report(const IsolatedJob& job, const engine::ProgressSink& progress) {
  try {
    return Json{{"result", job(progress)}}.dump();
  } catch (const InputError& error) {
    return dump_message({{"errors", diagnostics_of(error)}});
  } catch (const std::bad_alloc&) {
    return "null";
  } catch (const std::exception& error) {
    return dump_message({{"error", error.what()}});
  }
}

std::string result_of(const std::string& report, int status) {
  if (WIFSIGNALED(status)) {
    throw std::runtime_error(fmt::format("the simulation was ended by signal {} ({})",
                                         WTERMSIG(status), strsignal(WTERMSIG(status))));
  }
  const Json message = Json::parse(report, nullptr, false);
  if (message.is_discarded()) {
    throw std::runtime_error("the simulation ended without a result");
  }
  if (message.is_null()) {
    throw std::bad_alloc();
  }
  if (message.contains("errors")) {
    std::vector<Diagnostic> diagnostics;
    for (const Json& m : message["errors"]) {
      diagnostics.push_back({{m[0], m[1], m[2]}, m[3]});
    }
    throw InputError(std::move(diagnostics));
  }
  if (message.contains("error")) {
    throw std::runtime_error(message["error"].get<std::string>());
  }
  return message["result"];
}

/// Blocks the signals that a terminal sends to all processes of a command. A child that is created
/// meanwhile never gets them: its parent decides what is kept, and SimGrid's handlers would tear
/// the simulation down while it runs.
class SignalBlock {
 public:
  SignalBlock() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
      sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalBlock() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalBlock(const SignalBlock&) = delete;
  SignalBlock& operator=(const SignalBlock&) = delete;

 private:
  sigset_t before_;
};

void write_all(int file, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) {
      return;  // The parent has ended and no longer reads.
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
}

}  // namespace

Child::Child(const IsolatedJob& job, const engine::ProgressSink& progress) {
  int ends[2];
  if (::pipe(ends) != 0) {
    fail("pipe");
  }
  std::fflush(nullptr);  // Otherwise both processes would write the buffered text.
  const pid_t parent = getpid();
  const SignalBlock signals;
  pid_ = fork();
  if (pid_ < 0) {
    fail("fork");
  }
  if (pid_ == 0) {
    close(ends[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // Ends the child with its parent.
    if (getppid() != parent) {
      _exit(1);
    }
    write_all(ends[1], work_and_report(job, progress));
    _exit(0);  // Without destructors: those of SimGrid would run in an undefined order.
  }
  close(ends[1]);
  pipe_ = ends[0];
}

Child::~Child() {
  if (running()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(pipe_);
  }
}

void Child::read_some() {
  char buffer[65536];
  const ssize_t count = read(pipe_, buffer, sizeof buffer);
  if (count > 0) {
    report_.append(buffer, static_cast<std::size_t>(count));
  } else if (count == 0 || errno != EINTR) {
    close(pipe_);
    waitpid(pid_, &status_, 0);
    pid_ = 0;
  }
}

std::string Child::result() const { return result_of(report_, status_); }

}  // namespace offcut::study
