// `iid` deals the samples, in a random order, to the clients in equal numbers, up to one.

#include "sim/training/drawing.h"
#include "sim/training/partition_samples.h"

namespace offcut::training {
namespace {

ClientData divide_iid(const Parameters&, const dataset::Samples& samples, std::size_t clients,
                      std::uint64_t seed) {
  require_samples(samples, clients);
  RandomStream stream = random_stream(seed, "split iid");
  const auto order = random_order(static_cast<std::size_t>(samples.count()), stream);
  std::vector<std::vector<std::int64_t>> own(clients);
  for (std::size_t i = 0; i < order.size(); ++i) {
    own[i % clients].push_back(static_cast<std::int64_t>(order[i]));
  }
  return finished_split(std::move(own));
}

}  // namespace

void register_iid(Registry<SplitKind>& registry) {
  registry.add({.name = "iid",
                .doc = "samples in a random order, as many for each client",
                .citation = "McMahan et al., AISTATS 2017, section 3",
                .parameters = {},
                .divide = divide_iid});
}

}  // namespace offcut::training
