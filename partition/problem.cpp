#include "partition/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace offcut {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) {
    throw std::logic_error("partition problem: " + what);
  }
}

/// Seconds of a message on one way of a hop.
Seconds message_time(Bytes bytes, BytesPerSecond bandwidth, Seconds latency) {
  return latency + bytes / bandwidth;
}

void check_coding(const Coding& coding, std::size_t tiers) {
  require(std::isfinite(coding.bytes.si()) && coding.bytes.si() >= 0,
          "encoded bytes are finite and not negative");
  for (const auto& times : {coding.encode, coding.decode}) {
    require(times.size() == tiers, "a time of coding per tier");
    for (const Seconds time : times) {
      require(std::isfinite(time.si()) && time.si() >= 0,
              "times of coding are finite and not negative");
    }
  }
}

/// Adds what a tensor that goes out from tier `from` takes of each tier's time.
void add_coding(const CrossingTensor& tensor, const Assignment& tier_of, std::size_t from,
                std::vector<Seconds>& compute) {
  std::vector<bool> reads(compute.size(), false);
  for (const LayerId reader : tensor.consumers) {
    reads[tier_of[reader]] = true;
  }
  compute[from] += tensor.coding->encode[from];
  for (std::size_t tier = from + 1; tier < compute.size(); ++tier) {
    compute[tier] += reads[tier] ? tensor.coding->decode[tier] : Seconds(0);
  }
}

}  // namespace

std::optional<std::size_t> Problem::find_tier(const std::string& name) const {
  const auto it = std::find(tiers.begin(), tiers.end(), name);
  return it == tiers.end() ? std::nullopt
                           : std::optional(static_cast<std::size_t>(it - tiers.begin()));
}

void Problem::check() const {
  require(!tiers.empty() && hops.size() + 1 == tiers.size(), "one hop between each two tiers");
  require(seconds.size() == tiers.size(), "a row of times per tier");
  for (const auto& row : seconds) {
    require(row.size() == layers.size(), "a time per layer");
    for (const Seconds time : row) {
      require(std::isfinite(time.si()) && time.si() >= 0, "times are finite and not negative");
    }
  }
  for (const Hop& hop : hops) {
    require(hop.up.si() > 0 && hop.down.si() > 0, "bandwidths are positive");
    require(std::isfinite(hop.latency.si()) && hop.latency.si() >= 0,
            "latencies are finite and not negative");
  }
  for (const CrossingTensor& tensor : tensors) {
    require(std::isfinite(tensor.bytes.si()) && tensor.bytes.si() >= 0,
            "bytes are finite and not negative");
    if (tensor.coding) {
      check_coding(*tensor.coding, tiers.size());
    }
    for (const Coding& candidate : tensor.candidates) {
      check_coding(candidate, tiers.size());
    }
    require(!tensor.producer || *tensor.producer < layers.size(),
            fmt::format("tensor '{}' is made by a layer of the problem", tensor.name));
    for (const LayerId reader : tensor.consumers) {
      require(reader < layers.size(),
              fmt::format("tensor '{}' is read by a layer of the problem", tensor.name));
      require(!tensor.producer || *tensor.producer < reader,
              fmt::format("tensor '{}' is read after it is made", tensor.name));
    }
  }
}

Seconds Cost::compute_total() const {
  return std::accumulate(compute.begin(), compute.end(), Seconds(0));
}

Seconds Cost::transmission_total() const {
  return std::accumulate(up_time.begin(), up_time.end(), Seconds(0)) +
         std::accumulate(down_time.begin(), down_time.end(), Seconds(0));
}

std::vector<std::size_t> crossing(const Problem& problem, const Assignment& tier_of) {
  std::vector<std::size_t> ids;
  for (std::size_t id = 0; id < problem.tensors.size(); ++id) {
    const CrossingTensor& tensor = problem.tensors[id];
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    if (std::any_of(tensor.consumers.begin(), tensor.consumers.end(),
                    [&](LayerId reader) { return tier_of[reader] > from; })) {
      ids.push_back(id);
    }
  }
  return ids;
}

Problem with_codecs(Problem problem, const CodecOf& codecs) {
  std::size_t found = 0;
  for (CrossingTensor& tensor : problem.tensors) {
    const auto codec = codecs.find(tensor.name);
    if (codec == codecs.end()) {
      continue;
    }
    ++found;
    const auto candidate =
        std::find_if(tensor.candidates.begin(), tensor.candidates.end(),
                     [&](const Coding& coding) { return coding.codec == codec->second; });
    if (candidate != tensor.candidates.end()) {
      tensor.coding = *candidate;
    } else {
      require(tensor.coding && tensor.coding->codec == codec->second,
              fmt::format("tensor '{}' can have the codec '{}'", tensor.name, codec->second));
    }
  }
  require(found == codecs.size(), "codecs are of the problem's tensors");
  return problem;
}

Cost evaluate(const Problem& problem, const Assignment& tier_of) {
  const std::size_t hops = problem.hops.size();
  Cost cost{.compute = std::vector<Seconds>(problem.tier_count()),
            .up_bytes = std::vector<Bytes>(hops),
            .down_bytes = std::vector<Bytes>(hops),
            .goes_up = std::vector<bool>(hops),
            .comes_down = std::vector<bool>(hops),
            .up_time = std::vector<Seconds>(hops),
            .down_time = std::vector<Seconds>(hops)};
  std::size_t farthest = 0;
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    cost.compute[tier_of[layer]] += problem.seconds[tier_of[layer]][layer];
    farthest = std::max(farthest, tier_of[layer]);
  }
  std::fill_n(cost.goes_up.begin(), farthest, true);
  for (const CrossingTensor& tensor : problem.tensors) {
    const std::size_t from = tensor.producer ? tier_of[*tensor.producer] : 0;
    std::size_t to = from;
    for (const LayerId reader : tensor.consumers) {
      to = std::max(to, tier_of[reader]);
    }
    for (std::size_t hop = from; hop < to; ++hop) {
      cost.up_bytes[hop] += tensor.outward_bytes();
    }
    if (tensor.coding && to > from) {
      add_coding(tensor, tier_of, from, cost.compute);
    }
    for (std::size_t hop = 0; tensor.is_output && hop < from; ++hop) {
      cost.down_bytes[hop] += tensor.bytes;
      cost.comes_down[hop] = true;
    }
  }
  for (std::size_t i = 0; i < hops; ++i) {
    const Hop& hop = problem.hops[i];
    if (cost.goes_up[i]) {
      cost.up_time[i] = message_time(cost.up_bytes[i], hop.up, hop.latency);
    }
    if (cost.comes_down[i]) {
      cost.down_time[i] = message_time(cost.down_bytes[i], hop.down, hop.latency);
    }
  }
  return cost;
}

}  // namespace offcut
