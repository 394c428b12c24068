#include <algorithm>
#include <numeric>

#include "tests/train/sample.h"

namespace offcut::train {
namespace {

using Integers = std::vector<std::int64_t>;

Sample with_list(Tensor x, const Integers& list) {
  Sample s;
  s.inputs = {std::move(x), integer_list(list)};
  s.constants = {1};
  return s;
}

Sample reshape_sample(Draw& draw) {
  const Shape x = draw.shape(1, 4);
  Integers target(x.begin(), x.end());
  std::shuffle(target.begin(), target.end(), draw.random());
  return with_list(draw.tensor(x), target);
}

Sample flatten_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 4);
  s.inputs = {draw.tensor(x)};
  s.attributes.set("axis", draw.between(0, static_cast<std::int64_t>(x.size())));
  return s;
}

Sample squeeze_sample(Draw& draw) {
  Shape x = draw.shape(2, 4);
  const std::int64_t axis = draw.between(0, static_cast<std::int64_t>(x.size()) - 1);
  x[static_cast<std::size_t>(axis)] = 1;
  return with_list(draw.tensor(x), {axis});
}

Sample unsqueeze_sample(Draw& draw) {
  const Shape x = draw.shape(0, 3);
  return with_list(draw.tensor(x), {draw.between(0, static_cast<std::int64_t>(x.size()))});
}

Sample transpose_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 4);
  s.inputs = {draw.tensor(x)};
  if (draw.chance(0.7)) {
    Integers order(x.size());
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), draw.random());
    s.attributes.set("perm", order);
  }
  return s;
}

Sample concat_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 4);
  const auto rank = static_cast<std::int64_t>(x.size());
  const std::int64_t axis = draw.between(-rank, rank - 1);
  const std::int64_t count = draw.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    Shape part = x;
    part[static_cast<std::size_t>((axis + rank) % rank)] = draw.between(1, 3);
    s.inputs.push_back(draw.tensor(part));
  }
  s.attributes.set("axis", axis);
  return s;
}

Sample split_sample(Draw& draw) {
  Shape x = draw.shape(1, 4);
  const std::int64_t axis = draw.between(0, static_cast<std::int64_t>(x.size()) - 1);
  Integers parts(static_cast<std::size_t>(draw.between(1, 3)));
  for (std::int64_t& part : parts) {
    part = draw.between(1, 3);
  }
  x[static_cast<std::size_t>(axis)] = std::accumulate(parts.begin(), parts.end(), std::int64_t{0});
  Sample s = with_list(draw.tensor(x), parts);
  s.attributes.set("axis", axis);
  s.outputs = parts.size();
  return s;
}

Sample slice_sample(Draw& draw) {
  const Shape x = draw.shape(1, 4, 6);
  const std::int64_t axis = draw.between(0, static_cast<std::int64_t>(x.size()) - 1);
  Sample s;
  s.inputs = {draw.tensor(x), integer_list({draw.between(-6, 6)}),
              integer_list({draw.between(-7, 7)}), integer_list({axis}),
              integer_list({draw.chance(0.5) ? 1 : draw.between(-2, 2)})};
  s.constants = {1, 2, 3, 4};
  return s;
}

Sample expand_sample(Draw& draw) {
  const Shape whole = draw.shape(0, 4);
  return with_list(draw.tensor(draw.narrower(whole)), Integers(whole.begin(), whole.end()));
}

Sample tile_sample(Draw& draw) {
  const Shape x = draw.shape(1, 4, 3);
  Integers repeats(x.size());
  for (std::int64_t& times : repeats) {
    times = draw.between(1, 2);
  }
  return with_list(draw.tensor(x), repeats);
}

Sample pad_sample(Draw& draw) {
  const Shape x = draw.shape(1, 3, 5);
  Integers pads(2 * x.size());
  for (std::int64_t& pad : pads) {
    pad = draw.between(-1, 2);
  }
  Sample s = with_list(draw.tensor(x), pads);
  const std::vector<std::string> modes = {"constant", "edge", "reflect"};
  s.attributes.set("mode", modes[static_cast<std::size_t>(draw.between(0, 2))]);
  if (draw.chance(0.5)) {
    s.inputs.push_back(double_scalar(1.5));
    s.not_checked = {2};
  }
  return s;
}

Sample depth_sample(Draw& draw, bool to_space) {
  Sample s;
  const std::int64_t block = draw.between(1, 2);
  s.inputs = {to_space ? draw.tensor({draw.between(1, 2), block * block * draw.between(1, 2),
                                      draw.between(1, 3), draw.between(1, 3)})
                       : draw.tensor({draw.between(1, 2), draw.between(1, 2),
                                      block * draw.between(1, 2), block * draw.between(1, 2)})};
  s.attributes.set("blocksize", block);
  if (to_space) {
    s.attributes.set("mode", std::string(draw.chance(0.5) ? "DCR" : "CRD"));
  }
  return s;
}

Tensor random_indices(Draw& draw, const Shape& shape, std::int64_t extent) {
  Tensor indices(TensorType{DataType::int64, shape});
  for (std::int64_t& index : indices.values<std::int64_t>()) {
    index = draw.between(-extent, extent - 1);
  }
  return indices;
}

Sample gather_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 3);
  const std::int64_t axis = draw.between(0, static_cast<std::int64_t>(x.size()) - 1);
  s.inputs = {draw.tensor(x),
              random_indices(draw, draw.shape(0, 2, 3), x[static_cast<std::size_t>(axis)])};
  s.attributes.set("axis", axis);
  return s;
}

Sample gather_elements_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 3);
  const std::int64_t axis = draw.between(0, static_cast<std::int64_t>(x.size()) - 1);
  Shape indices = x;
  indices[static_cast<std::size_t>(axis)] = draw.between(1, 5);
  s.inputs = {draw.tensor(x), random_indices(draw, indices, x[static_cast<std::size_t>(axis)])};
  s.attributes.set("axis", axis);
  return s;
}

Sample gather_nd_sample(Draw& draw) {
  Sample s;
  const std::int64_t extent = draw.between(1, 4);
  Shape x = draw.shape(1, 2);
  x.insert(x.begin(), extent);
  s.inputs = {draw.tensor(x), random_indices(draw, {draw.between(1, 3), 1}, extent)};
  return s;
}

Sample trilu_sample(Draw& draw) {
  Sample s;
  Shape x = draw.shape(2, 4);
  s.inputs = {draw.tensor(x)};
  s.attributes.set("upper", draw.between(0, 1));
  if (draw.chance(0.5)) {
    const std::int64_t diagonal = draw.between(-2, 2);
    s.inputs.push_back(Tensor({}, std::span<const std::int64_t>(&diagonal, 1)));
    s.constants = {1};
  }
  return s;
}

Sample reverse_sequence_sample(Draw& draw) {
  Sample s;
  const Shape x = {draw.between(1, 4), draw.between(1, 3), draw.between(1, 3)};
  Integers lengths(static_cast<std::size_t>(x[1]));
  for (std::int64_t& length : lengths) {
    length = draw.between(1, x[0]);
  }
  s.inputs = {draw.tensor(x), integer_list(lengths)};
  return s;
}

/// The nearest element before o / scale; see naive_resize().
Sample resize_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 4);
  std::vector<float> scales;
  for (std::size_t i = 0; i < x.size(); ++i) {
    scales.push_back(static_cast<float>(draw.between(2, 5)) / 2);
  }
  s.inputs = {draw.tensor(x), Tensor(),
              Tensor({static_cast<std::int64_t>(scales.size())}, std::span<const float>(scales))};
  s.constants = {2};
  s.attributes.set("coordinate_transformation_mode", std::string("asymmetric"));
  s.attributes.set("nearest_mode", std::string("floor"));
  return s;
}

}  // namespace

void add_movement_makers(std::map<std::string, Maker>& all) {
  all["Reshape"] = reshape_sample;
  all["Flatten"] = flatten_sample;
  all["Squeeze"] = squeeze_sample;
  all["Unsqueeze"] = unsqueeze_sample;
  all["Transpose"] = transpose_sample;
  all["Resize"] = resize_sample;
  all["Concat"] = concat_sample;
  all["Split"] = split_sample;
  all["Slice"] = slice_sample;
  all["Expand"] = expand_sample;
  all["Tile"] = tile_sample;
  all["Pad"] = pad_sample;
  all["DepthToSpace"] = [](Draw& draw) { return depth_sample(draw, true); };
  all["SpaceToDepth"] = [](Draw& draw) { return depth_sample(draw, false); };
  all["Gather"] = gather_sample;
  all["GatherElements"] = gather_elements_sample;
  all["GatherND"] = gather_nd_sample;
  all["Trilu"] = trilu_sample;
  all["ReverseSequence"] = reverse_sequence_sample;
}

}  // namespace offcut::train
