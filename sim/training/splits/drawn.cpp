// `drawn` gives each client as many samples, drawn at random from all, whatever other clients have.
// So any number of clients can share a data set, as in a crowd whose data are alike.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/training/drawing.h"
#include "sim/training/split.h"

namespace offcut::training {
namespace {

ClientData divide_drawn(const Parameters& parameters, const dataset::Samples& samples,
                        std::size_t clients, std::uint64_t seed) {
  const auto each = static_cast<std::size_t>(parameters.at("samples"));
  const auto count = static_cast<std::size_t>(samples.count());
  if (clients == 0 || each > count) {
    throw std::invalid_argument(fmt::format(
        "{} clients with {} samples; expected at least one client, and at most the {} samples",
        clients, each, count));
  }
  ClientData data;
  data.samples.reserve(clients);
  for (std::size_t i = 0; i < clients; ++i) {
    RandomStream stream = random_stream(seed, "split drawn", i);
    const std::vector<std::size_t> sample = random_sample(count, each, stream);
    data.samples.emplace_back(sample.begin(), sample.end());
    std::sort(data.samples.back().begin(), data.samples.back().end());
  }
  return data;
}

}  // namespace

void register_drawn(Registry<SplitKind>& registry) {
  registry.add({.name = "drawn",
                .doc = "so many samples at random for each client, which may share them",
                .citation = "Politis, Romano, Ann. Stat. 22(4), 1994: samples without replacement",
                .parameters = {{.name = "samples",
                                .is_whole = true,
                                .fallback = 50,
                                .least = 1,
                                .most = 1e9,
                                .doc = "samples of a client"}},
                .overlaps = true,
                .divide = divide_drawn});
}

}  // namespace offcut::training
