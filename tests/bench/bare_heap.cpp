// An event-driven simulation of one system, without any feature that the system does not need: the
// reference for the cost of the engine.

#include "bare_heap.h"

#include <boost/random/exponential_distribution.hpp>
#include <cmath>
#include <deque>
#include <queue>

#include "models/base/random.h"

namespace offcut::bench {
namespace {

enum class EventKind : std::uint8_t { arrived, computed, sent, delivered, served, answered };

struct Event {
  double time;
  std::uint32_t request;
  EventKind kind;
};

struct Later {
  bool operator()(const Event& a, const Event& b) const { return a.time > b.time; }
};

struct BareRequest {
  double arrival = 0;
  std::uint32_t device = 0;
};

/// One or more servers and the requests that wait for them.
struct BareQueue {
  std::size_t free = 1;
  std::deque<std::uint32_t> waiting;
};

class BareRun {
 public:
  BareRun(const BareSystem& system, std::int64_t requests)
      : system_(system),
        left_(requests),
        computing_(system.devices),
        sending_(system.devices),
        receiving_(system.devices),
        cloud_{system.servers, {}},
        means_(system.devices),
        stream_(random_stream(1, "bare heap")) {}

  BareResult run() {
    for (std::uint32_t device = 0; device < system_.devices; ++device) {
      next_arrival(device, 0);
    }
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      handle(event);
    }
    return {means_.mean(), means_.standard_error()};
  }

 private:
  double exponential(double mean) { return mean * unit_(stream_); }

  void schedule(double time, EventKind kind, std::uint32_t request) {
    events_.push({time, request, kind});
  }

  void next_arrival(std::uint32_t device, double now) {
    std::uint32_t request = static_cast<std::uint32_t>(requests_.size());
    if (free_.empty()) {
      requests_.emplace_back();
    } else {
      request = free_.back();
      free_.pop_back();
    }
    requests_[request] = {now + exponential(1 / system_.rate), device};
    schedule(requests_[request].arrival, EventKind::arrived, request);
  }

  void enter(BareQueue& queue, std::uint32_t request, double now, double mean, EventKind then) {
    if (queue.free == 0) {
      queue.waiting.push_back(request);
      return;
    }
    --queue.free;
    schedule(
        now + (then == EventKind::sent || then == EventKind::answered ? mean : exponential(mean)),
        then, request);
  }

  void leave(BareQueue& queue, double now, double mean, EventKind then) {
    ++queue.free;
    if (!queue.waiting.empty()) {
      const std::uint32_t next = queue.waiting.front();
      queue.waiting.pop_front();
      enter(queue, next, now, mean, then);
    }
  }

  void handle(const Event& event) {
    const double now = event.time;
    const std::uint32_t device = requests_[event.request].device;
    switch (event.kind) {
      case EventKind::arrived:
        if (left_ == 0) {
          return;
        }
        --left_;
        next_arrival(device, now);
        return enter(computing_[device], event.request, now, system_.device_seconds,
                     EventKind::computed);
      case EventKind::computed:
        leave(computing_[device], now, system_.device_seconds, EventKind::computed);
        return enter(sending_[device], event.request, now, system_.up_seconds, EventKind::sent);
      case EventKind::sent:
        leave(sending_[device], now, system_.up_seconds, EventKind::sent);
        return schedule(now + system_.latency, EventKind::delivered, event.request);
      case EventKind::delivered:
        return enter(cloud_, event.request, now, system_.server_seconds, EventKind::served);
      case EventKind::served:
        leave(cloud_, now, system_.server_seconds, EventKind::served);
        return enter(receiving_[device], event.request, now, system_.down_seconds,
                     EventKind::answered);
      case EventKind::answered:
        leave(receiving_[device], now, system_.down_seconds, EventKind::answered);
        means_.add(device, now + system_.latency - requests_[event.request].arrival);
        free_.push_back(event.request);
    }
  }

  const BareSystem& system_;
  std::int64_t left_;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::vector<BareRequest> requests_;
  std::vector<std::uint32_t> free_;
  std::vector<BareQueue> computing_, sending_, receiving_;  // By device.
  BareQueue cloud_;
  DeviceMeans means_;
  RandomStream stream_;
  boost::random::exponential_distribution<double> unit_{1};
};

}  // namespace

double DeviceMeans::mean() const {
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    sum += sums_[i];
    count += counts_[i];
  }
  return sum / count;
}

double DeviceMeans::standard_error() const {
  const double all = mean();
  double squares = 0;
  double count = 0;
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    squares += (sums_[i] - all * counts_[i]) * (sums_[i] - all * counts_[i]);
    count += counts_[i];
  }
  const auto devices = static_cast<double>(sums_.size());
  return std::sqrt(squares * devices / (devices - 1)) / count;
}

BareResult run_bare(const BareSystem& system, std::int64_t requests) {
  return BareRun(system, requests).run();
}

}  // namespace offcut::bench
