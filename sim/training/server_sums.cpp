// The sums of servers: means of updates, and their addition to a state. Sums are in float64, and
// follow the order of the updates.

#include "sim/training/server_sums.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::training {

std::vector<double> mean_change(std::span<const Update> updates,
                                const std::function<double(const Update&)>& weight) {
  if (updates.empty()) {
    throw std::invalid_argument("a server needs at least one update");
  }
  std::vector<double> sum(updates.front().change.size(), 0);
  double total = 0;
  for (const Update& update : updates) {
    total += weight(update);
  }
  if (!(total > 0)) {
    throw std::invalid_argument("the updates of a round have no weight: no client has samples");
  }
  for (const Update& update : updates) {
    if (update.change.size() != sum.size()) {
      throw std::invalid_argument(fmt::format("an update of {} numbers among others of {}",
                                              update.change.size(), sum.size()));
    }
    const double share = weight(update) / total;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += share * static_cast<double>(update.change[i]);
    }
  }
  return sum;
}

double equal_weight(const Update&) { return 1; }
double samples_weight(const Update& update) { return static_cast<double>(update.samples); }

void add_change(State& state, const std::vector<double>& change, double rate, std::size_t first,
                std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    state[i] = static_cast<float>(static_cast<double>(state[i]) + rate * change[i]);
  }
}

void add_change(State& state, const std::vector<double>& change, double rate) {
  add_change(state, change, rate, 0, state.size());
}

}  // namespace offcut::training
