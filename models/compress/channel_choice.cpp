// A rate gives the number of channels that each group keeps; the ones of the least importance go. A
// target of multiply-accumulates is reached by bisection over the rate, of which they are a
// decreasing step function; between the last two rates, groups are cut one after another until it
// is met.
#include "models/compress/channel_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace offcut::compress {
namespace {

using Counts = std::vector<std::size_t>;  // Channels that are kept, by group.

class Choice {
 public:
  Choice(const ScoredChannels& channels, const ChannelTarget& target,
         const ChannelLibraries& libraries)
      : channels_(channels), target_(target), libraries_(libraries) {
    for (const ChannelGroup& group : channels.groups) {
      std::vector<std::size_t> order = group.channels;
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return channels.scores[a] > channels.scores[b];
      });
      order_.push_back(std::move(order));
      double sum = 0;
      for (const std::size_t channel : group.channels) {
        sum += channels.scores[channel];
      }
      const double mean = sum / static_cast<double>(group.channels.size());
      for (const std::size_t channel : group.channels) {
        relative_.push_back(mean > 0 ? channels.scores[channel] / mean : 1);
      }
    }
    sorted_ = relative_;
    std::sort(sorted_.begin(), sorted_.end());
  }

  std::vector<bool> run() const {
    return removal(target_.macs ? counts_for_macs(*target_.macs) : counts_for_rate(target_.rate));
  }

 private:
  /// Returns the step of a group's sizes: small groups have smaller ones, since few would be left
  /// to choose from.
  double step_of(std::size_t group) const {
    constexpr std::size_t kLeastSteps = 4;
    std::int64_t round = target_.round;
    const std::int64_t width = channels_.groups[group].width;
    while (round > 1 && order_[group].size() * static_cast<std::size_t>(width) <
                            kLeastSteps * static_cast<std::size_t>(round)) {
      round /= 2;
    }
    return static_cast<double>(round / std::gcd(round, width));
  }

  std::size_t rounded_up(std::size_t group, double kept) const {
    const double step = step_of(group);
    constexpr double kSlack = 1e-9;  // 0.3 * 10 is no more than 3.
    const double steps = std::max(1.0, std::ceil(std::ceil(kept - kSlack) / step));
    return std::min(order_[group].size(), static_cast<std::size_t>(steps * step));
  }

  Counts counts_for_rate(double rate) const {
    Counts counts;
    std::size_t first = 0;
    const auto place = static_cast<std::size_t>(rate * static_cast<double>(sorted_.size()));
    for (std::size_t group = 0; group < order_.size(); ++group) {
      const std::size_t size = order_[group].size();
      double kept = static_cast<double>(size) * (1 - rate);
      if (target_.global) {
        kept = static_cast<double>(std::count_if(
            relative_.begin() + std::ptrdiff_t(first),
            relative_.begin() + std::ptrdiff_t(first + size),
            [&](double score) { return place < sorted_.size() && score >= sorted_[place]; }));
      }
      first += size;
      counts.push_back(rounded_up(group, kept));
    }
    return counts;
  }

  std::vector<bool> removal(const Counts& counts) const {
    std::vector<bool> removed(channels_.map.count, false);
    for (std::size_t group = 0; group < counts.size(); ++group) {
      for (std::size_t i = counts[group]; i < order_[group].size(); ++i) {
        removed[order_[group][i]] = true;
      }
    }
    return removed;
  }

  double macs(const Counts& counts) const {
    return without_channels(channels_.graph, channels_.map, removal(counts), libraries_)
        .total_work()
        .macs;
  }

  Counts counts_for_macs(double share) const {
    const double whole = channels_.graph.total_work().macs;
    const double most = share * whole;
    Counts above = counts_for_rate(0);
    Counts below = counts_for_rate(1);
    if (const double least = macs(below); least > most) {
      throw std::invalid_argument(
          fmt::format("{:.3g} of the multiply-accumulates are of channels that can't be removed "
                      "(with round={}), "
                      "more than {:.3g}",
                      least / whole, target_.round, share));
    }
    double low = 0;
    double high = 1;
    constexpr int kHalvings = 20;  // Groups of less than a million channels.
    for (int i = 0; i < kHalvings && above != below; ++i) {
      const double middle = (low + high) / 2;
      Counts counts = counts_for_rate(middle);
      if (counts == above || (counts != below && macs(counts) > most)) {
        low = middle;
        above = std::move(counts);
      } else {
        high = middle;
        below = std::move(counts);
      }
    }
    return between(std::move(above), below, most);
  }

  /// Cuts one group after another, until the target is met.
  Counts between(Counts above, const Counts& below, double most) const {
    for (std::size_t group = 0; group < above.size() && macs(above) > most; ++group) {
      above[group] = below[group];
    }
    return above;
  }

  const ScoredChannels& channels_;
  const ChannelTarget& target_;
  const ChannelLibraries& libraries_;
  std::vector<std::vector<std::size_t>> order_;  // By group: channels by falling importance.
  std::vector<double> relative_;                 // By group and channel.
  std::vector<double> sorted_;
};

}  // namespace

std::vector<bool> chosen_channels(const ScoredChannels& channels, const ChannelTarget& target,
                                  const ChannelLibraries& libraries) {
  return Choice(channels, target, libraries).run();
}

}  // namespace offcut::compress
