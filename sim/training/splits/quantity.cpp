// `quantity` skews the numbers of samples: the sizes of clients are a draw from a symmetric
// Dirichlet distribution, and the samples themselves are dealt at random.

#include "sim/training/drawing.h"
#include "sim/training/partition_samples.h"

namespace offcut::training {
namespace {

ClientData divide_quantity(const Parameters& parameters, const dataset::Samples& samples,
                           std::size_t clients, std::uint64_t seed) {
  require_samples(samples, clients);
  RandomStream stream = random_stream(seed, "split quantity");
  const auto count = static_cast<std::size_t>(samples.count());
  const std::vector<double> shares =
      dirichlet_shares(std::vector<double>(clients, parameters.at("alpha")), stream);
  const std::vector<std::size_t> sizes = apportioned(shares, count);
  const std::vector<std::size_t> order = random_order(count, stream);
  std::vector<std::vector<std::int64_t>> own(clients);
  std::size_t next = 0;
  for (std::size_t i = 0; i < clients; ++i) {
    for (std::size_t k = 0; k < sizes[i]; ++k) {
      own[i].push_back(static_cast<std::int64_t>(order[next++]));
    }
  }
  return finished_split(std::move(own));
}

}  // namespace

void register_quantity(Registry<SplitKind>& registry) {
  registry.add(
      {.name = "quantity",
       .doc = "sizes from a Dirichlet distribution, samples at random; at least one each",
       .citation = "Li, Diao, Chen, He, ICDE 2022, section IV-C",
       .parameters = {{.name = "alpha",
                       .fallback = 0.5,
                       .least = 1e-6,
                       .most = 1e9,
                       .doc = "concentration: a small one gives a few clients most samples"}},
       .divide = divide_quantity});
}

}  // namespace offcut::training
