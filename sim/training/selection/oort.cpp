// `oort`: clients by utility. The statistical utility is samples * loss, which is the paper's
// |B| sqrt(mean of squared losses) if the losses of a client are alike; it is clipped at the 95th
// percentile and scaled to 1, grows with the rounds since the client's last one, and falls for
// clients slower than the preferred duration. Most of a round are drawn by utility among the best
// known clients, the others are new ones. The preferred duration is a quantile of those known,
// which rises when the selected clients' utilities fall.

#include <algorithm>
#include <cmath>

#include "models/base/quantile.h"
#include "sim/training/drawing.h"
#include "sim/training/selection.h"

namespace offcut::training {
namespace {

class Oort : public Selection {
 public:
  Oort(const Parameters& parameters, std::uint64_t seed)
      : penalty_(parameters.at("penalty")),
        explore_(parameters.at("explore")),
        decay_(parameters.at("decay")),
        least_explore_(parameters.at("least-explore")),
        pace_(parameters.at("pace")),
        seed_(seed) {}

  std::vector<std::size_t> choose(const std::vector<KnownClient>& free, std::size_t count,
                                  std::int64_t round) override {
    count = std::min(count, free.size());
    std::vector<const KnownClient*> known;
    std::vector<std::size_t> unknown;
    for (const KnownClient& client : free) {
      if (client.loss) {
        known.push_back(&client);
      } else {
        unknown.push_back(client.client);
      }
    }
    RandomStream stream = random_stream(seed_, "oort", static_cast<std::uint64_t>(round));
    const double share = std::max(
        least_explore_,
        explore_ * std::pow(decay_, static_cast<double>(std::max<std::int64_t>(round, 1) - 1)));
    std::size_t fresh = std::min(
        unknown.size(), static_cast<std::size_t>(std::llround(share * static_cast<double>(count))));
    fresh = std::max(fresh, count - std::min(count, known.size()));
    std::vector<std::size_t> chosen = exploited(known, count - fresh, round, stream);
    for (const std::size_t place : random_sample(unknown.size(), fresh, stream)) {
      chosen.push_back(unknown[place]);
    }
    std::sort(chosen.begin(), chosen.end());
    return chosen;
  }

 private:
  static double statistical(const KnownClient& client) {
    return static_cast<double>(client.samples) * std::max(0.0, *client.loss);
  }

  /// Draws `count` of the clients whose utility is near the best ones'.
  std::vector<std::size_t> exploited(const std::vector<const KnownClient*>& known,
                                     std::size_t count, std::int64_t round, RandomStream& stream) {
    constexpr double kCutOff = 0.95;  // Of the utility of the last of the best (the paper's c).
    if (count == 0) {
      return {};
    }
    std::vector<double> utilities = utilities_of(known, round);
    std::vector<double> best = utilities;
    std::nth_element(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(count - 1),
                     best.end(), std::greater<>());
    const double least = kCutOff * best[count - 1];
    for (double& utility : utilities) {
      // A tiny weight keeps clients without utility possible when too few have one.
      utility = utility >= least ? std::max(utility, 1e-12) : 0;
    }
    std::vector<std::size_t> chosen;
    double sum = 0;
    for (const std::size_t place : weighted_sample(utilities, count, stream)) {
      chosen.push_back(known[place]->client);
      sum += statistical(*known[place]);
    }
    set_pace(sum);
    return chosen;
  }

  std::vector<double> utilities_of(const std::vector<const KnownClient*>& known,
                                   std::int64_t round) const {
    constexpr double kClip = 0.95;
    std::vector<double> statistics, times;
    for (const KnownClient* client : known) {
      statistics.push_back(statistical(*client));
      if (client->took) {
        times.push_back(client->took->si());
      }
    }
    const double clip = quantile(statistics, kClip);
    const double preferred = times.empty() ? 0 : quantile(times, share_);
    const double age = 0.1 * std::log(static_cast<double>(std::max<std::int64_t>(round, 1)));
    std::vector<double> utilities;
    for (const KnownClient* client : known) {
      double utility = clip > 0 ? std::min(statistical(*client), clip) / clip : 0;
      utility +=
          std::sqrt(age / static_cast<double>(std::max<std::int64_t>(client->last_round, 1)));
      if (client->took && client->took->si() > preferred) {
        utility *= std::pow(preferred / client->took->si(), penalty_);
      }
      utilities.push_back(utility);
    }
    return utilities;
  }

  /// After each window of rounds, a smaller sum of utilities than in the one before relaxes the
  /// preferred duration (the paper's pacer).
  void set_pace(double utility) {
    constexpr int kWindow = 20;
    window_ += utility;
    if (++rounds_ % kWindow == 0) {
      if (rounds_ > kWindow && window_ < last_window_) {
        share_ = std::min(1.0, share_ + kPaceStep);
      }
      last_window_ = window_;
      window_ = 0;
    }
  }

  static constexpr double kPaceStep = 0.05;
  double penalty_, explore_, decay_, least_explore_, pace_;
  std::uint64_t seed_;
  double share_ = pace_;
  double window_ = 0, last_window_ = 0;
  int rounds_ = 0;
};

}  // namespace

void register_oort(Registry<SelectionKind>& registry) {
  registry.add(
      {.name = "oort",
       .doc = "by samples * loss * (T / t)^penalty of clients that take t, and some new ones",
       .citation = "Lai, Zhu, Madhyastha, Chowdhury, OSDI 2021, algorithm 1",
       .parameters = {{.name = "penalty",
                       .fallback = 2,
                       .most = 100,
                       .doc = "the exponent for clients slower than the preferred duration T"},
                      {.name = "explore",
                       .fallback = 0.9,
                       .most = 1,
                       .doc = "share of new clients in the first round"},
                      {.name = "decay",
                       .fallback = 0.98,
                       .most = 1,
                       .doc = "factor of that share from round to round"},
                      {.name = "least-explore",
                       .fallback = 0.2,
                       .most = 1,
                       .doc = "the least share of new clients"},
                      {.name = "pace",
                       .fallback = 0.3,
                       .most = 1,
                       .doc = "the quantile of durations that T starts with"}},
       .reads_losses = true,
       .make = [](const Parameters& parameters, std::uint64_t seed) -> std::unique_ptr<Selection> {
         return std::make_unique<Oort>(parameters, seed);
       }});
}

}  // namespace offcut::training
