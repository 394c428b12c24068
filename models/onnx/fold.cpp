// Constants of a model: initialisers, and the outputs of layers that read only constants. Values
// are made on first use by the operators' own forward functions. A budget and a limit on depth keep
// a small file from taking all memory, hours, or the stack.
#include "models/onnx/fold.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/memory_limit.h"
#include "models/onnx/tensors.h"
#include "models/ops/invoke.h"

namespace offcut::onnx {
namespace {

/// The least budget, whatever the limit on memory is.
constexpr std::int64_t kSmallestBudget = std::int64_t{256} << 20;
constexpr double kMostMacs = 4e9;

/// Constants are computed recursively, so longer chains are computed during the import.
constexpr int kDeepestFold = 64;

std::int64_t bytes_of(std::span<const TensorType> types) {
  std::int64_t bytes = 0;
  for (const TensorType& type : types) {
    if (__builtin_add_overflow(bytes, type.bytes(), &bytes)) {
      throw std::invalid_argument("its tensors together have no valid size");
    }
  }
  return bytes;
}

/// A layer on constants, which is kept until its outputs are needed.
class FoldedLayer {
 public:
  FoldedLayer(const ops::Operator& op, Attributes attributes, int opset,
              std::vector<Constant> inputs, std::size_t outputs)
      : op_(op),
        attributes_(std::move(attributes)),
        opset_(opset),
        inputs_(std::move(inputs)),
        outputs_(outputs) {
    for (const Constant& input : inputs_) {
      types_.push_back(input.type);
      known_.push_back(input.parameter.get());
    }
  }

  std::vector<TensorType> infer() const { return ops::infer_outputs(op_, call()); }

  double macs(std::span<const TensorType> made) const { return ops::count_macs(op_, call(), made); }
  std::int64_t bytes_read() const { return bytes_of(types_); }
  int depth() const {
    int deepest = 0;
    for (const Constant& input : inputs_) {
      deepest = std::max(deepest, input.depth);
    }
    return deepest + 1;
  }

  Tensor output(std::size_t index) const {
    const std::vector<TensorType> made = infer();
    if (std::all_of(made.begin(), made.end(),
                    [](const TensorType& type) { return elements(type.shape) == 0; })) {
      return Tensor(made.at(index));
    }
    std::vector<Tensor> values;
    for (const Constant& input : inputs_) {
      values.push_back(input.parameter ? input.parameter->read() : Tensor());
    }
    return ops::run_operator(op_, call(), values).at(index);
  }

 private:
  ops::Call call() const { return {attributes_, opset_, types_, known_, outputs_}; }

  const ops::Operator& op_;
  Attributes attributes_;
  int opset_;
  std::vector<Constant> inputs_;
  std::size_t outputs_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
};

}  // namespace

FoldBudget::FoldBudget()
    : most_bytes_(std::max(kSmallestBudget, static_cast<std::int64_t>(std::min<std::uint64_t>(
                                                memory_limit() / 2, 1ULL << 62U)))) {}

void FoldBudget::spend(std::int64_t bytes_read, std::int64_t bytes_made, double macs) {
  const std::int64_t more = std::max<std::int64_t>(0, bytes_made - bytes_read);
  if (more > most_bytes_ - bytes_) {
    throw std::invalid_argument(
        fmt::format("makes {} bytes from {} constant ones; all constant layers of a model may make "
                    "at most {} bytes more than they read: half of the memory that tensors may "
                    "take, see --max-memory",
                    bytes_made, bytes_read, most_bytes_));
  }
  bytes_ += more;
  macs_ += macs;
  if (!(macs_ <= kMostMacs)) {
    throw std::invalid_argument(fmt::format(
        "is constant, but takes {:.3g} multiply-accumulates; all constant layers of a model may "
        "take at most {:.3g}",
        macs, kMostMacs));
  }
}

Constant constant(Tensor value) {
  TensorType type = value.type();
  return {std::move(type),
          std::make_shared<Parameter>([value = std::move(value)] { return value; })};
}

Constant initialiser(::onnx::TensorProto& proto, Weights& weights) {
  TensorType type = tensor_type(proto);
  if (lies_in_file(proto)) {
    auto parameter = std::make_shared<Parameter>(
        [type, part = weights.find(proto)] { return read_elements(type, part); },
        Parameter::Source::rereadable);
    return {std::move(type), std::move(parameter)};
  }
  auto data = std::make_shared<::onnx::TensorProto>();
  data->Swap(&proto);
  proto.set_name(data->name());
  return {std::move(type), std::make_shared<Parameter>([data]() mutable {
            Tensor value = decode(*data);
            data.reset();  // A parameter is made only once.
            return value;
          })};
}

Constant extents(const Attributes& attributes, const Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto axis = [&](std::string_view name, std::int64_t fallback) {
    const std::int64_t value = attributes.integer(name, fallback);
    return std::clamp<std::int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  const std::int64_t start = axis("start", 0);
  const std::int64_t end = std::max(start, axis("end", rank));
  const auto part = std::span(shape).subspan(static_cast<std::size_t>(start),
                                             static_cast<std::size_t>(end - start));
  return constant(Tensor({end - start}, part));
}

std::vector<Constant> fold(const ops::Operator& op, Attributes attributes, int opset,
                           std::vector<Constant> inputs, std::size_t outputs, FoldBudget& budget) {
  const auto layer =
      std::make_shared<FoldedLayer>(op, std::move(attributes), opset, std::move(inputs), outputs);
  std::vector<TensorType> types = layer->infer();
  const double macs = layer->macs(types);
  budget.spend(layer->bytes_read(), bytes_of(types), macs);
  const bool deep = layer->depth() > kDeepestFold;
  // Weights that are dequantised, converted or transposed; longer chains are computed once.
  const auto source =
      macs == 0 && layer->depth() == 1 ? Parameter::Source::rereadable : Parameter::Source::once;
  std::vector<Constant> made;
  for (TensorType& type : types) {
    const std::size_t index = made.size();
    made.push_back(
        {std::move(type),
         std::make_shared<Parameter>([layer, index] { return layer->output(index); }, source),
         deep ? 0 : layer->depth()});
    if (deep) {
      made.back().parameter->value();
    }
  }
  return made;
}

}  // namespace offcut::onnx
