// `drawn` gives each client as many samples, drawn at random from all, whatever other clients have.
// So any number of clients can share a data set, as in a crowd whose data are alike. A client's
// samples are drawn from a random stream of its own, anew whenever they are asked for.

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
  const auto draw = [=](std::size_t client) {
    RandomStream stream = random_stream(seed, "split drawn", client);
    const std::vector<std::size_t> sample = random_sample(count, each, stream);
    ClientSamples::Numbers own(sample.begin(), sample.end());
    std::sort(own.begin(), own.end());
    return own;
  };
  return {{clients, each, draw}, {}};
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
