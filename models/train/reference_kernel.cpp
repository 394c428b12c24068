// Runs a layer with its operator and its gradient, both on row-major tensors. Errors get the
// layer's name.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/ops/call_forward.h"
#include "models/train/kernel.h"
#include "models/train/sum_to.h"

namespace offcut::train {
namespace {

std::vector<Tensor> row_major(std::span<const Value> values) {
  std::vector<Tensor> tensors;
  for (const Value& value : values) {
    tensors.push_back(value.tensor());
  }
  return tensors;
}

std::vector<Value> as_values(std::vector<Tensor> tensors) {
  return {std::make_move_iterator(tensors.begin()), std::make_move_iterator(tensors.end())};
}

class ReferenceKernel : public Kernel {
  ops::Call call() const {
    return {layer_.attributes, layer_.opset, types_, known_, layer_.outputs.size()};
  }

  template <class F>
  auto named(F f) const {
    try {
      return f();
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(
          fmt::format("layer {} ({}): {}", in_quotes(layer_.name), layer_.op_name, error.what()));
    }
  }

 public:
  explicit ReferenceKernel(KernelSite site)
      : site_(std::move(site)), layer_(site_.graph.layer(site_.layer)) {
    for (const TensorId input : layer_.inputs) {
      types_.push_back(input == kAbsent ? TensorType{} : site_.graph.tensor(input).type);
      known_.push_back(input == kAbsent ? nullptr : site_.graph.tensor(input).parameter.get());
    }
    for (const TensorId output : layer_.outputs) {
      output_types_.push_back(site_.graph.tensor(output).type);
    }
  }

  bool reads_input(std::size_t input) const override {
    return site_.gradient->reads_inputs.has(input);
  }
  bool reads_outputs() const override { return site_.gradient->reads_outputs; }

  Passed forward(std::span<const Value> inputs, std::uint64_t step) override {
    const std::vector<Tensor> tensors = row_major(inputs);
    if (!site_.trains || site_.gradient == nullptr || site_.gradient->forward == nullptr) {
      return {as_values(ops::call_forward(layer_, call(), tensors)), {}, {}};
    }
    return named([&] {
      Trained trained = site_.gradient->forward(
          call(), tensors, random_stream(site_.seed, "train/" + layer_.name, step));
      return Passed{as_values(std::move(trained.outputs)), as_values(std::move(trained.saved)),
                    std::move(trained.updates)};
    });
  }

  std::vector<Value> backward(const Returned& passed) override {
    const auto inputs = row_major(passed.inputs);
    const auto outputs = row_major(passed.outputs);
    const auto saved = row_major(passed.saved);
    const auto slopes = row_major(passed.slopes);
    return named([&] {
      return as_values(site_.gradient->backward(
          {*layer_.op, call(), inputs, outputs, output_types_, saved, slopes, site_.wanted}));
    });
  }

 private:
  KernelSite site_;
  const Layer& layer_;
  std::vector<TensorType> types_;
  std::vector<const Parameter*> known_;
  std::vector<TensorType> output_types_;
};

}  // namespace

std::unique_ptr<Kernel> reference_kernel(const KernelSite& site) {
  return std::make_unique<ReferenceKernel>(site);
}

Value added(const Value& a, const Value& b) {
  if (a.absent() || b.absent()) {
    return a.absent() ? b : a;
  }
  if (a.laid_out() != nullptr && b.laid_out() != nullptr) {
    if (auto sum = a.laid_out()->plus(*b.laid_out())) {
      return Value(std::move(sum));
    }
  }
  return added(a.tensor(), b.tensor());
}

}  // namespace offcut::train
