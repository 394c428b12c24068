// `uniform` chooses clients at random, without regard to their data and speed. Each round has a
// random stream of its own.

#include <algorithm>

#include "sim/training/drawing.h"
#include "sim/training/selection.h"

namespace offcut::training {
namespace {

class UniformSelection : public Selection {
 public:
  explicit UniformSelection(std::uint64_t seed) : seed_(seed) {}

  std::vector<std::size_t> choose(const std::vector<KnownClient>& free, std::size_t count,
                                  std::int64_t round) override {
    RandomStream stream =
        random_stream(seed_, "uniform selection", static_cast<std::uint64_t>(round));
    std::vector<std::size_t> chosen;
    for (const std::size_t place : random_sample(free.size(), count, stream)) {
      chosen.push_back(free[place].client);
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

 private:
  std::uint64_t seed_;
};

}  // namespace

void register_uniform(Registry<SelectionKind>& registry) {
  registry.add({.name = "uniform",
                .doc = "clients at random, each with the same probability",
                .citation = "McMahan et al., AISTATS 2017, algorithm 1",
                .parameters = {},
                .make = [](const Parameters&, std::uint64_t seed) -> std::unique_ptr<Selection> {
                  return std::make_unique<UniformSelection>(seed);
                }});
}

}  // namespace offcut::training
