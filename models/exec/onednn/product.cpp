// Products with a constant matrix: Gemm, and MatMul with the layers that were merged into it.

#include "models/exec/onednn/lowering.h"
#include "models/exec/pattern.h"

namespace offcut::exec {

using dnnl::memory;

namespace {

constexpr auto kFloatProduct = memory::data_type::f32;

}  // namespace

/// A product of (rows x depth) and (depth x columns).
struct OneDnnLowering::MatrixProduct {
  std::int64_t rows = 0, depth = 0, columns = 0;
  memory::desc stored;  // The layout of the matrix in its tensor.
  Tensor bias;          // Absent if there is none.
};

bool OneDnnLowering::lower_gemm(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const Attributes& a = program().layer(operation).attributes;
  const TensorId result = operation.outputs.front();
  const std::int64_t columns = type(result).shape[1];
  const bool has_bias = inputs.size() > 2 && program().type(inputs[2]) != TensorType{};
  const bool plain_bias = !has_bias || is_constant_row(program(), inputs[2], type(result).shape);
  if (a.integer("transA", 0) != 0 || a.number("alpha", 1) != 1 || a.number("beta", 1) != 1 ||
      !program().is_constant(inputs[1]) || !plain_bias) {
    return false;
  }
  const Shape& x = program().type(inputs[0]).shape;
  const auto stored = a.integer("transB", 0) != 0 ? memory::format_tag::ba : memory::format_tag::ab;
  add_product(operation, {.rows = x[0],
                          .depth = x[1],
                          .columns = columns,
                          .stored = {{x[1], columns}, kFloatProduct, stored},
                          .bias = has_bias ? program().constant(inputs[2]) : Tensor()});
  return true;
}

bool OneDnnLowering::lower_linear(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const Shape matrix = program().type(inputs[1]).shape;
  const std::int64_t depth = matrix[0];
  const std::int64_t columns = matrix[1];
  add_product(operation, {.rows = elements(program().type(inputs[0]).shape) / depth,
                          .depth = depth,
                          .columns = columns,
                          .stored = {{depth, columns}, kFloatProduct, memory::format_tag::ab},
                          .bias = inputs.size() > 2 ? program().constant(inputs[2]) : Tensor()});
  return true;
}

void OneDnnLowering::add_product(const Operation& operation, const MatrixProduct& product) {
  const memory::desc x = plain_layout({product.rows, product.depth});
  const memory::desc y = plain_layout({product.rows, product.columns});
  const memory::desc bias({1, product.columns}, kFloatProduct, memory::format_tag::ab);
  const memory::desc any({product.depth, product.columns}, kFloatProduct, memory::format_tag::any);
  const dnnl::matmul::desc descriptor =
      product.bias.absent() ? dnnl::matmul::desc(x, any, y) : dnnl::matmul::desc(x, any, bias, y);
  const dnnl::matmul::primitive_desc description(descriptor, attributes(operation),
                                                 onednn_->engine);
  const TensorId result = operation.outputs.front();
  const Form from{x, plain(operation.inputs[0].id)};
  Form to{y, 0};
  if (operation.residual) {
    to.buffer = plain(*operation.residual);
    if (to.buffer == from.buffer || !may_overwrite(to.buffer)) {
      to = reordered(to, y, operation.name);
    }
  } else {
    to.buffer = schedule().add_scratch(y.get_size());
  }
  set_plain(result, to.buffer);
  Arguments arguments{
      .reads = {{DNNL_ARG_SRC, from}},
      .writes = {{DNNL_ARG_DST, to}},
      .constants = {{DNNL_ARG_WEIGHTS, weights(program().constant(operation.inputs[1]),
                                               product.stored, description.weights_desc())}}};
  if (!product.bias.absent()) {
    arguments.constants.emplace_back(DNNL_ARG_BIAS, weights(product.bias, bias, bias));
  }
  add_step(operation.name, description, dnnl::matmul(description), std::move(arguments));
}

}  // namespace offcut::exec
