// Einsum: Einstein's sum of products of the inputs over the labels that the output lacks, in
// double, of float32 or float64. A repeated label walks a diagonal; an ellipsis stands for axes
// that are broadcast.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "models/ops/arguments.h"
#include "models/ops/walk.h"

namespace offcut::ops {
namespace {

/// A letter, or for the axes of an ellipsis -1, -2, .. from the last one on.
using Label = int;
using Labels = std::vector<Label>;

[[noreturn]] void refuse_einsum(const std::string& equation, std::string_view reason) {
  throw std::invalid_argument(fmt::format("equation '{}': {}", equation, reason));
}

/// Returns the labels of one term, whose ellipsis stands for `hidden` axes.
Labels labels_of(const std::string& equation, std::string_view term, std::int64_t hidden) {
  Labels labels;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term.substr(i, 3) == "...") {
      for (std::int64_t k = hidden; k > 0; --k) {
        labels.push_back(static_cast<Label>(-k));
      }
      i += 2;
    } else if (std::isalpha(static_cast<unsigned char>(term[i])) != 0) {
      labels.push_back(term[i]);
    } else {
      refuse_einsum(equation, fmt::format("'{}' is not a label", term[i]));
    }
  }
  return labels;
}

struct EinsumSum {
  std::vector<Labels> inputs;
  Labels output;
  std::map<Label, std::int64_t> extents;
};

/// Returns the output if the equation has none: the ellipsis, then every label that occurs once, in
/// order.
Labels implied_output(const EinsumSum& sum) {
  std::map<Label, int> uses;
  for (const Labels& labels : sum.inputs) {
    for (const Label label : labels) {
      ++uses[label];
    }
  }
  Labels output;
  for (const auto& [label, count] : uses) {
    if (label < 0 || count == 1) {
      output.push_back(label);
    }
  }
  return output;
}

void note_extents(const std::string& equation, const Labels& labels, const Shape& shape,
                  EinsumSum& sum) {
  if (labels.size() != shape.size()) {
    refuse_einsum(equation, fmt::format("does not fit an input of {}", to_text(shape)));
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::int64_t& extent = sum.extents.try_emplace(labels[i], shape[i]).first->second;
    const bool broadcasts = labels[i] < 0 && (extent == 1 || shape[i] == 1);
    if (extent != shape[i] && !broadcasts) {
      refuse_einsum(equation, fmt::format("a label has the extents {} and {}", extent, shape[i]));
    }
    extent = extent == 1 ? shape[i] : extent;
  }
}

EinsumSum parse(const Call& call) {
  std::string equation = call.attributes.text("equation", "");
  equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
  const std::size_t arrow = equation.find("->");
  const std::string left = equation.substr(0, arrow);
  EinsumSum sum;
  std::int64_t most_hidden = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    if (start > left.size()) {
      refuse_einsum(equation, "has too few terms");
    }
    const std::size_t end = std::min(left.find(',', start), left.size());
    const std::string term = left.substr(start, end - start);
    const bool dots = term.find("...") != std::string::npos;
    const auto named = static_cast<std::int64_t>(term.size()) - (dots ? 3 : 0);
    const std::int64_t hidden =
        dots ? std::max<std::int64_t>(0, static_cast<std::int64_t>(call.shape(i).size()) - named)
             : 0;
    most_hidden = std::max(most_hidden, hidden);
    sum.inputs.push_back(labels_of(equation, term, hidden));
    note_extents(equation, sum.inputs.back(), call.shape(i), sum);
    start = end + 1;
  }
  if (start <= left.size()) {
    refuse_einsum(equation, "has too many terms");
  }
  sum.output = arrow == std::string::npos
                   ? implied_output(sum)
                   : labels_of(equation, equation.substr(arrow + 2), most_hidden);
  Labels once = sum.output;
  std::sort(once.begin(), once.end());
  if (std::adjacent_find(once.begin(), once.end()) != once.end()) {
    refuse_einsum(equation, "repeats a label in its output");
  }
  for (const Label label : sum.output) {
    if (!sum.extents.contains(label)) {
      refuse_einsum(equation, "has a label that only its output contains");
    }
  }
  return sum;
}

std::vector<TensorType> infer_einsum(const Call& call) {
  require_inputs(call, std::max<std::size_t>(1, call.inputs.size()), call.inputs.size());
  const DataType type = call.inputs[0].type;
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    require_same_type(call, 0, i);
  }
  if (type != DataType::float32 && type != DataType::float64) {
    throw std::invalid_argument(
        fmt::format("inputs are {}, only float32 and float64 are supported", to_text(type)));
  }
  const EinsumSum sum = parse(call);
  Shape shape;
  for (const Label label : sum.output) {
    shape.push_back(sum.extents.at(label));
  }
  return {output_type(type, std::move(shape))};
}

/// Counts one product for each combination of labels, as this file computes them.
double macs_einsum(const Call& call, std::span<const TensorType>) {
  const EinsumSum sum = parse(call);
  double products = static_cast<double>(std::max<std::size_t>(1, call.inputs.size() - 1));
  for (const auto& [label, extent] : sum.extents) {
    products *= static_cast<double>(extent);
  }
  return products;
}

/// A loop over one label, with the steps of the output and of each input.
struct Loop {
  std::int64_t extent;
  std::vector<std::int64_t> steps;
};

std::vector<std::int64_t> steps_of(const Labels& labels, const Shape& shape, Label label) {
  const auto row_major = row_major_steps(shape);
  std::int64_t step = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    step += labels[i] == label && shape[i] != 1 ? row_major[i] : 0;
  }
  return {step};
}

/// Orders the loops: the output's labels first, in its order, then those that are summed over.
std::vector<Loop> loops(const EinsumSum& sum, const Shape& output, std::span<const Tensor> inputs) {
  Labels order = sum.output;
  for (const auto& [label, extent] : sum.extents) {
    if (std::find(order.begin(), order.end(), label) == order.end()) {
      order.push_back(label);
    }
  }
  std::vector<Loop> all;
  for (const Label label : order) {
    Loop loop{sum.extents.at(label), steps_of(sum.output, output, label)};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      loop.steps.push_back(steps_of(sum.inputs[i], inputs[i].shape(), label).front());
    }
    all.push_back(std::move(loop));
  }
  return all;
}

/// Adds all products of the loops from `depth` on. `offsets` are those of the output and the
/// inputs.
template <class T>
void add_products(const std::vector<Loop>& loops, std::size_t depth,
                  std::vector<std::int64_t> offsets, const std::vector<const T*>& inputs,
                  std::vector<double>& sums) {
  if (depth == loops.size()) {
    double product = 1;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      product *= static_cast<double>(inputs[i][offsets[i + 1]]);
    }
    sums[static_cast<std::size_t>(offsets[0])] += product;
    return;
  }
  const Loop& loop = loops[depth];
  const bool pair = inputs.size() == 2 && depth + 1 == loops.size();
  if (pair) {  // The innermost loop of nearly every use.
    for (std::int64_t k = 0; k < loop.extent; ++k) {
      sums[static_cast<std::size_t>(offsets[0] + k * loop.steps[0])] +=
          static_cast<double>(inputs[0][offsets[1] + k * loop.steps[1]]) *
          static_cast<double>(inputs[1][offsets[2] + k * loop.steps[2]]);
    }
    return;
  }
  for (std::int64_t k = 0; k < loop.extent; ++k) {
    add_products(loops, depth + 1, offsets, inputs, sums);
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      offsets[i] += loop.steps[i];
    }
  }
}

template <class T>
Tensor summed(const Call& call, std::span<const Tensor> inputs) {
  Tensor output(infer_einsum(call).front());
  std::vector<const T*> from;
  for (const Tensor& input : inputs) {
    from.push_back(input.values<T>().data());
  }
  std::vector<double> sums(static_cast<std::size_t>(output.size()));
  add_products<T>(loops(parse(call), output.shape(), inputs), 0,
                  std::vector<std::int64_t>(inputs.size() + 1), from, sums);
  std::transform(sums.begin(), sums.end(), output.values<T>().begin(),
                 [](double sum) { return static_cast<T>(sum); });
  return output;
}

std::vector<Tensor> forward_einsum(const Call& call, std::span<const Tensor> inputs) {
  return {inputs[0].type().type == DataType::float64 ? summed<double>(call, inputs)
                                                     : summed<float>(call, inputs)};
}

}  // namespace

void register_einsum(Registry<Operator>& registry) {
  registry.add({.name = "Einsum",
                .doc = "a sum of products over labelled axes",
                .kind = always<LayerKind::dense>,
                .infer = infer_einsum,
                .macs = macs_einsum,
                .forward = forward_einsum});
}

}  // namespace offcut::ops
