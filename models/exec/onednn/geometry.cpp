#include "models/exec/onednn/geometry.h"

#include <algorithm>

namespace offcut {

using dnnl::memory;

memory::dims onednn_dims(const Shape& shape) {
  return shape.size() == 3 ? memory::dims{shape[0], shape[1], 1, shape[2]}
                           : memory::dims(shape.begin(), shape.end());
}

memory::desc plain_layout(const Shape& shape) {
  const memory::dims dims = onednn_dims(shape);
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * dims[i];
  }
  return {dims, memory::data_type::f32, strides};
}

Window::Window(std::vector<WindowAxis> axes) {
  if (axes.size() == 1) {
    axes.insert(axes.begin(), WindowAxis{.in = 1, .out = 1});
  }
  for (const WindowAxis& axis : axes) {
    kernel.push_back(axis.kernel);
    strides.push_back(axis.stride);
    dilations.push_back(axis.dilation - 1);
    pad_begin.push_back(axis.pad_begin);
    const std::int64_t reach = (axis.out - 1) * axis.stride + axis.extent() - axis.pad_begin;
    pad_end.push_back(std::max<std::int64_t>(0, reach - axis.in));
  }
}

OperationCall::OperationCall(const Program& program, const Operation& operation)
    : layer_(program.layer(operation)) {
  for (const Operand& input : operation.inputs) {
    types_.push_back(program.type(input));
    const bool own = input.id != kAbsent && input.constant.absent();
    known_.push_back(own ? program.graph().tensor(input.id).parameter.get() : nullptr);
  }
}

Eltwise::Eltwise(const Activation& activation)
    : algorithm(dnnl::algorithm::eltwise_relu), alpha(activation.slope), beta(0) {
  switch (activation.kind) {
    case Activation::Kind::relu:
    case Activation::Kind::leaky_relu:
      break;
    case Activation::Kind::clip:
      algorithm = dnnl::algorithm::eltwise_clip;
      alpha = activation.low;
      beta = activation.high;
      break;
    case Activation::Kind::sigmoid:
      algorithm = dnnl::algorithm::eltwise_logistic;
      break;
    case Activation::Kind::tanh:
      algorithm = dnnl::algorithm::eltwise_tanh;
      break;
  }
}

}  // namespace offcut
