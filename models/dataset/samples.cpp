// Batches, random orders, and the split of a data set. Samples are copied into new tensors row by
// row, since a tensor is dense.

#include "models/dataset/samples.h"

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>

#include "models/base/random.h"

namespace offcut::dataset {
namespace {

/// Returns the rows of a tensor of at least one axis; an absent tensor stays absent.
Tensor rows_of(const Tensor& tensor, std::span<const std::int64_t> numbers) {
  if (tensor.absent()) {
    return {};
  }
  TensorType type = tensor.type();
  const std::int64_t count = std::max<std::int64_t>(1, type.shape[0]);
  const auto row = static_cast<std::ptrdiff_t>(tensor.bytes().size()) / count;
  type.shape[0] = static_cast<std::int64_t>(numbers.size());
  Tensor rows(type);
  auto to = rows.bytes().begin();
  for (const std::int64_t number : numbers) {
    const auto from = tensor.bytes().begin() + number * row;
    to = std::copy(from, from + row, to);
  }
  return rows;
}

}  // namespace

Shape Samples::item() const {
  const Shape& shape = inputs.shape();
  return shape.empty() ? Shape() : Shape(shape.begin() + 1, shape.end());
}

std::int64_t Samples::classes() const {
  if (labels.absent() || labels.size() == 0) {
    return 0;
  }
  const auto values = labels.values<std::int64_t>();
  return *std::max_element(values.begin(), values.end()) + 1;
}

Samples Samples::chosen(std::span<const std::int64_t> numbers) const {
  return {.inputs = rows_of(inputs, numbers),
          .labels = rows_of(labels, numbers),
          .targets = rows_of(targets, numbers),
          .source = source,
          .source_of_labels = source_of_labels};
}

Samples Samples::part(std::int64_t first, std::int64_t count) const {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), first);
  return chosen(numbers);
}

std::vector<std::int64_t> shuffled(std::int64_t count, std::uint64_t seed, std::uint64_t round) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  RandomStream stream = random_stream(seed, "order", round);
  for (std::size_t i = order.size(); i > 1; --i) {  // Fisher and Yates.
    boost::random::uniform_int_distribution<std::size_t> place(0, i - 1);
    std::swap(order[i - 1], order[place(stream)]);
  }
  return order;
}

std::pair<Samples, Samples> set_aside(const Samples& samples, double share, std::uint64_t seed) {
  constexpr std::uint64_t kRound = ~std::uint64_t{0};  // No epoch has this order.
  std::vector<std::int64_t> order = shuffled(samples.count(), seed, kRound);
  if (!samples.labels.absent()) {
    const auto labels = samples.labels.values<std::int64_t>();
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return labels[static_cast<std::size_t>(a)] < labels[static_cast<std::size_t>(b)];
    });
  }
  std::vector<std::int64_t> stay, aside;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto place = static_cast<double>(i);
    const bool taken = std::floor((place + 1) * share) > std::floor(place * share);
    (taken ? aside : stay).push_back(order[i]);
  }
  return {samples.chosen(stay), samples.chosen(aside)};
}

}  // namespace offcut::dataset
