// Runs jobs in forked child processes, since SimGrid allows one simulation per process. Each child
// sends its result or its error as JSON through a pipe; progress goes through shared memory. One
// loop in the parent starts children, polls their pipes and reports progress.

#include "sim/study/isolate.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <new>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <system_error>

#include "models/base/error.h"

namespace offcut::study {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

/// The progress of each job, in memory that parent and children share.
class ProgressBoard {
 public:
  explicit ProgressBoard(std::size_t jobs) : jobs_(jobs) {
    void* memory = mmap(nullptr, jobs * sizeof(Cell), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
      fail("mmap");
    }
    cells_ = new (memory) Cell[jobs];
  }
  ~ProgressBoard() { munmap(cells_, jobs_ * sizeof(Cell)); }
  ProgressBoard(const ProgressBoard&) = delete;
  ProgressBoard& operator=(const ProgressBoard&) = delete;

  void set(std::size_t job, double done) { cells_[job].store(done, std::memory_order_relaxed); }
  double mean() const {
    return std::accumulate(cells_, cells_ + jobs_, 0.0) / static_cast<double>(jobs_);
  }

 private:
  using Cell = std::atomic<double>;
  std::size_t jobs_;
  Cell* cells_ = nullptr;
};

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

class Child {
 public:
  Child(const IsolatedJob& job, const engine::ProgressSink& progress) {
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

  /// Ends the child if it still runs, since its result is no longer needed.
  ~Child() {
    if (running()) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      close(pipe_);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int pipe() const { return pipe_; }
  bool running() const { return pid_ > 0; }

  /// Reads the available bytes. At the end of the pipe, reaps the child.
  void read_some() {
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

  std::string result() const { return result_of(report_, status_); }

 private:
  static void write_all(int file, const std::string& text) {
    std::size_t written = 0;
    while (written < text.size()) {
      const ssize_t count = write(file, text.data() + written, text.size() - written);
      if (count < 0 && errno != EINTR) {
        return;  // The parent has ended and no longer reads.
      }
      written += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
  }

  pid_t pid_ = 0;
  int pipe_ = -1;
  int status_ = 0;
  std::string report_;
};

}  // namespace

std::vector<std::string> run_isolated(const std::vector<IsolatedJob>& jobs, std::size_t parallel,
                                      const engine::ProgressSink& progress) {
  constexpr int kPollMilliseconds = 100;
  ProgressBoard board(std::max<std::size_t>(1, jobs.size()));
  std::deque<Child> children;
  while (true) {
    std::vector<pollfd> open;
    std::vector<Child*> running;
    for (Child& child : children) {
      if (child.running()) {
        open.push_back({child.pipe(), POLLIN, 0});
        running.push_back(&child);
      }
    }
    if (running.size() < parallel && children.size() < jobs.size()) {
      const std::size_t job = children.size();
      children.emplace_back(jobs[job], [&board, job](double done) { board.set(job, done); });
      continue;
    }
    if (running.empty()) {
      break;
    }
    poll(open.data(), open.size(), kPollMilliseconds);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].revents != 0) {
        running[i]->read_some();
      }
    }
    if (progress) {
      progress(board.mean());
    }
  }
  std::vector<std::string> results;
  for (const Child& child : children) {
    results.push_back(child.result());
  }
  return results;
}

}  // namespace offcut::study
