// A farm behind a socket: job numbers go in, and outcomes come back, each with its length.

#include "sim/study/sweep/farm_process.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

namespace offcut::study {
namespace {

/// Writes all bytes. Returns false if the other end is closed.
bool write_whole(int socket, const void* data, std::size_t size) {
  const char* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = send(socket, from, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return false;
    }
    from += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

/// The jobs that come through the socket.
class SocketSource : public JobSource {
 public:
  explicit SocketSource(int socket) : socket_(socket) {}

  std::optional<std::uint64_t> next() override {
    std::uint64_t job = 0;
    const ssize_t count = recv(socket_, &job, sizeof job, MSG_DONTWAIT);
    if (count == static_cast<ssize_t>(sizeof job)) {
      return job;
    }
    is_open_ = count < 0 && (errno == EAGAIN || errno == EINTR);
    return std::nullopt;
  }
  bool expects_more() const override { return is_open_; }
  void finished(std::uint64_t job, JobOutcome outcome) override {
    const std::string text = to_text(job, outcome);
    const std::uint64_t size = text.size();
    is_open_ =
        write_whole(socket_, &size, sizeof size) && write_whole(socket_, text.data(), text.size());
  }
  int descriptor() const override { return socket_; }

 private:
  int socket_;
  bool is_open_ = true;
};

}  // namespace

std::string to_text(std::uint64_t job, const JobOutcome& outcome) {
  return nlohmann::json{job, outcome.result, outcome.error}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

FarmProcess::Finished finished_from(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text);
  return {json.at(0), {.result = json.at(1), .error = json.at(2)}};
}

FarmProcess::FarmProcess(const FarmWork& work, std::size_t parallel) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
  if (pid_ == 0) {
    close(ends[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      std::signal(signal, SIG_IGN);  // Its owner decides.
    }
    if (getppid() == parent) {
      SocketSource source(ends[1]);
      try {
        work_off(source, work, parallel);
      } catch (const std::exception&) {
        _exit(1);
      }
    }
    _exit(0);
  }
  close(ends[1]);
  socket_ = ends[0];
}

FarmProcess::~FarmProcess() {
  close(socket_);
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void FarmProcess::start(std::uint64_t job) {
  if (!write_whole(socket_, &job, sizeof job)) {
    throw std::runtime_error("the process that runs jobs has ended");
  }
}

std::vector<FarmProcess::Finished> FarmProcess::wait(int milliseconds) {
  pollfd open{socket_, POLLIN, 0};
  std::vector<Finished> all;
  if (poll(&open, 1, milliseconds) <= 0) {
    return all;
  }
  char buffer[65536];
  const ssize_t count = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
    throw std::runtime_error("the process that runs jobs has ended");
  }
  received_.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(0, count)));
  std::uint64_t size = 0;
  while (received_.size() >= sizeof size) {
    std::memcpy(&size, received_.data(), sizeof size);
    if (received_.size() < sizeof size + size) {
      break;
    }
    all.push_back(finished_from(received_.substr(sizeof size, size)));
    received_.erase(0, sizeof size + size);
  }
  return all;
}

void work_off_in_farms(JobSource& source, const FarmWork& work, std::size_t farms) {
  constexpr int kPollMilliseconds = 100;
  struct Member {
    explicit Member(const FarmWork& work) : farm(work, 1) {}
    FarmProcess farm;
    bool is_busy = false;
  };
  std::deque<Member> members;
  for (std::size_t i = 0; i < farms; ++i) {
    members.emplace_back(work);
  }
  std::vector<pollfd> open(farms);
  while (true) {
    source.poll();
    std::size_t busy = 0;
    for (std::size_t i = 0; i < farms; ++i) {
      Member& member = members[i];
      const auto job = member.is_busy ? std::nullopt : source.next();
      if (job) {
        member.farm.start(*job);
        member.is_busy = true;
      }
      busy += member.is_busy ? 1 : 0;
      open[i] = {member.farm.descriptor(), POLLIN, 0};
    }
    if (busy == 0 && !source.expects_more()) {
      return;
    }
    poll(open.data(), open.size(), kPollMilliseconds);
    for (Member& member : members) {
      for (FarmProcess::Finished& finished : member.farm.wait(0)) {
        member.is_busy = false;
        source.finished(finished.job, std::move(finished.outcome));
      }
    }
  }
}

}  // namespace offcut::study
