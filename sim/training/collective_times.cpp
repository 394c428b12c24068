// Closed forms of collective operations in an idle system, from the idle times of single messages.

#include <algorithm>
#include <vector>

#include "sim/training/collective.h"
#include "sim/training/forecasts.h"
#include "sim/training/work_time.h"

namespace offcut::training {
namespace {

/// The parts of the way between two devices: what passes in any case, and what links are busy with.
struct PairWay {
  Seconds latency, up, down;
};

PairWay slowest_pair(const System& system, const Together& together, std::size_t a, std::size_t b,
                     Bytes bytes) {
  const std::size_t level = meeting_level(system, a, b);
  const Seconds latency = together.ferry(a, b, Bytes(0));  // Also checks that they meet.
  return {.latency = latency,
          .up = together.busy_time(a, 0, level, bytes),
          .down = together.busy_time(b, level, 0, bytes)};
}

}  // namespace

double hops_between(const System& system, std::size_t a, std::size_t b) {
  return static_cast<double>(meeting_level(system, a, b));
}

double hops_around(const System& system, const std::vector<std::size_t>& devices) {
  double hops = 0;
  for (std::size_t i = 0; devices.size() > 1 && i < devices.size(); ++i) {
    hops += hops_between(system, devices[i], devices[(i + 1) % devices.size()]);
  }
  return hops;
}

Seconds time_of_ring(const System& system, const std::vector<std::size_t>& devices, Bytes bytes) {
  const std::size_t n = devices.size();
  const Together together(system, devices);
  Seconds step;
  for (std::size_t i = 0; n > 1 && i < n; ++i) {
    step = std::max(step, together.ferry(devices[i], devices[(i + 1) % n],
                                         rounded_up(bytes / static_cast<double>(n))));
  }
  return 2 * static_cast<double>(n - 1) * step;
}

Seconds time_of_tree(const System& system, const std::vector<std::size_t>& devices, Bytes bytes) {
  const std::size_t n = devices.size();
  if (n < 2) {
    return {};
  }
  // The times at which members have their sums, and then the sum of all. Links are those of single
  // devices; two children share the link down to their member, and its link up.
  const Together alone(system, {});
  std::vector<Seconds> has(n);
  for (std::size_t i = n; i-- > 0;) {
    std::vector<std::pair<Seconds, PairWay>> children;
    for (const std::size_t child : {2 * i + 1, 2 * i + 2}) {
      if (child < n) {
        const PairWay way = slowest_pair(system, alone, devices[child], devices[i], bytes);
        children.emplace_back(has[child] + way.up + way.latency, way);
      }
    }
    std::sort(children.begin(), children.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    Seconds free;  // Fair sharing ends a backlog when one after the other would.
    for (const auto& [arrives, way] : children) {
      free = std::max(free, arrives) + way.down;
    }
    has[i] = free;
  }
  Seconds last;
  for (std::size_t i = 0; i < n; ++i) {
    Seconds sent = has[i];
    for (const std::size_t child : {2 * i + 1, 2 * i + 2}) {
      if (child < n) {
        const PairWay way = slowest_pair(system, alone, devices[i], devices[child], bytes);
        sent += way.up;
        has[child] = sent + way.latency + way.down;
        last = std::max(last, has[child]);
      }
    }
  }
  return last;
}

Seconds time_of_exchange(const System& system, const std::vector<std::size_t>& devices,
                         std::size_t degree, Bytes bytes) {
  const std::size_t n = devices.size();
  if (n < 2 || degree == 0) {
    return {};
  }
  const Together together(system, devices);
  const auto count = static_cast<double>(degree);
  Seconds longest;
  for (std::size_t i = 0; i < n; ++i) {
    const PairWay way = slowest_pair(system, together, devices[i], devices[(i + 1) % n], bytes);
    longest = std::max(
        longest, way.latency + std::max(count * way.up + way.down, way.up + count * way.down));
  }
  return longest;
}

}  // namespace offcut::training
