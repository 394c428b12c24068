// rig_delay FILE FILE DELAY_US JITTER_US: the delay of a link of the test bench. It takes IP
// packets from one TUN device, keeps each for the delay, and writes it to the other one, both ways
// and in order. A packet's jitter is uniform from 0 to its maximum; a packet never overtakes
// another. Rates are the business of the devices' queueing disciplines. One thread sleeps in
// ppoll() until a packet arrives or is due; the files are open, non-blocking TUN devices of the
// parent.

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <random>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

struct Packet {
  Clock::time_point due;
  std::vector<char> bytes;
};

/// One direction. The rate of the device that packets come from bounds how many are on the way.
class Way {
 public:
  Way(int from, int to, microseconds delay, microseconds jitter)
      : from_(from), to_(to), delay_(delay), jitter_(0, jitter.count()) {}

  int from() const { return from_; }
  const std::deque<Packet>& packets() const { return packets_; }

  /// Takes all packets that have arrived. Returns false if the device is gone.
  bool take() {
    static std::array<char, 65536> buffer;
    while (true) {
      const ssize_t size = read(from_, buffer.data(), buffer.size());
      if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
      Clock::time_point due = Clock::now() + delay_ + microseconds(jitter_(random_));
      if (!packets_.empty()) due = std::max(due, packets_.back().due);
      packets_.push_back({due, {buffer.data(), buffer.data() + size}});
    }
  }

  /// Hands over the packets that are due. One that the device refuses, being down, is lost.
  void hand_over() {
    while (!packets_.empty() && packets_.front().due <= Clock::now()) {
      const std::vector<char>& bytes = packets_.front().bytes;
      if (write(to_, bytes.data(), bytes.size()) < 0 && errno == EINTR) continue;
      packets_.pop_front();
    }
  }

 private:
  int from_, to_;
  microseconds delay_;
  std::uniform_int_distribution<long> jitter_;
  std::mt19937 random_{1};
  std::deque<Packet> packets_;
};

/// Sleeps until a packet arrives or is due. Returns false if that fails.
bool wait(std::array<Way, 2>& ways) {
  auto due = Clock::time_point::max();
  for (const Way& way : ways) {
    if (!way.packets().empty()) due = std::min(due, way.packets().front().due);
  }
  const auto rest = std::max<nanoseconds>(due - Clock::now(), nanoseconds(0)).count();
  const timespec time{rest / 1'000'000'000, rest % 1'000'000'000};
  std::array<pollfd, 2> files{pollfd{ways[0].from(), POLLIN, 0}, pollfd{ways[1].from(), POLLIN, 0}};
  const bool forever = due == Clock::time_point::max();
  return ppoll(files.data(), files.size(), forever ? nullptr : &time, nullptr) >= 0 ||
         errno == EINTR;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: rig_delay FILE FILE DELAY_US JITTER_US\n");
    return 2;
  }
  const int near = std::atoi(argv[1]), far = std::atoi(argv[2]);
  const microseconds delay(std::atol(argv[3])), jitter(std::atol(argv[4]));
  prctl(PR_SET_TIMERSLACK, 1);  // Nanoseconds. The default would add 50 us to each packet.
  const sched_param first{.sched_priority = 1};
  // Else it would wait for a core, up to 4 ms. Where that is not permitted, it does.
  sched_setscheduler(0, SCHED_FIFO, &first);
  std::array<Way, 2> ways{Way(near, far, delay, jitter), Way(far, near, delay, jitter)};
  while (wait(ways)) {
    for (Way& way : ways) {
      if (!way.take()) return 1;
      way.hand_over();
    }
  }
  return 1;
}
