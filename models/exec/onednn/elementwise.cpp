// Element-wise layers: activations, sums and products of tensors, batch normalisation with known
// statistics.

#include <algorithm>

#include "models/exec/onednn/lowering.h"
#include "models/exec/pattern.h"

namespace offcut::exec {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;

namespace {

constexpr auto kFloatElementwise = memory::data_type::f32;

algorithm binary_algorithm(std::string_view op) {
  return op == "Add"   ? algorithm::binary_add
         : op == "Sub" ? algorithm::binary_sub
         : op == "Mul" ? algorithm::binary_mul
                       : algorithm::binary_div;
}

/// Prepends extents of 1, as broadcasting does.
Shape of_rank(Shape shape, std::size_t rank) {
  shape.insert(shape.begin(), rank - shape.size(), 1);
  return shape;
}

/// Returns whether the last block of channels is partly filled. Without AVX-512, oneDNN's kernels
/// for two tensors then write wrong values if a function follows.
bool has_partial_block(const memory::desc& layout, const Shape& shape) {
  return dnnl::get_effective_cpu_isa() < dnnl::cpu_isa::avx512_core &&
         layout.get_size() != plain_layout(shape).get_size();
}

bool is_per_channel(const Shape& shape) {
  return shape.size() == 4 && shape[0] == 1 && shape[2] == 1 && shape[3] == 1;
}

}  // namespace

bool OneDnnLowering::lower_activation(const Operation& operation) {
  const auto activation = activation_alone(program(), operation);
  if (!activation) {
    return false;
  }
  const Form from = natural(operation.inputs[0].id);
  Form to = from;
  if (may_overwrite(from.buffer)) {
    put(operation.outputs.front(), from);
  } else {
    to = make(operation.outputs.front(), from.layout);
  }
  add_activation(operation.name, *activation, from, to);
  return true;
}

void OneDnnLowering::add_activation(const std::string& name, const Activation& activation,
                                    const Form& from, const Form& to) {
  const std::vector<Eltwise> functions = eltwises_of(activation);
  dnnl::post_ops after;
  for (std::size_t i = 1; i < functions.size(); ++i) {
    after.append_eltwise(1, functions[i].algorithm, functions[i].alpha, functions[i].beta);
  }
  const dnnl::eltwise_forward::primitive_desc description(
      {prop_kind::forward_inference, functions[0].algorithm, from.layout, functions[0].alpha,
       functions[0].beta},
      attributes_with(after), onednn_->engine);
  add_step(name, description, dnnl::eltwise_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
}

bool OneDnnLowering::lower_binary(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const Shape& shape = type(result).shape;
  const std::string& op = program().layer(operation).op_name;
  Operand a = operation.inputs[0];
  Operand b = operation.inputs[1];
  const bool commutes = op == "Add" || op == "Mul";
  if (commutes && program().type(a).shape != shape) {
    std::swap(a, b);
  }
  if (program().is_constant(a) || program().type(a).shape != shape || shape.size() > 5 ||
      shape.size() < 2) {
    return false;
  }
  const Shape other = of_rank(program().type(b).shape, shape.size());
  Form from = natural(a.id);
  const bool blocked = shape.size() == 4 && from.layout == blocked_layout(shape);
  // A computed tensor with fewer axes has no layout of its own for the result's axes.
  const bool has_layout = program().is_constant(b) || program().type(b).shape == other;
  const bool keeps_layout = has_layout && !has_partial_block(from.layout, shape);
  const bool same = keeps_layout && other == shape && !program().is_constant(b);
  const bool per_channel = keeps_layout && blocked && is_per_channel(other);
  memory::desc other_layout = same          ? from.layout
                              : per_channel ? blocked_layout(other)
                                            : plain_layout(other);
  if (!same && !per_channel) {
    from = {plain_layout(shape), plain(a.id)};
  }
  const dnnl::binary::primitive_desc description(
      {binary_algorithm(op), from.layout, other_layout, from.layout}, attributes(operation),
      onednn_->engine);
  Arguments arguments{.reads = {{DNNL_ARG_SRC_0, from}}};
  if (program().is_constant(b)) {
    arguments.constants = {
        {DNNL_ARG_SRC_1, weights(program().constant(b), plain_layout(other), other_layout)}};
  } else if (has_layout) {
    arguments.reads.emplace_back(DNNL_ARG_SRC_1, in_layout(b.id, other_layout));
  } else {
    arguments.reads.emplace_back(DNNL_ARG_SRC_1, Form{other_layout, plain(b.id)});
  }
  Form to = from;
  if (may_overwrite(from.buffer)) {
    put(result, from);
  } else {
    to = make(result, from.layout);
  }
  arguments.writes = {{DNNL_ARG_DST, to}};
  add_step(operation.name, description, dnnl::binary(description), std::move(arguments));
  return true;
}

}  // namespace offcut::exec
