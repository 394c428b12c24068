// `timeout` is the rule of NVIDIA Triton's dynamic batcher (its user guide, "Dynamic Batcher"). A
// free server takes the largest preferred batch that the waiting requests fill, or else a full
// batch. If they fill neither, it waits until they do or the oldest request has waited for `delay`,
// and then takes all of them. As in Triton, a preferred size takes precedence over a full batch
// whose size is not preferred. With a delay of 0 it never waits.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include "sim/scheduling/batching.h"

namespace offcut::scheduling {
namespace {

std::size_t most_of_timeout(const Parameters& p) { return static_cast<std::size_t>(p.at("max")); }

/// Returns the preferred sizes, the largest first.
std::vector<std::size_t> preferred_of(const Parameters& p) {
  std::vector<std::size_t> sizes;
  for (const double size : p.list("preferred")) {
    if (size > p.at("max")) {
      throw std::invalid_argument(
          fmt::format("preferred: {} is more than max ({})", size, p.at("max")));
    }
    sizes.push_back(static_cast<std::size_t>(size));
  }
  std::sort(sizes.begin(), sizes.end(), std::greater());
  return sizes;
}

class Timeout : public Batching {
 public:
  Timeout(std::size_t most, std::vector<std::size_t> preferred, Seconds delay)
      : most_(most), preferred_(std::move(preferred)), delay_(delay) {}

  BatchDecision decide(std::size_t waiting, Seconds oldest, Seconds now) override {
    const auto formed = std::find_if(preferred_.begin(), preferred_.end(),
                                     [&](std::size_t size) { return size <= waiting; });
    if (formed != preferred_.end()) {
      return {.take = *formed};
    }
    if (waiting >= most_) {
      return {.take = most_};
    }
    // The time `again` is this same sum, so that rounding never lets it wait at that moment.
    const Seconds until = oldest + delay_;
    return now >= until ? BatchDecision{.take = waiting} : BatchDecision{.again = until};
  }

 private:
  std::size_t most_;
  std::vector<std::size_t> preferred_;
  Seconds delay_;
};

}  // namespace

void register_timeout(Registry<BatchingKind>& registry) {
  registry.add({.name = "timeout",
                .doc = "waits for a preferred or full batch, but not for long (Triton's rule)",
                .parameters = {{.name = "max",
                                .is_whole = true,
                                .least = 1,
                                .most = 1024,
                                .doc = "size of a full batch, in requests"},
                               {.name = "preferred",
                                .is_whole = true,
                                .is_list = true,
                                .least = 1,
                                .most = 1024,
                                .doc = "batch sizes that are taken without waiting"},
                               {.name = "delay",
                                .dimension = Dimension::time,
                                .fallback = 0,
                                .most = 1e9,
                                .doc = "longest time that the oldest request waits"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Batching> {
                  return std::make_unique<Timeout>(most_of_timeout(p), preferred_of(p),
                                                   Seconds(p.at("delay")));
                },
                .most = most_of_timeout,
                .tries = {{"max", {2, 4, 8, 16, 32}}, {"delay", {0, 0.25, 1}, true}}});
}

}  // namespace offcut::scheduling
