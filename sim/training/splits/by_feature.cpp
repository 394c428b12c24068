// `by-feature` divides the features, for vertical learning: every client has all samples, and a
// block of adjacent features, or as many at random.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "sim/training/drawing.h"
#include "sim/training/split.h"

namespace offcut::training {
namespace {

ClientData divide_by_feature(const Parameters& parameters, const dataset::Samples& samples,
                             std::size_t clients, std::uint64_t seed) {
  const auto features = static_cast<std::size_t>(elements(samples.item()));
  if (clients == 0 || features < clients) {
    throw std::invalid_argument(fmt::format(
        "{} features for {} clients; expected at least one for each", features, clients));
  }
  std::vector<std::size_t> order(features);
  std::iota(order.begin(), order.end(), 0);
  if (parameters.text("order") == "random") {
    RandomStream stream = random_stream(seed, "split by-feature");
    order = random_order(features, stream);
  }
  std::vector<std::int64_t> all(static_cast<std::size_t>(samples.count()));
  std::iota(all.begin(), all.end(), 0);
  const std::size_t count = all.size();
  ClientData data{{clients, count, [all = std::move(all)](std::size_t) { return all; }}, {}};
  for (std::size_t i = 0; i < clients; ++i) {
    std::vector<std::int64_t> own;
    for (std::size_t k = i * features / clients; k < (i + 1) * features / clients; ++k) {
      own.push_back(static_cast<std::int64_t>(order[k]));
    }
    std::sort(own.begin(), own.end());
    data.features.push_back(std::move(own));
  }
  return data;
}

}  // namespace

void register_by_feature(Registry<SplitKind>& registry) {
  registry.add({.name = "by-feature",
                .doc = "all samples for each client, with a part of their features",
                .citation = "Yang, Liu, Chen, Tong, ACM TIST 10(2), 2019, section 2.3.2",
                .parameters = {{.name = "order",
                                .is_text = true,
                                .one_of = {"blocks", "random"},
                                .doc = "whether the features of a client are adjacent"}},
                .by_feature = true,
                .divide = divide_by_feature});
}

}  // namespace offcut::training
