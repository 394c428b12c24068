// The checks and the last step that horizontal splits share: every client ends with at least a
// given number of samples, in ascending order.

#include "sim/training/partition_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>
#include <stdexcept>

namespace offcut::training {

void require_samples(const dataset::Samples& samples, std::size_t clients) {
  if (clients == 0) {
    throw std::invalid_argument("a split needs at least one client");
  }
  if (static_cast<std::size_t>(samples.count()) < clients) {
    throw std::invalid_argument(fmt::format(
        "{} samples for {} clients; expected at least one for each", samples.count(), clients));
  }
}

std::vector<std::vector<std::int64_t>> samples_by_label(const dataset::Samples& samples) {
  if (samples.labels.absent()) {
    throw std::invalid_argument(
        "the samples have no labels, by which this split divides them; iid, quantity and k-means "
        "need none");
  }
  std::vector<std::vector<std::int64_t>> classes(static_cast<std::size_t>(samples.classes()));
  const auto labels = samples.labels.values<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    classes[static_cast<std::size_t>(labels[i])].push_back(static_cast<std::int64_t>(i));
  }
  return classes;
}

ClientData finished_split(std::vector<std::vector<std::int64_t>> samples, std::size_t least) {
  using Entry = std::pair<std::size_t, std::size_t>;  // Samples, and the client from behind.
  std::priority_queue<Entry> largest;
  const std::size_t clients = samples.size();
  for (std::size_t i = 0; i < clients; ++i) {
    largest.emplace(samples[i].size(), clients - i);
  }
  for (std::vector<std::int64_t>& poor : samples) {
    while (poor.size() < least) {
      const auto [count, place] = largest.top();
      largest.pop();
      std::vector<std::int64_t>& rich = samples[clients - place];
      if (rich.size() != count) {  // It has changed since.
        largest.emplace(rich.size(), place);
        continue;
      }
      poor.push_back(rich.back());
      rich.pop_back();
      largest.emplace(rich.size(), place);
    }
  }
  for (std::vector<std::int64_t>& own : samples) {
    std::sort(own.begin(), own.end());
  }
  return {ClientSamples(std::move(samples)), {}};
}

}  // namespace offcut::training
