#include "partition/solvers/channel_shares.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <functional>
#include <limits>
#include <numeric>

#include "../between.h"

namespace offcut::partition::channel_shares_test {
namespace {

/// Returns the least time over every way to share the channels, from the formula: the oracle.
double least_total(const ShareableLayer& layer, const StarLink& link) {
  double least = std::numeric_limits<double>::infinity();
  std::vector<std::int64_t> channels(layer.seconds.size(), 0);
  const std::function<void(std::size_t, std::int64_t)> share = [&](std::size_t node,
                                                                   std::int64_t left) {
    if (node + 1 == channels.size()) {
      channels[node] = left;
      double compute = 0;
      double sent = 0;
      double gathered = 0;
      bool helped = false;
      for (std::size_t i = 0; i < channels.size(); ++i) {
        const double part = static_cast<double>(channels[i]) / static_cast<double>(layer.channels);
        compute = std::max(compute, part * layer.seconds[i].si());
        if (i > 0 && channels[i] > 0) {
          helped = true;
          sent += layer.input.si();
          gathered += part * layer.output.si();
        }
      }
      const double moving =
          helped ? 2 * link.latency.si() + (sent + gathered) / link.bandwidth.si() : 0;
      least = std::min(least, compute + moving);
      return;
    }
    for (std::int64_t count = 0; count <= left; ++count) {
      channels[node] = count;
      share(node + 1, left - count);
    }
  };
  share(0, layer.channels);
  return least;
}

}  // namespace

TEST_CASE("channel shares: against every way to share the channels") {
  std::size_t helped = 0;
  for (std::uint64_t i = 0; i < 1500; ++i) {
    RandomStream random = random_stream(571, "shares", i);
    const Between between{random};
    const auto uniform = [&] { return boost::random::uniform_01<double>()(random); };
    ShareableLayer layer = {.name = "conv",
                            .channels = between(1, 9),
                            .input = Bytes(uniform()),
                            .output = Bytes(uniform() * 4)};
    for (int nodes = between(1, 4); nodes > 0; --nodes) {
      layer.seconds.emplace_back(between(0, 1) == 0 ? between(0, 4) : 4 * uniform());
    }
    const StarLink link = {BytesPerSecond(1 + 9 * uniform()), Seconds(uniform() / 10)};
    INFO("seed 571, layer " << i);
    const ChannelShares best = best_shares(layer, link);
    CHECK(best.total().si() == doctest::Approx(least_total(layer, link)).epsilon(1e-12));
    CHECK(std::accumulate(best.channels.begin(), best.channels.end(), std::int64_t{0}) ==
          layer.channels);
    CHECK(evaluate_shares(layer, link, best.channels).total() == best.total());
    helped += best.channels[0] < layer.channels ? 1U : 0U;
  }
  CHECK(helped > 300);
  CHECK(helped < 1200);
}

TEST_CASE("channel shares: equal nodes with fast links take equal parts") {
  const ShareableLayer layer = {.name = "conv",
                                .channels = 12,
                                .input = Bytes(5),
                                .output = Bytes(5),
                                .seconds = std::vector<Seconds>(4, Seconds(8))};
  const ChannelShares free = best_shares(layer, {BytesPerSecond(1e12), Seconds(0)});
  CHECK(free.channels == std::vector<std::int64_t>{3, 3, 3, 3});
  CHECK(free.compute == Seconds(2));
  // At 1 B/s, sending to a helper takes 5 s, more than the helper saves.
  const ChannelShares slow = best_shares(layer, {BytesPerSecond(1), Seconds(0)});
  CHECK(slow.channels == std::vector<std::int64_t>{12, 0, 0, 0});
  CHECK(slow.total() == Seconds(8));
}

}  // namespace offcut::partition::channel_shares_test
