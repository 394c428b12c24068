#include "naive_codecs.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace offcut::codec {
namespace {

float in_levels(double value, double low, double high, int bits) {
  if (low == high) {
    return static_cast<float>(low);
  }
  const double step = (high - low) / ((1 << bits) - 1);
  int level = 0;
  while (low + (level + 0.5) * step <= value) {
    ++level;
  }
  return static_cast<float>(low + level * step);
}

/// Codes the elements that have a group, each group with a range of its own.
Values in_groups(const Values& values, int bits, const std::function<int(std::size_t)>& group_of) {
  std::map<int, std::pair<float, float>> ranges;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto [range, is_new] = ranges.try_emplace(group_of(i), values[i], values[i]);
    range->second.first = std::min(range->second.first, values[i]);
    range->second.second = std::max(range->second.second, values[i]);
  }
  Values coded = values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (group_of(i) >= 0) {
      const auto [low, high] = ranges[group_of(i)];
      coded[i] = in_levels(values[i], low, high, bits);
    }
  }
  return coded;
}

}  // namespace

std::size_t naive_channel(const Shape& shape, std::size_t element) {
  // Peels off the last axes, until only the channel's and those before it are left.
  const std::size_t axis = shape.size() >= 2 ? 1 : 0;
  for (std::size_t i = shape.size(); i-- > axis + 1;) {
    element /= static_cast<std::size_t>(shape[i]);
  }
  return shape.empty() ? 0 : element % static_cast<std::size_t>(shape[axis]);
}

Values naive_affine(const Values& values, const Shape& shape, int bits, bool per_channel) {
  return in_groups(values, bits, [&](std::size_t i) {
    return per_channel && shape.size() >= 3 ? static_cast<int>(naive_channel(shape, i)) : 0;
  });
}

Values naive_fixed(const Values& values, int bits, const int* p) {
  const int most = (1 << (bits - 1)) - 1;
  double step = p != nullptr ? std::pow(2.0, -*p) : 1;
  if (p == nullptr) {
    double largest = 0;
    for (const float value : values) {
      largest = std::max(largest, std::abs(double{value}));
    }
    step = std::pow(2.0, -149);
    while (largest > most * step) {
      step *= 2;
    }
  }
  Values coded;
  for (const float value : values) {
    double steps = 0;
    while (steps < most && (steps + 0.5) * step <= std::abs(double{value})) {
      ++steps;
    }
    coded.push_back(static_cast<float>(value < 0 ? -steps * step : steps * step));
  }
  return coded;
}

Values naive_power_of_two(const Values& values, int bits) {
  // 2^e is nearest on a scale of logarithms if x^2 is between 2^(2e - 1) and 2^(2e + 1).
  const auto exponent = [](float value) {
    const double square = double{value} * value;  // Exact: it has 48 bits.
    int e = -150;
    double border = std::ldexp(1.0, 2 * e + 1);
    for (; e < 127 && square > border; border *= 4) {
      ++e;
    }
    return e;
  };
  int top = -1000;
  for (const float value : values) {
    top = value != 0 ? std::max(top, exponent(value)) : top;
  }
  Values coded;
  for (const float value : values) {
    const bool is_kept = value != 0 && top - exponent(value) < (1 << (bits - 1)) - 1;
    const auto power = static_cast<float>(is_kept ? std::pow(2.0, exponent(value)) : 0);
    coded.push_back(value < 0 ? -power : power);
  }
  return coded;
}

Values naive_top_k(const Values& values, int percent) {
  Values coded(values.size(), 0);
  std::vector<bool> is_taken(values.size());
  // So many are taken that they are not fewer than the share: 100 taken >= percent * all.
  for (std::size_t taken = 0; 100 * taken < static_cast<std::size_t>(percent) * values.size();
       ++taken) {
    std::size_t next = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!is_taken[i] && (next == values.size() || std::abs(values[i]) > std::abs(values[next]))) {
        next = i;
      }
    }
    is_taken[next] = true;
    coded[next] = values[next];
  }
  return coded;
}

Values naive_kmeans(const Values& values, std::size_t clusters) {
  Values sorted = values, centroids;
  std::sort(sorted.begin(), sorted.end());
  Values distinct = sorted;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.size() <= clusters) {
    return values;
  }
  // The seeds are the medians of groups of equal size, but the ends of all values at both ends.
  const std::size_t size = values.size() / clusters;
  for (std::size_t i = 0; i < clusters; ++i) {
    centroids.push_back(sorted[i * size + size / 2]);
  }
  centroids.front() = sorted.front();
  centroids.back() = sorted.back();
  const auto nearest = [&](float value) {
    float best = centroids.front();
    for (const float centroid : centroids) {
      const double distance = std::abs(double{value} - centroid);
      best = distance < std::abs(double{value} - best) ? centroid : best;
    }
    return best;
  };
  for (int round = 0; round < 25; ++round) {
    std::map<float, std::pair<double, double>> sums;  // Ascending: sum and count by centroid.
    for (const float value : values) {
      auto& [sum, count] = sums[nearest(value)];
      sum += value;
      ++count;
    }
    Values means;
    for (const auto& [centroid, sum] : sums) {
      means.push_back(static_cast<float>(sum.first / sum.second));
    }
    centroids = means;
  }
  Values coded;
  for (const float value : values) {
    coded.push_back(nearest(value));
  }
  return coded;
}

Values naive_mixed(const Values& values, const Shape& shape, int percent) {
  std::map<std::size_t, float> largest;
  for (std::size_t i = 0; i < values.size(); ++i) {
    float& of_channel = largest[naive_channel(shape, i)];
    of_channel = std::max(of_channel, std::abs(values[i]));
  }
  std::map<std::size_t, bool> is_integer;
  for (std::size_t taken = 0;
       100 * (taken + 1) <= static_cast<std::size_t>(percent) * largest.size(); ++taken) {
    auto least = largest.end();
    for (auto channel = largest.begin(); channel != largest.end(); ++channel) {
      const bool is_less = least == largest.end() || channel->second < least->second;
      least = !is_integer[channel->first] && is_less ? channel : least;
    }
    is_integer[least->first] = true;
  }
  return in_groups(values, 8,
                   [&](std::size_t i) { return is_integer[naive_channel(shape, i)] ? 0 : -1; });
}

}  // namespace offcut::codec
