// Schedules tiles on devices: list scheduling gives a first schedule, and a depth-first search with
// bounds on the makespan improves it until it is optimal or has taken its steps.

#include "partition/solvers/tile_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "partition/amount.h"

namespace offcut::partition {
namespace {

constexpr double kDoesNotFit = std::numeric_limits<double>::infinity();

void require_tile_schedule(bool holds, const std::string& invariant) {
  if (!holds) {
    throw std::logic_error("tiles over devices: " + invariant);
  }
}

using Times = std::vector<std::vector<double>>;  // Per tile and device; infinite: no memory.

Times times_of(const TileProblem& problem) {
  Times times;
  for (std::size_t tile = 0; tile < problem.tiles.size(); ++tile) {
    times.emplace_back();
    for (std::size_t device = 0; device < problem.devices.size(); ++device) {
      const auto seconds = tile_seconds(problem, tile, device);
      times.back().push_back(seconds ? seconds->si() : kDoesNotFit);
    }
  }
  return times;
}

double least_time(const std::vector<double>& on_devices) {
  return *std::min_element(on_devices.begin(), on_devices.end());
}

/// Returns a lower bound on the makespan: the longest tile, or the mean load of the devices.
double bound_of(const Times& times, std::size_t devices) {
  double sum = 0;
  double longest = 0;
  for (const auto& on_devices : times) {
    sum += least_time(on_devices);
    longest = std::max(longest, least_time(on_devices));
  }
  return std::max(longest, sum / static_cast<double>(devices));
}

class TileSearch {
 public:
  TileSearch(const Times& times, std::size_t devices, double most, TileSchedule start)
      : times_(times),
        most_(most),
        order_(times.size()),
        left_(times.size() + 1, 0),
        loads_(devices, 0),
        device_of_(times.size(), 0),
        best_(std::move(start)) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(), [&](auto a, auto b) {
      return std::pair(least_time(times[a]), times[a]) > std::pair(least_time(times[b]), times[b]);
    });
    for (std::size_t i = times.size(); i-- > 0;) {
      left_[i] = left_[i + 1] + least_time(times[order_[i]]);
    }
  }

  TileSchedule run() {
    place(0);
    if (steps_ <= most_) {
      best_.bound = best_.makespan;  // All others were tried or ruled out.
    }
    return best_;
  }

 private:
  bool done() const { return steps_ > most_ || best_.makespan <= best_.bound; }

  void place(std::size_t turn) {
    const double longest = *std::max_element(loads_.begin(), loads_.end());
    const double mean = (std::accumulate(loads_.begin(), loads_.end(), 0.0) + left_[turn]) /
                        static_cast<double>(loads_.size());
    if (std::max(longest, mean) >= best_.makespan.si()) {
      return;
    }
    if (turn == order_.size()) {
      best_.makespan = Seconds(longest);
      best_.device_of = device_of_;
      return;
    }
    const std::size_t tile = order_[turn];
    const bool repeats = turn > 0 && times_[tile] == times_[order_[turn - 1]];
    for (std::size_t device = repeats ? device_of_[order_[turn - 1]] : 0;
         device < loads_.size() && !done(); ++device) {
      if (times_[tile][device] == kDoesNotFit || has_twin_before(device, turn)) {
        continue;
      }
      ++steps_;
      const double before = loads_[device];
      loads_[device] += times_[tile][device];
      device_of_[tile] = device;
      place(turn + 1);
      loads_[device] = before;
    }
  }

  /// Returns whether an earlier device has the same load and is as fast for all remaining tiles.
  /// Among equal tiles the answer is no, because they are ordered by their devices already.
  bool has_twin_before(std::size_t device, std::size_t turn) const {
    const bool in_a_row = (turn > 0 && times_[order_[turn]] == times_[order_[turn - 1]]);
    for (std::size_t other = 0; other < device && !in_a_row; ++other) {
      if (loads_[other] == loads_[device] &&
          std::all_of(order_.begin() + static_cast<std::ptrdiff_t>(turn), order_.end(),
                      [&](std::size_t t) { return times_[t][other] == times_[t][device]; })) {
        return true;
      }
    }
    return false;
  }

  const Times& times_;
  double most_;
  double steps_ = 0;
  std::vector<std::size_t> order_;  // Tiles, the largest first.
  std::vector<double> left_;        // The least seconds of the tiles from a turn on.
  std::vector<double> loads_;       // Per device.
  std::vector<std::size_t> device_of_;
  TileSchedule best_;
};

}  // namespace

void TileProblem::check() const {
  require_tile_schedule(!devices.empty(), "expected at least one device");
  for (const TileDevice& device : devices) {
    require_tile_schedule(device.speed > 0 && device.bandwidth.si() > 0,
                          "speed and bandwidth of '" + device.name + "' must be positive");
    require_tile_schedule(device.memory.si() >= 0,
                          "memory of '" + device.name + "' must not be negative");
  }
  for (const TileNeeds& tile : tiles) {
    for (const double value : {tile.work, tile.input.si(), tile.output.si(), tile.memory.si()}) {
      require_tile_schedule(is_amount(value),
                            "the needs of a tile must be finite and not negative");
    }
  }
}

std::optional<Seconds> tile_seconds(const TileProblem& problem, std::size_t tile,
                                    std::size_t device) {
  const TileNeeds& needs = problem.tiles[tile];
  const TileDevice& runner = problem.devices[device];
  if (needs.memory > runner.memory) {
    return std::nullopt;
  }
  const Seconds moving = device == 0 ? Seconds(0) : (needs.input + needs.output) / runner.bandwidth;
  return moving + Seconds(needs.work / runner.speed);
}

std::optional<TileSchedule> steal_tiles(const TileProblem& problem) {
  const Times times = times_of(problem);
  std::vector<double> loads(problem.devices.size(), 0);
  TileSchedule schedule;
  for (const auto& on_devices : times) {
    std::optional<std::size_t> free;
    for (std::size_t device = 0; device < loads.size(); ++device) {
      if (on_devices[device] != kDoesNotFit && (!free || loads[device] < loads[*free])) {
        free = device;
      }
    }
    if (!free) {
      return std::nullopt;
    }
    loads[*free] += on_devices[*free];
    schedule.device_of.push_back(*free);
  }
  schedule.makespan = Seconds(*std::max_element(loads.begin(), loads.end()));
  schedule.bound = Seconds(bound_of(times, loads.size()));
  return schedule;
}

std::optional<TileSchedule> schedule_tiles(const TileProblem& problem, double most_steps) {
  std::optional<TileSchedule> start = steal_tiles(problem);
  if (!start) {
    return std::nullopt;
  }
  const Times times = times_of(problem);
  return TileSearch(times, problem.devices.size(), most_steps, std::move(*start)).run();
}

}  // namespace offcut::partition
