// `power-of-choice`: of a few candidates, drawn by their samples, those with the largest loss of
// the server's state take part. A candidate whose loss was not heard of keeps its last one, and one
// without any counts as the worst (the paper's variant rpow-d).

#include <algorithm>
#include <limits>

#include "sim/training/drawing.h"
#include "sim/training/selection.h"

namespace offcut::training {
namespace {

class PowerOfChoice : public Selection {
 public:
  PowerOfChoice(std::size_t candidates, std::uint64_t seed)
      : candidates_(candidates), seed_(seed) {}

  std::vector<std::size_t> asks(const std::vector<KnownClient>& free, std::size_t count,
                                std::int64_t round) override {
    asked_round_ = round;
    return asked_ = draw(free, count, round);
  }

  std::vector<std::size_t> choose(const std::vector<KnownClient>& free, std::size_t count,
                                  std::int64_t round) override {
    const std::vector<std::size_t> candidates =
        asked_round_ == round ? asked_ : draw(free, count, round);
    std::vector<std::pair<double, std::size_t>> worst;  // The loss, negative.
    for (const KnownClient& known : free) {
      if (std::binary_search(candidates.begin(), candidates.end(), known.client)) {
        const double loss = known.loss.value_or(std::numeric_limits<double>::infinity());
        worst.emplace_back(-loss, known.client);
      }
    }
    std::sort(worst.begin(), worst.end());
    worst.resize(std::min(count, worst.size()));
    std::vector<std::size_t> chosen;
    for (const auto& [loss, client] : worst) {
      chosen.push_back(client);
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

 private:
  std::vector<std::size_t> draw(const std::vector<KnownClient>& free, std::size_t count,
                                std::int64_t round) const {
    RandomStream stream =
        random_stream(seed_, "power of choice", static_cast<std::uint64_t>(round));
    std::vector<double> weights;
    for (const KnownClient& known : free) {
      weights.push_back(static_cast<double>(known.samples));
    }
    const std::size_t drawn = candidates_ == 0 ? 2 * count : std::max(candidates_, count);
    std::vector<std::size_t> clients;
    for (const std::size_t place : weighted_sample(weights, drawn, stream)) {
      clients.push_back(free[place].client);
    }
    std::sort(clients.begin(), clients.end());
    return clients;
  }

  std::size_t candidates_;
  std::uint64_t seed_;
  std::vector<std::size_t> asked_;
  std::int64_t asked_round_ = -1;
};

}  // namespace

void register_power_of_choice(Registry<SelectionKind>& registry) {
  registry.add(
      {.name = "power-of-choice",
       .doc = "the clients with the largest losses among candidates that are drawn by samples",
       .citation = "Cho, Wang, Joshi, arXiv 2010.01243, 2020, section 4",
       .parameters = {{.name = "candidates",
                       .is_whole = true,
                       .fallback = 0,
                       .most = 1e9,
                       .doc = "d, at least the clients of a round; 0: twice as many"}},
       .reads_losses = true,
       .make = [](const Parameters& parameters, std::uint64_t seed) -> std::unique_ptr<Selection> {
         return std::make_unique<PowerOfChoice>(
             static_cast<std::size_t>(parameters.at("candidates")), seed);
       }});
}

}  // namespace offcut::training
