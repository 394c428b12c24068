// `shards` is McMahan's pathological split: the samples, sorted by their labels, are cut into
// shards of equal sizes, and each client gets a few of these at random. With two shards, most
// clients have samples of two classes.

#include <fmt/format.h>

#include <stdexcept>

#include "sim/training/drawing.h"
#include "sim/training/partition_samples.h"

namespace offcut::training {
namespace {

ClientData divide_shards(const Parameters& parameters, const dataset::Samples& samples,
                         std::size_t clients, std::uint64_t seed) {
  require_samples(samples, clients);
  const auto each = static_cast<std::size_t>(parameters.at("shards"));
  const auto count = static_cast<std::size_t>(samples.count());
  const std::size_t shards = clients * each;
  if (count < shards) {
    throw std::invalid_argument(
        fmt::format("{} samples for {} clients with {} shards; expected at "
                    "least one for each shard",
                    count, clients, each));
  }
  std::vector<std::int64_t> sorted;
  for (const std::vector<std::int64_t>& same : samples_by_label(samples)) {
    sorted.insert(sorted.end(), same.begin(), same.end());
  }
  RandomStream stream = random_stream(seed, "split shards");
  const std::vector<std::size_t> order = random_order(shards, stream);
  const auto begin_of = [&](std::size_t shard) {
    return sorted.begin() + static_cast<std::ptrdiff_t>(shard * count / shards);
  };
  std::vector<std::vector<std::int64_t>> own(clients);
  for (std::size_t i = 0; i < shards; ++i) {
    std::vector<std::int64_t>& to = own[i / each];
    to.insert(to.end(), begin_of(order[i]), begin_of(order[i] + 1));
  }
  return finished_split(std::move(own));
}

}  // namespace

void register_shards(Registry<SplitKind>& registry) {
  registry.add({.name = "shards",
                .doc = "a few shards of the samples sorted by label, at random for each client",
                .citation = "McMahan et al., AISTATS 2017, section 3",
                .parameters = {{.name = "shards",
                                .is_whole = true,
                                .fallback = 2,
                                .least = 1,
                                .most = 1e6,
                                .doc = "shards of a client"}},
                .divide = divide_shards});
}

}  // namespace offcut::training
