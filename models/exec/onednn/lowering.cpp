// Lowers operations to oneDNN's primitives and keeps track of the layout of each tensor. A
// kernel that oneDNN does not have is an exception there, and the operation falls back to our
// own kernels or the reference operator.

#include "models/exec/onednn/lowering.h"

#include <algorithm>

#include "models/exec/onednn/winograd.h"
#include "models/exec/pattern.h"
#include "models/ops/arguments.h"

namespace offcut::exec {

using dnnl::memory;

namespace {

constexpr std::int64_t kLoweringBlock = 16;

/// Checks for a copy from blocks of channels, the last of which is not full, to rows. oneDNN's own
/// kernel takes some twenty times as long for it as for full blocks.
bool copies_blocks_with_rest(const memory::desc& from, const memory::desc& to) {
  const memory::dims dims = from.dims();
  return dims.size() >= 4 && dims.size() <= 5 && dims[1] % kLoweringBlock != 0 &&
         from == blocked_layout(dims) && to == plain_layout(dims);
}

void unblock(std::int64_t images, std::int64_t channels, std::int64_t places, const float* from,
             float* to) {
  for (std::int64_t image = 0; image < images; ++image) {
    for (std::int64_t first = 0; first < channels; first += kLoweringBlock) {
      const std::int64_t count = std::min(kLoweringBlock, channels - first);
      for (std::int64_t place = 0; place < places; ++place) {
        for (std::int64_t c = 0; c < count; ++c) {
          to[c * places + place] = from[place * kLoweringBlock + c];
        }
      }
      from += kLoweringBlock * places;
      to += count * places;
    }
  }
}

/// Checks for a copy of bytes with channels last to rows. oneDNN's own kernel takes up to a hundred
/// times as long for it where the places do not fill its vectors.
bool copies_bytes_with_channels_last(const memory::desc& from, const memory::desc& to) {
  const memory::dims dims = from.dims();
  if (dims.size() < 4 || dims.size() > 5 || memory::data_type_size(from.data_type()) != 1 ||
      from.data_type() != to.data_type()) {
    return false;
  }
  const memory::desc last(
      dims, from.data_type(),
      dims.size() == 4 ? memory::format_tag::nhwc : memory::format_tag::ndhwc);
  return from == last && to == row_major_layout(dims, from.data_type());
}

/// Writes the columns of a matrix as rows, in tiles that stay in the first cache.
void transpose_bytes(std::int64_t rows, std::int64_t columns, const std::byte* from,
                     std::byte* to) {
  constexpr std::int64_t kTile = 64;
  for (std::int64_t top = 0; top < rows; top += kTile) {
    const std::int64_t bottom = std::min(top + kTile, rows);
    for (std::int64_t left = 0; left < columns; left += kTile) {
      const std::int64_t right = std::min(left + kTile, columns);
      for (std::int64_t column = left; column < right; ++column) {
        for (std::int64_t row = top; row < bottom; ++row) {
          to[column * rows + row] = from[row * columns + column];
        }
      }
    }
  }
}

}  // namespace

OneDnnLowering::OneDnnLowering(const Program& program, Schedule& schedule,
                               const PrepareOptions& options, Layouts layouts, Trials& trials)
    : Lowering(program, schedule, options.fast_kernels),
      limit_(options.threads),
      onednn_(std::make_shared<OneDnn>(OneDnn{.threads = options.threads})),
      options_(options),
      layouts_(layouts),
      trials_(trials),
      placements_(place_concats(program)) {
  if (!trials_.winograd) {
    trials_.winograd = choose_winograd(program, options, *onednn_, trials_);
  }
}

bool OneDnnLowering::lower_with_library(const Operation& operation) {
  using Function = bool (OneDnnLowering::*)(const Operation&);
  static const std::map<std::string_view, Function> functions = {
      {"Add", &OneDnnLowering::lower_binary},
      {"AveragePool", &OneDnnLowering::lower_pooling},
      {"BatchNormalization", &OneDnnLowering::lower_batch_norm},
      {"Concat", &OneDnnLowering::lower_concat},
      {"Conv", &OneDnnLowering::lower_convolution},
      {"ConvInteger", &OneDnnLowering::lower_conv_integer},
      {"Div", &OneDnnLowering::lower_binary},
      {"Gemm", &OneDnnLowering::lower_gemm},
      {"GlobalAveragePool", &OneDnnLowering::lower_global_average},
      {"LRN", &OneDnnLowering::lower_lrn},
      {"MatMulInteger", &OneDnnLowering::lower_matmul_integer},
      {"MaxPool", &OneDnnLowering::lower_pooling},
      {"Mul", &OneDnnLowering::lower_binary},
      {"Softmax", &OneDnnLowering::lower_softmax},
      {"Sub", &OneDnnLowering::lower_binary},
  };
  Function function = nullptr;
  if (std::holds_alternative<Linear>(operation.group)) {
    function = &OneDnnLowering::lower_linear;
  } else if (const auto* const quantized = std::get_if<Quantized>(&operation.group)) {
    function = quantized->moves            ? &OneDnnLowering::lower_quantized_move
               : quantized->averages       ? &OneDnnLowering::lower_quantized_average
               : quantized->weights.absent() ? &OneDnnLowering::lower_quantized_sum
               : quantized->is_linear      ? &OneDnnLowering::lower_quantized_product
                                           : &OneDnnLowering::lower_quantized_convolution;
  } else if (activation_alone(program(), operation)) {
    function = &OneDnnLowering::lower_activation;
  } else if (operation.group.index() == 0) {
    const auto found = functions.find(program().layer(operation).op_name);
    function = found == functions.end() ? nullptr : found->second;
  }
  if (function == nullptr || program().is_constant(operation.inputs.front())) {
    return false;
  }
  try {
    return (this->*function)(operation);
  } catch (const dnnl::error&) {
    return false;  // There is no kernel for this. Descriptors are made before any step is added.
  }
}

void OneDnnLowering::lower_view(TensorId from, TensorId to) {
  if (type(from).shape == type(to).shape && !has_plain(from) && !is_strided(from)) {
    put(to, natural(from));
  } else {
    Lowering::lower_view(from, to);
  }
}

BufferId OneDnnLowering::plain(TensorId tensor) {
  if (!has_plain(tensor) && natural_.contains(tensor)) {
    const memory::desc layout = plain_layout(type(tensor));
    set_plain(tensor,
              reordered(natural_.at(tensor), layout, program().graph().tensor(tensor).name).buffer);
  }
  return Lowering::plain(tensor);
}

OneDnnLowering::Form OneDnnLowering::natural(TensorId tensor) {
  const auto form = natural_.find(tensor);
  return form != natural_.end() ? form->second : Form{plain_layout(type(tensor)), plain(tensor)};
}

OneDnnLowering::Form OneDnnLowering::in_layout(TensorId tensor, const memory::desc& layout) {
  const Form form = natural(tensor);
  if (same_memory(form.layout, layout)) {
    return {layout, form.buffer};
  }
  if (layout == plain_layout(type(tensor))) {
    return {layout, plain(tensor)};
  }
  const Form other = reordered(form, layout, program().graph().tensor(tensor).name);
  note_holder(tensor, other.buffer);
  natural_.insert_or_assign(tensor, other);  // The next reader probably wants this layout, too.
  return other;
}

OneDnnLowering::Form OneDnnLowering::make(TensorId tensor, const memory::desc& layout) {
  const auto place = place_of(tensor);
  const Form form = place && place->layout == layout
                        ? *place
                        : Form{layout, schedule().add_scratch(layout.get_size())};
  put(tensor, form);
  return form;
}

OneDnnLowering::Form OneDnnLowering::make_over(TensorId residual, TensorId result,
                                               const memory::desc& layout, const Form& input) {
  Form form = in_layout(residual, layout);
  if (form.buffer == input.buffer || !may_overwrite(form.buffer)) {
    form = reordered(form, layout, program().graph().tensor(residual).name);
  }
  put(result, form);
  return form;
}

OneDnnLowering::Form OneDnnLowering::reordered(const Form& from, const memory::desc& layout,
                                               const std::string& name) {
  const Form to{layout, schedule().add_scratch(layout.get_size())};
  copy(from, to, name);
  return to;
}

void OneDnnLowering::copy(const Form& from, const Form& to, const std::string& name) {
  if (copies_blocks_with_rest(from.layout, to.layout)) {
    const memory::dims dims = from.layout.dims();
    const std::int64_t places = ops::extent_between(dims, 2, dims.size());
    schedule().add_step(
        {.name = name,
         .kernel = "unblock",
         .reads = {from.buffer},
         .writes = {to.buffer},
         .run = [dims, places, from = from.buffer, to = to.buffer](BufferTable& buffers) {
           unblock(dims[0], dims[1], places, buffers.floats(from), buffers.floats(to));
         }});
    return;
  }
  if (copies_bytes_with_channels_last(from.layout, to.layout)) {
    const memory::dims dims = from.layout.dims();
    const std::int64_t places = ops::extent_between(dims, 2, dims.size());
    schedule().add_step(
        {.name = name,
         .kernel = "transpose bytes",
         .reads = {from.buffer},
         .writes = {to.buffer},
         .run = [dims, places, from = from.buffer, to = to.buffer](BufferTable& buffers) {
           const std::int64_t image = dims[1] * places;
           for (std::int64_t n = 0; n < dims[0]; ++n) {
             transpose_bytes(places, dims[1], buffers.data(from) + n * image,
                             buffers.data(to) + n * image);
           }
         }});
    return;
  }
  const dnnl::reorder::primitive_desc description(onednn_->engine, from.layout, onednn_->engine,
                                                  to.layout);
  add_step(name, description, dnnl::reorder(description),
           {.reads = {{DNNL_ARG_FROM, from}}, .writes = {{DNNL_ARG_TO, to}}});
}

void OneDnnLowering::put(TensorId tensor, const Form& form) {
  if (same_memory(form.layout, plain_layout(type(tensor)))) {
    set_plain(tensor, form.buffer);
  } else {
    natural_.insert_or_assign(tensor, form);
    note_holder(tensor, form.buffer);
  }
}

dnnl::primitive_attr OneDnnLowering::attributes(const Operation& operation) {
  dnnl::post_ops after;
  if (operation.residual) {
    after.append_sum();
  }
  if (operation.activation) {
    for (const Eltwise& eltwise : eltwises_of(*operation.activation)) {
      after.append_eltwise(1, eltwise.algorithm, eltwise.alpha, eltwise.beta);
    }
  }
  return attributes_with(after);
}

dnnl::primitive_attr OneDnnLowering::attributes_with(const dnnl::post_ops& after) {
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Constant OneDnnLowering::weights(const Tensor& values, const memory::desc& from,
                                 const memory::desc& to) {
  // oneDNN only reads the elements.
  auto* const data = const_cast<std::byte*>(values.bytes().data());
  memory source(from, onednn_->engine, data);
  Constant result(to, onednn_->engine);
  dnnl::reorder(source, result.memory).execute(onednn_->stream, source, result.memory);
  onednn_->stream.wait();
  return result;
}

void OneDnnLowering::add_step(const std::string& name, const dnnl::primitive_desc_base& description,
                              const dnnl::primitive& primitive, Arguments arguments) {
  const memory::desc scratch = description.query_md(dnnl::query::scratchpad_md);
  if (scratch.get_size() > 0) {
    arguments.writes.push_back(
        {DNNL_ARG_SCRATCHPAD, {scratch, schedule().add_scratch(scratch.get_size())}});
  }
  Step step{.name = name, .kernel = description.impl_info_str()};
  PrimitiveStep call(onednn_, primitive);
  for (const auto& [argument, form] : arguments.reads) {
    call.add(argument, form.buffer, form.layout);
    step.reads.push_back(form.buffer);
  }
  for (const auto& [argument, form] : arguments.writes) {
    call.add(argument, form.buffer, form.layout);
    step.writes.push_back(form.buffer);
  }
  for (const auto& [argument, constant] : arguments.constants) {
    call.add(argument, constant);
    count_weights(constant.storage.bytes().size());
  }
  step.run = std::move(call);
  schedule().add_step(std::move(step));
}

std::vector<Layouts> layouts_to_try(const Program& program, const PrepareOptions& options) {
  bool has_convolutions = false;
  for (std::size_t i = 0; i < program.size(); ++i) {
    has_convolutions =
        has_convolutions || (!program.merged_away(i) && program.has_op(program[i], "Conv"));
  }
  return has_convolutions && options.fast_kernels && options.time_layouts
             ? std::vector{Layouts::best_for_each, Layouts::blocks}
             : std::vector{Layouts::best_for_each};
}

std::unique_ptr<Lowering> make_lowering(const Program& program, Schedule& schedule,
                                        const PrepareOptions& options, Layouts layouts,
                                        Trials& trials) {
  return std::make_unique<OneDnnLowering>(program, schedule, options, layouts, trials);
}

}  // namespace offcut::exec
