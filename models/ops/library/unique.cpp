// Unique: the distinct elements of the flattened input, or the distinct slices along `axis`, sorted
// or in the order in which they first occur; the index of each first occurrence; the index of each
// element's or slice's value among them; the number of occurrences of each. Their number must be
// known when shapes are inferred, so the input must be a constant.

#include <algorithm>
#include <numeric>

#include "models/ops/binary.h"
#include "models/ops/lines.h"

namespace offcut::ops {
namespace {

struct Found {
  std::vector<std::int64_t> first;    // Place of the first occurrence of each distinct value.
  std::vector<std::int64_t> inverse;  // Index of the value at each place.
  std::vector<std::int64_t> counts;
};

Lines unique_lines(const Call& call) {
  const Shape& x = call.shape(0);
  if (!call.attributes.has("axis")) {
    return {1, elements(x), 1};
  }
  return lines_along(x, axis_in(call.attributes.integer("axis", 0), x.size()));
}

/// Returns -1, 0 or 1 if slice a comes before, equals or comes after slice b.
template <class T>
int compare(const Lines& lines, const T* x, std::int64_t a, std::int64_t b) {
  for (std::int64_t o = 0; o < lines.outer; ++o) {
    for (std::int64_t i = 0; i < lines.step; ++i) {
      const T first = x[(o * lines.extent + a) * lines.step + i];
      const T second = x[(o * lines.extent + b) * lines.step + i];
      if (first < second || second < first) {
        return first < second ? -1 : 1;
      }
    }
  }
  return 0;
}

template <class T>
Found find(const Lines& lines, const T* x, bool sorted) {
  const auto extent = static_cast<std::size_t>(lines.extent);
  std::vector<std::int64_t> order(extent);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return compare(lines, x, a, b) < 0; });
  std::vector<std::vector<std::int64_t>> groups;  // Groups of equal slices, places ascending.
  for (const std::int64_t place : order) {
    if (groups.empty() || compare(lines, x, groups.back().front(), place) != 0) {
      groups.emplace_back();
    }
    groups.back().push_back(place);
  }
  if (!sorted) {
    std::sort(groups.begin(), groups.end());
  }
  Found found{{}, std::vector<std::int64_t>(extent), {}};
  for (const auto& group : groups) {
    for (const std::int64_t place : group) {
      found.inverse[static_cast<std::size_t>(place)] =
          static_cast<std::int64_t>(found.first.size());
    }
    found.first.push_back(group.front());
    found.counts.push_back(static_cast<std::int64_t>(group.size()));
  }
  return found;
}

Found find(const Call& call, const Tensor& x) {
  const Lines lines = unique_lines(call);
  const bool sorted = call.attributes.integer("sorted", 1) != 0;
  return with_number_type(x.type().type, [&](auto zero) {
    return find(lines, x.values<decltype(zero)>().data(), sorted);
  });
}

std::vector<TensorType> infer_unique(const Call& call) {
  require_inputs(call, 1, 1);
  number_type(call);
  const auto count = static_cast<std::int64_t>(find(call, call.known_value(0)).first.size());
  Shape shape = call.shape(0);
  if (call.attributes.has("axis")) {
    shape[axis_in(call.attributes.integer("axis", 0), shape.size())] = count;
  } else {
    shape = {count};
  }
  const TensorType each{DataType::int64, {count}};
  return {output_type(call.inputs[0].type, std::move(shape)),
          each,
          {DataType::int64, {unique_lines(call).extent}},
          each};
}

std::vector<Tensor> forward_unique(const Call& call, std::span<const Tensor> inputs) {
  const Found found = find(call, inputs[0]);
  const Lines lines = unique_lines(call);
  Tensor output(infer_unique(call).front());
  const std::int64_t block =
      lines.step * static_cast<std::int64_t>(element_bytes(output.type().type));
  std::byte* to = output.bytes().data();
  for (std::int64_t o = 0; o < lines.outer; ++o) {
    for (const std::int64_t place : found.first) {
      to = std::copy_n(inputs[0].bytes().data() + (o * lines.extent + place) * block, block, to);
    }
  }
  const auto list = [](const std::vector<std::int64_t>& numbers) {
    return Tensor({static_cast<std::int64_t>(numbers.size())},
                  std::span<const std::int64_t>(numbers));
  };
  return {output, list(found.first), list(found.inverse), list(found.counts)};
}

}  // namespace

void register_unique(Registry<Operator>& registry) {
  registry.add({.name = "Unique",
                .doc = "the distinct elements, their indices and counts",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_unique,
                .macs = no_macs,
                .forward = forward_unique});
}

}  // namespace offcut::ops
