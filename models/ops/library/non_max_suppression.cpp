// NonMaxSuppression: for each image and class the boxes with the best scores, as (image, class,
// box) indices, without those that overlap a better one by more than iou_threshold (intersection
// over union). The number of boxes must be known when shapes are inferred, so all inputs must be
// constants; offcut cuts networks before this last step.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

struct Box {
  float top, left, bottom, right;
  float area() const { return (bottom - top) * (right - left); }
};

/// Makes a box from two opposite corners (y, x, y, x), or from its centre and size (x, y, width,
/// height).
Box box_of(const float* b, bool by_centre) {
  if (by_centre) {
    return {b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2};
  }
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

bool overlap(const Box& a, const Box& b, float threshold) {
  const float height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const float width = std::min(a.right, b.right) - std::max(a.left, b.left);
  if (height <= 0 || width <= 0) {
    return false;
  }
  const float shared = height * width;
  const float either = a.area() + b.area() - shared;
  return either > 0 && shared / either > threshold;
}

float number(const Call& call, std::size_t input, float fallback) {
  return call.has(input) ? call.known_value(input).values<float>().front() : fallback;
}

using Selected = std::vector<std::array<std::int64_t, 3>>;

void select(const Call& call, std::int64_t image, std::int64_t class_id, Selected& selected) {
  const std::int64_t boxes = call.shape(0)[1];
  const std::int64_t classes = call.shape(1)[1];
  const bool by_centre = call.attributes.integer("center_point_box", 0) != 0;
  const float* const places = call.known_value(0).values<float>().data() + image * boxes * 4;
  const float* const scores =
      call.known_value(1).values<float>().data() + (image * classes + class_id) * boxes;
  const std::int64_t limit = call.has(2) ? known_integer(call, 2) : 0;
  const float overlap_limit = number(call, 3, 0);
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < boxes; ++i) {
    if (!call.has(4) || scores[i] > number(call, 4, 0)) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
  std::vector<Box> kept;
  for (const std::int64_t i : order) {
    const Box box = box_of(places + i * 4, by_centre);
    if (static_cast<std::int64_t>(kept.size()) < limit &&
        std::none_of(kept.begin(), kept.end(),
                     [&](const Box& better) { return overlap(box, better, overlap_limit); })) {
      kept.push_back(box);
      selected.push_back({image, class_id, i});
    }
  }
}

Selected select(const Call& call) {
  Selected selected;
  for (std::int64_t image = 0; image < call.shape(0)[0]; ++image) {
    for (std::int64_t class_id = 0; class_id < call.shape(1)[1]; ++class_id) {
      select(call, image, class_id, selected);
    }
  }
  return selected;
}

std::vector<TensorType> infer_non_max_suppression(const Call& call) {
  require_inputs(call, 2, 5);
  const Shape& boxes = float_shape(call, 0);
  const Shape& scores = float_shape(call, 1);
  if (boxes.size() != 3 || scores.size() != 3 || boxes[2] != 4 || boxes[0] != scores[0] ||
      boxes[1] != scores[2]) {
    throw std::invalid_argument(
        fmt::format("boxes {} and scores {} do not fit", to_text(boxes), to_text(scores)));
  }
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.has(i)) {
      call.known_value(i);
    }
    if (i >= 3 && call.has(i) && elements(float_shape(call, i)) != 1) {
      throw std::invalid_argument(
          fmt::format("input {} is {}, expected one number", i, to_text(call.inputs[i])));
    }
  }
  return {{DataType::int64, {static_cast<std::int64_t>(select(call).size()), 3}}};
}

std::vector<Tensor> forward_non_max_suppression(const Call& call, std::span<const Tensor>) {
  Tensor output(infer_non_max_suppression(call).front());
  std::int64_t* to = output.values<std::int64_t>().data();
  for (const auto& row : select(call)) {
    to = std::copy(row.begin(), row.end(), to);
  }
  return {output};
}

}  // namespace

void register_non_max_suppression(Registry<Operator>& registry) {
  registry.add({.name = "NonMaxSuppression",
                .doc = "the best boxes that do not overlap",
                .kind = always<LayerKind::data_movement>,
                .infer = infer_non_max_suppression,
                .macs = no_macs,
                .forward = forward_non_max_suppression});
}

}  // namespace offcut::ops
