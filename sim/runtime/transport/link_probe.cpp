// Measures a link by probes: round trips without a load, messages of growing sizes in one direction
// at a time, and messages over connections that are new or were idle. A rate is the slope between
// two sizes, so that everything that is the same for each message is left out. Messages of one size
// follow one another, and the first of them counts for nothing: a shaper's bucket, if there is one,
// is then in the state that it has under load.
#include "sim/runtime/transport/link_probe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <thread>

#include "models/base/quantile.h"
#include "sim/runtime/transport/probe_server.h"
#include "sim/runtime/transport/socket_transport.h"

namespace offcut::runtime {
namespace {

constexpr double kLow = 0.1, kHigh = 0.9;
constexpr std::size_t kSmallest = 1000;
constexpr std::size_t kGrowth = 4;
constexpr std::size_t kMostRepetitions = 30, kLeastRepetitions = 3;
constexpr std::size_t kColdRepetitions = 3;
constexpr std::size_t kPings = 200, kLeastPings = 10;

// Shares of the time.
constexpr double kPingShare = 0.1, kSizeShare = 0.35, kColdShare = 0.1;

double seconds_of(Prober& prober, bool is_up, std::size_t bytes) {
  return prober.exchange(is_up ? bytes : 0, is_up ? 0 : bytes).on_the_way().si();
}

/// The measurement of one direction.
class Direction {
 public:
  Direction(Prober& prober, const LinkProbePlan& plan, bool is_up)
      : prober_(prober), plan_(plan), is_up_(is_up) {}

  void measure_sizes(const std::function<void(double)>& progress) {
    const double budget = plan_.time.si() * kSizeShare;
    std::vector<std::vector<double>> seconds;
    for (std::size_t bytes = kSmallest; bytes <= plan_.most_bytes; bytes *= kGrowth) {
      const double first = seconds_of(prober_, is_up_, bytes);
      // The next size takes as long as all before it together, and must be measured several times.
      const bool is_last = first * static_cast<double>(kGrowth * kLeastRepetitions) > budget / 2;
      seconds.push_back(repeat(bytes, is_last ? budget / 2 : budget / kSlots));
      figures_.sizes.push_back({bytes, spread_of(seconds.back())});
      progress(std::min(1.0, static_cast<double>(seconds.size()) / kSlots));
      if (is_last) {
        break;
      }
    }
    find_rate(seconds);
  }

  /// Chooses the message that is sent over cold connections.
  void choose_cold_bytes() {
    constexpr std::size_t kEnough = 256'000;  // Several windows of any link with a long way.
    const double most = plan_.time.si() * kColdShare / (4 * kColdRepetitions);
    for (const SizeTimes& size : figures_.sizes) {
      if (figures_.cold_bytes == 0 || (size.bytes <= kEnough && size.seconds.median <= most)) {
        figures_.cold_bytes = size.bytes;
        figures_.warm = size.seconds;
      }
    }
  }
  double cold() { return seconds_of(prober_, is_up_, figures_.cold_bytes); }
  void set_cold(const std::vector<double>& fresh, const std::vector<double>& idle) {
    figures_.fresh = spread_of(fresh);
    figures_.idle = spread_of(idle);
  }

  DirectionFigures& figures() { return figures_; }

 private:
  static constexpr double kSlots = 7;  // Sizes that the default plan has.

  std::vector<double> repeat(std::size_t bytes, double budget) {
    std::vector<double> seconds;
    double total = 0;
    while (seconds.size() < kLeastRepetitions ||
           (seconds.size() < kMostRepetitions && total < budget)) {
      seconds.push_back(seconds_of(prober_, is_up_, bytes));
      total += seconds.back();
    }
    return seconds;
  }

  /// The rate of each repetition of the largest size, beside the median of a smaller one.
  void find_rate(const std::vector<std::vector<double>>& seconds) {
    const std::size_t large = seconds.size() - 1;
    const std::size_t small = large == 0 ? 0 : large - 1;
    const double base = large == 0 ? 0 : figures_.sizes[small].seconds.median;
    const std::size_t bytes =
        figures_.sizes[large].bytes - (large == 0 ? 0 : figures_.sizes[small].bytes);
    std::vector<double> rates;
    for (const double time : seconds[large]) {
      constexpr double kLeastSeconds = 1e-7;  // The clock's own steps are about as long.
      rates.push_back(static_cast<double>(bytes) / std::max(time - base, kLeastSeconds));
    }
    figures_.rate = spread_of(rates);
  }

  Prober& prober_;
  const LinkProbePlan plan_;
  const bool is_up_;
  DirectionFigures figures_;
};

std::vector<double> measure_round_trips(Prober& prober, double budget, std::size_t most) {
  std::vector<double> seconds;
  prober.exchange(0, 0);  // The first one finds caches and queues as they are.
  double total = 0;
  while (seconds.size() < kLeastPings || (seconds.size() < most && total < budget)) {
    seconds.push_back(prober.exchange(0, 0).on_the_way().si());
    total += seconds.back();
  }
  return seconds;
}

}  // namespace

Spread spread_of(const std::vector<double>& values) {
  return {quantile(values, kLow), quantile(values, 0.5), quantile(values, kHigh), values.size()};
}

bool DirectionFigures::is_slower(const Spread& cold, Seconds round_trip) const {
  const double noise = warm.high - warm.low;
  return cold.median - warm.median > std::max(round_trip.si() / 2, 2 * noise);
}

Seconds LinkFigures::shortest_round_trip() const {
  return Seconds(*std::min_element(round_trips.begin(), round_trips.end()));
}

Seconds LinkFigures::latency() const {
  return std::max(Seconds(0), shortest_round_trip() / 2 - own_message);
}

Seconds LinkFigures::jitter_mean() const {
  const double sum = std::accumulate(round_trips.begin(), round_trips.end(), 0.0);
  const double mean = sum / static_cast<double>(round_trips.size());
  return (Seconds(mean) - shortest_round_trip()) / 2;
}

double LinkFigures::jitter_cv() const {
  const double shortest = shortest_round_trip().si();
  const double mean = 2 * jitter_mean().si();
  double squares = 0;
  for (const double seconds : round_trips) {
    squares += (seconds - shortest - mean) * (seconds - shortest - mean);
  }
  const double deviation = std::sqrt(squares / static_cast<double>(round_trips.size()));
  // A round trip has two independent delays: its variance is twice theirs, and so is its mean.
  return mean > 0 ? std::sqrt(2.0) * deviation / mean : 0;
}

LinkFigures measure_link(Prober& prober, const LinkProbePlan& plan,
                         const std::function<void(double)>& progress) {
  LinkFigures figures;
  std::vector<double> connecting = {prober.connect().si()};
  figures.payload = payload_share(prober.channel());
  figures.round_trips = measure_round_trips(prober, plan.time.si() * kPingShare, kPings);
  double done = kPingShare;
  progress(done);

  Direction up(prober, plan, true);
  Direction down(prober, plan, false);
  for (Direction* const direction : {&up, &down}) {
    direction->measure_sizes([&](double share) { progress(done + share * kSizeShare); });
    direction->choose_cold_bytes();
    done += kSizeShare;
  }

  // TCP takes a connection for idle after its retransmission time-out.
  const Seconds idle_time = (figures.shortest_round_trip() + plan.time_out) * 1.5;
  const double step = (1 - done) / (2 * kColdRepetitions);
  for (Direction* const direction : {&up, &down}) {
    std::vector<double> fresh, idle;
    for (std::size_t i = 0; i < kColdRepetitions; ++i) {
      connecting.push_back(prober.connect().si());
      fresh.push_back(direction->cold());
      direction->cold();  // Opens the window again.
      prober.pause(idle_time);
      idle.push_back(direction->cold());
      progress(done += step);
    }
    direction->set_cold(fresh, idle);
  }
  figures.connecting = spread_of(connecting);
  figures.up = up.figures();
  figures.down = down.figures();
  return figures;
}

Seconds own_message_time() {
  IoLoop far;
  IoLoop near;
  const std::unique_ptr<Transport> far_transport = make_socket_transport(far);
  const std::unique_ptr<Transport> near_transport = make_socket_transport(near);
  const ProbeServer server(*far_transport, "127.0.0.1:0", "");
  std::thread thread([&] { far.run(); });
  try {
    Prober prober(near, *near_transport, server.address(), "", Seconds(5));
    prober.connect();
    const std::vector<double> round_trips =
        measure_round_trips(prober, std::numeric_limits<double>::infinity(), kPings);
    far.stop();
    thread.join();
    return Seconds(spread_of(round_trips).low / 2);
  } catch (...) {
    far.stop();
    thread.join();
    throw;
  }
}

}  // namespace offcut::runtime
