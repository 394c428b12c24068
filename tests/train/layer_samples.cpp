#include "tests/train/sample.h"

namespace offcut::train {
namespace {

std::vector<std::int64_t> several(Draw& draw, std::size_t count, std::int64_t least,
                                  std::int64_t most) {
  std::vector<std::int64_t> values(count);
  for (std::int64_t& value : values) {
    value = draw.between(least, most);
  }
  return values;
}

/// A shape N, C and one to three spatial axes, which get smaller the more there are.
Shape image_shape(Draw& draw, std::int64_t channels) {
  const std::int64_t axes = draw.between(1, 3);
  Shape shape = {draw.between(1, 2), channels};
  for (std::int64_t i = 0; i < axes; ++i) {
    shape.push_back(draw.between(2, axes == 3 ? 3 : 6));
  }
  return shape;
}

void set_windows(Draw& draw, Sample& s, std::size_t axes, std::int64_t most_pad) {
  s.attributes.set("strides", several(draw, axes, 1, 3));
  s.attributes.set("dilations", several(draw, axes, 1, 2));
  s.attributes.set("pads", several(draw, 2 * axes, 0, most_pad));
}

Sample conv_sample(Draw& draw, bool transposed) {
  Sample s;
  const std::int64_t groups = draw.between(1, 3);
  const std::int64_t in = draw.between(1, 2);
  const std::int64_t out = draw.between(1, 2);
  const Shape x = image_shape(draw, groups * in);
  const std::size_t axes = x.size() - 2;
  Shape w = transposed ? Shape{groups * in, out} : Shape{groups * out, in};
  const auto kernel = several(draw, axes, 1, 3);
  w.insert(w.end(), kernel.begin(), kernel.end());
  s.attributes.set("group", groups);
  set_windows(draw, s, axes, 2);
  if (transposed && draw.chance(0.3)) {
    s.attributes.set("output_padding", several(draw, axes, 0, 1));
  }
  s.inputs = {draw.tensor(x), draw.tensor(w)};
  if (draw.chance(0.5)) {
    s.inputs.push_back(draw.tensor({groups * out}));
  }
  return s;
}

Sample pool_sample(Draw& draw) {
  Sample s;
  const Shape x = image_shape(draw, draw.between(1, 3));
  const std::size_t axes = x.size() - 2;
  s.opset = 19;
  s.inputs = {draw.distinct(x)};
  s.attributes.set("kernel_shape", several(draw, axes, 1, 3));
  set_windows(draw, s, axes, 1);
  s.attributes.set("ceil_mode", draw.between(0, 1));
  s.attributes.set("count_include_pad", draw.between(0, 1));
  return s;
}

Sample global_pool_sample(Draw& draw) {
  Sample s;
  s.inputs = {draw.distinct(image_shape(draw, draw.between(1, 3)))};
  return s;
}

Sample matmul_sample(Draw& draw) {
  const std::int64_t rows = draw.between(1, 4);
  const std::int64_t inner = draw.between(1, 4);
  const std::int64_t columns = draw.between(1, 4);
  const Shape batch = draw.shape(0, 2, 3);
  Shape a = draw.chance(0.3) ? draw.narrower(batch) : batch;
  Shape b = draw.narrower(batch);
  a.insert(a.end(), {rows, inner});
  b.insert(b.end(), {inner, columns});
  if (draw.chance(0.1)) {
    a = {inner};
  } else if (draw.chance(0.1)) {
    b = {inner};
  }
  Sample s;
  s.inputs = {draw.tensor(a), draw.tensor(b)};
  return s;
}

Sample gemm_sample(Draw& draw) {
  const std::int64_t rows = draw.between(1, 4);
  const std::int64_t inner = draw.between(1, 4);
  const std::int64_t columns = draw.between(1, 4);
  const std::int64_t a_transposed = draw.between(0, 1);
  const std::int64_t b_transposed = draw.between(0, 1);
  Sample s;
  s.inputs = {draw.tensor(a_transposed != 0 ? Shape{inner, rows} : Shape{rows, inner}),
              draw.tensor(b_transposed != 0 ? Shape{columns, inner} : Shape{inner, columns})};
  if (draw.chance(0.7)) {
    s.inputs.push_back(draw.tensor(draw.narrower({rows, columns})));
  }
  s.attributes.set("transA", a_transposed);
  s.attributes.set("transB", b_transposed);
  s.attributes.set("alpha", draw.chance(0.5) ? 1.0F : 0.5F);
  s.attributes.set("beta", draw.chance(0.5) ? 1.0F : 0.25F);
  return s;
}

Sample batch_norm_sample(Draw& draw) {
  Sample s;
  Shape x = draw.shape(2, 5, 3);
  x[0] += 1;
  const Shape c = {x[1]};
  s.inputs = {draw.tensor(x), draw.tensor(c), draw.tensor(c), draw.tensor(c),
              draw.tensor(c, 0.5, 2)};
  s.not_checked = {3, 4};
  s.attributes.set("epsilon", 0.01F);
  return s;
}

Sample layer_norm_sample(Draw& draw, bool centred) {
  Sample s;
  Shape x = draw.shape(1, 4);
  x.back() += 2;
  const std::int64_t axis = centred ? draw.between(0, static_cast<std::int64_t>(x.size()) - 1) : -1;
  const Shape last(centred ? x.begin() + axis : x.end() - 1, x.end());
  s.attributes.set("axis", axis);
  s.attributes.set("epsilon", 0.01F);
  s.inputs = {draw.tensor(x), draw.tensor(last)};
  if (centred && draw.chance(0.7)) {
    s.inputs.push_back(draw.tensor(last));
  }
  return s;
}

Sample group_norm_sample(Draw& draw, bool instances) {
  Sample s;
  const std::int64_t groups = draw.between(1, 3);
  const Shape x = image_shape(draw, groups * draw.between(1, 3));
  s.opset = draw.chance(0.5) ? 18 : 21;
  const Shape parameters = {instances || s.opset >= 21 ? x[1] : groups};
  s.inputs = {draw.tensor(x), draw.tensor(parameters), draw.tensor(parameters)};
  s.attributes.set("num_groups", groups);
  s.attributes.set("epsilon", 0.01F);
  return s;
}

Sample lrn_sample(Draw& draw) {
  Sample s;
  s.inputs = {draw.tensor(image_shape(draw, draw.between(1, 6)))};
  s.attributes.set("size", draw.between(1, 5));
  s.attributes.set("alpha", 0.5F);
  s.attributes.set("beta", draw.chance(0.5) ? 0.75F : 0.6F);
  return s;
}

Sample softmax_sample(Draw& draw) {
  Sample s;
  const Shape x = draw.shape(1, 4);
  s.opset = draw.chance(0.7) ? 13 : 11;
  const auto rank = static_cast<std::int64_t>(x.size());
  s.attributes.set("axis", draw.between(-rank, rank - 1));
  s.inputs = {draw.tensor(x)};
  return s;
}

/// ReduceSum has its axes as an input from opset 13 on, the others have an attribute up to 17.
Sample reduce_sample(Draw& draw, double least, double most, bool is_sum) {
  Sample s;
  const Shape x = draw.shape(0, 4);
  s.inputs = {least < 0 ? draw.distinct(x) : draw.tensor(x, least, most)};
  draw.avoid(s.inputs[0], {0});
  s.opset = 13;
  s.attributes.set("keepdims", draw.between(0, 1));
  std::vector<std::int64_t> axes;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(x.size()); ++i) {
    if (draw.chance(0.5)) {
      axes.push_back(i);
    }
  }
  if (axes.empty()) {
    return s;
  }
  if (is_sum) {
    s.inputs.push_back(integer_list(axes));
    s.constants = {1};
  } else {
    s.attributes.set("axes", axes);
  }
  return s;
}

}  // namespace

void add_layer_makers(std::map<std::string, Maker>& all) {
  all["Conv"] = [](Draw& draw) { return conv_sample(draw, false); };
  all["ConvTranspose"] = [](Draw& draw) { return conv_sample(draw, true); };
  all["MaxPool"] = all["AveragePool"] = pool_sample;
  all["GlobalAveragePool"] = all["GlobalMaxPool"] = global_pool_sample;
  all["MatMul"] = matmul_sample;
  all["Gemm"] = gemm_sample;
  all["BatchNormalization"] = batch_norm_sample;
  all["LayerNormalization"] = [](Draw& draw) { return layer_norm_sample(draw, true); };
  all["SimplifiedLayerNormalization"] = [](Draw& draw) { return layer_norm_sample(draw, false); };
  all["InstanceNormalization"] = [](Draw& draw) { return group_norm_sample(draw, true); };
  all["GroupNormalization"] = [](Draw& draw) { return group_norm_sample(draw, false); };
  all["LRN"] = lrn_sample;
  all["Softmax"] = all["LogSoftmax"] = softmax_sample;
  for (const char* name : {"ReduceMax", "ReduceMin", "ReduceMean", "ReduceL1", "ReduceL2",
                           "ReduceSumSquare", "ReduceLogSumExp"}) {
    all[name] = [](Draw& draw) { return reduce_sample(draw, -2, 2, false); };
  }
  all["ReduceSum"] = [](Draw& draw) { return reduce_sample(draw, -2, 2, true); };
  for (const char* name : {"ReduceProd", "ReduceLogSum"}) {
    all[name] = [](Draw& draw) { return reduce_sample(draw, 0.5, 1.5, false); };
  }
}

}  // namespace offcut::train
