#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <stdexcept>

#include "models/base/random.h"
#include "models/ops/arguments.h"
#include "models/ops/convert.h"
#include "models/ops/invoke.h"
#include "models/zoo/network.h"
#include "tests/train/sample.h"

namespace offcut::train::gradients_test {

namespace {

const Registry<ops::Operator>& operators() {
  static const Registry<ops::Operator> registry = [] {
    Registry<ops::Operator> filled;
    ops::register_operators(filled);
    return filled;
  }();
  return registry;
}

const Registry<Gradient>& gradients() {
  static const Registry<Gradient> registry = [] {
    Registry<Gradient> filled;
    register_gradients(filled);
    return filled;
  }();
  return registry;
}

/// A sample's call with everything that it points to.
class Use {
 public:
  explicit Use(const Sample& s) : sample_(s) {
    for (std::size_t i = 0; i < s.inputs.size(); ++i) {
      types_.push_back(s.inputs[i].type());
      const bool constant =
          std::find(s.constants.begin(), s.constants.end(), i) != s.constants.end();
      owned_.push_back(constant ? std::make_shared<Parameter>([v = s.inputs[i]] { return v; })
                                : nullptr);
      known_.push_back(owned_.back().get());
    }
  }
  ops::Call call() const {
    return {sample_.attributes, sample_.opset, types_, known_, sample_.outputs};
  }

 private:
  const Sample& sample_;
  std::vector<TensorType> types_;
  std::vector<std::shared_ptr<Parameter>> owned_;
  std::vector<const Parameter*> known_;
};

std::vector<TensorType> output_types(const std::string& op, const Sample& s) {
  std::vector<TensorType> types;
  try {
    types = ops::infer_outputs(*operators().find(op), Use(s).call());
  } catch (const ops::NoFloat64&) {
    throw std::logic_error("float64 should be computed in float32");
  }
  types.resize(s.outputs);
  return types;
}

/// The same sample in float32.
Sample in_float32(const Sample& s) {
  Sample narrow = s;
  for (Tensor& input : narrow.inputs) {
    if (input.type().type == DataType::float64) {
      input = ops::convert(input, DataType::float32);
    }
  }
  if (narrow.attributes.has("to")) {
    narrow.attributes.set("to", std::int64_t{1});
  }
  return narrow;
}

bool computes_in_float64(const std::string& op, const Sample& s) {
  try {
    operators().find(op)->infer(Use(s).call());
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// Returns whether the operator accepts the sample.
bool is_valid(const std::string& op, const Sample& s) {
  try {
    const Sample narrow = in_float32(s);
    const auto types = ops::infer_outputs(*operators().find(op), Use(narrow).call());
    return elements(types.front().shape) > 0;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

/// The forward pass in float64, in training: naive, or the operator's own where it has one.
Trained forward_in_double(const std::string& op, const Sample& s) {
  static const auto naive = naive_forwards();
  const Gradient& gradient = *gradients().find(op);
  Trained result;
  if (gradient.forward != nullptr) {
    result = gradient.forward(Use(s).call(), s.inputs, random_stream(1, "test"));
  }
  if (const auto it = naive.find(op); it != naive.end()) {
    result.outputs = it->second(s);
  } else if (gradient.forward == nullptr) {
    REQUIRE_MESSAGE(computes_in_float64(op, s), op << " needs a naive forward pass in float64");
    result.outputs = ops::run_operator(*operators().find(op), Use(s).call(), s.inputs);
  }
  return result;
}

/// The loss of the tests: the outputs' elements, weighted.
double weighted_sum(const std::vector<Tensor>& outputs, const std::vector<Tensor>& weights) {
  double sum = 0;
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    for (std::size_t i = 0; i < outputs[o].values<double>().size(); ++i) {
      sum += outputs[o].values<double>()[i] * weights[o].values<double>()[i];
    }
  }
  return sum;
}

/// Returns the difference quotient of fourth order for one element of an input.
double difference(const std::string& op, Sample s, const std::vector<Tensor>& weights,
                  std::size_t input, std::size_t element) {
  constexpr double kStep = 5e-4;
  const double x = s.inputs[input].values<double>()[element];
  const auto loss_at = [&](double distance) {
    Sample moved = s;
    moved.inputs[input] = Tensor(s.inputs[input].type());
    std::copy(s.inputs[input].values<double>().begin(), s.inputs[input].values<double>().end(),
              moved.inputs[input].values<double>().begin());
    moved.inputs[input].values<double>()[element] = x + distance;
    return weighted_sum(forward_in_double(op, moved).outputs, weights);
  };
  return (8 * (loss_at(kStep) - loss_at(-kStep)) - loss_at(2 * kStep) + loss_at(-2 * kStep)) /
         (12 * kStep);
}

std::vector<bool> wanted_of(const Sample& s) {
  std::vector<bool> wanted;
  for (std::size_t i = 0; i < s.inputs.size(); ++i) {
    wanted.push_back(s.inputs[i].type().type == DataType::float64 &&
                     std::find(s.not_checked.begin(), s.not_checked.end(), i) ==
                         s.not_checked.end());
  }
  return wanted;
}

/// Returns the gradients, giving the function exactly what it says that it reads.
std::vector<Tensor> gradients_of(const std::string& op, const Sample& s, const Trained& trained,
                                 const std::vector<Tensor>& slopes,
                                 const std::vector<bool>& wanted) {
  const Gradient& gradient = *gradients().find(op);
  std::vector<Tensor> inputs = s.inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const bool constant = std::find(s.constants.begin(), s.constants.end(), i) != s.constants.end();
    if (!constant && !gradient.reads_inputs.has(i)) {
      inputs[i] = Tensor();
    }
  }
  const std::vector<Tensor> outputs =
      gradient.reads_outputs ? trained.outputs : std::vector<Tensor>(trained.outputs.size());
  std::vector<TensorType> types;
  for (const Tensor& output : trained.outputs) {
    types.push_back(output.type());
  }
  const Use use(s);
  return gradient.backward(
      {*operators().find(op), use.call(), inputs, outputs, types, trained.saved, slopes, wanted});
}

void check_gradient(const std::string& op, const Sample& s, Draw& draw) {
  const Trained trained = forward_in_double(op, s);
  std::vector<Tensor> slopes;
  for (const Tensor& output : trained.outputs) {
    slopes.push_back(draw.tensor(output.shape()));
  }
  const std::vector<bool> wanted = wanted_of(s);
  const std::vector<Tensor> found = gradients_of(op, s, trained, slopes, wanted);
  REQUIRE(found.size() == s.inputs.size());
  for (std::size_t input = 0; input < s.inputs.size(); ++input) {
    if (!wanted[input]) {
      continue;
    }
    CAPTURE(input);
    REQUIRE(found[input].type() == s.inputs[input].type());
    const auto values = found[input].values<double>();
    double greatest = 0;
    for (const double value : values) {
      greatest = std::max(greatest, std::abs(value));
    }
    for (std::int64_t tried = 0; tried < 8; ++tried) {
      const auto element =
          static_cast<std::size_t>(draw.between(0, static_cast<std::int64_t>(values.size()) - 1));
      const double expected = difference(op, s, slopes, input, element);
      CAPTURE(element);
      CAPTURE(expected);
      CAPTURE(values[element]);
      // Relative to the element, or to a hundredth of the largest one if it is near 0.
      const double scale = std::max(std::abs(expected), greatest / 100);
      REQUIRE(std::abs(values[element] - expected) <= 1e-6 * scale + 1e-9);
    }
  }
}

/// Returns the operators with gradients, without the two that lead to integers and back, of which
/// there are no differences: tests/compress/quantisation_aware_test.cpp has their slopes.
std::vector<std::string> derived_operators() {
  std::vector<std::string> names = gradients().names();
  std::erase(names, "QuantizeLinear");
  std::erase(names, "DequantizeLinear");
  return names;
}

constexpr int kSamples = 100;

/// Calls f(sample, draw) for 100 valid samples of an operator.
template <class F>
void for_each_sample(const std::string& op, F f) {
  static const auto all = makers();
  const auto maker = all.find(op);
  REQUIRE_MESSAGE(maker != all.end(), op << " has a gradient, but no maker of samples");
  Draw draw(17);
  int valid = 0;
  for (int tried = 0; valid < kSamples; ++tried) {
    REQUIRE_MESSAGE(tried < 50 * kSamples, op << ": too few of the samples are valid");
    const Sample s = maker->second(draw);
    if (is_valid(op, s)) {
      ++valid;
      CAPTURE(op);
      CAPTURE(valid);
      f(s, draw);
    }
  }
}

}  // namespace

}  // namespace offcut::train::gradients_test

namespace offcut::train {

Shape output_shape(const std::string& op, const Sample& s) {
  return gradients_test::output_types(op, s).front().shape;
}

}  // namespace offcut::train

namespace offcut::train::gradients_test {

TEST_CASE("every gradient equals central differences in float64 on 100 random shapes" *
          doctest::test_suite("slow")) {
  for (const std::string& op : derived_operators()) {
    for_each_sample(op, [&](const Sample& s, Draw& draw) { check_gradient(op, s, draw); });
  }
}

TEST_CASE("the naive forward passes compute what the operators compute") {
  for (const auto& [op, naive] : naive_forwards()) {
    if (op == "BatchNormalization") {
      continue;  // The operator is inference; see below.
    }
    for_each_sample(op, [&, &name = op, &forward = naive](const Sample& s, Draw&) {
      const Sample narrow = in_float32(s);
      const Tensor expected =
          ops::run_operator(*operators().find(name), Use(narrow).call(), narrow.inputs).front();
      const Tensor computed = forward(s).front();
      REQUIRE(computed.shape() == expected.shape());
      for (std::size_t i = 0; i < computed.values<double>().size(); ++i) {
        REQUIRE(computed.values<double>()[i] ==
                doctest::Approx(expected.values<float>()[i]).epsilon(1e-4));
      }
    });
  }
}

TEST_CASE("a gradient in float32 is that in float64, rounded") {
  for (const std::string& op : derived_operators()) {
    for_each_sample(op, [&](const Sample& s, Draw& draw) {
      const Sample narrow = in_float32(s);
      const Trained wide = forward_in_double(op, s);
      Trained rounded;
      if (gradients().find(op)->forward != nullptr) {
        rounded = gradients().find(op)->forward(Use(narrow).call(), narrow.inputs,
                                                random_stream(1, "test"));
      }
      std::vector<Tensor> slopes, narrow_slopes;
      rounded.outputs.clear();
      for (const Tensor& output : wide.outputs) {
        slopes.push_back(draw.tensor(output.shape()));
        narrow_slopes.push_back(ops::convert(slopes.back(), DataType::float32));
        rounded.outputs.push_back(ops::convert(output, DataType::float32));
      }
      const std::vector<bool> wanted = wanted_of(s);
      const auto expected = gradients_of(op, s, wide, slopes, wanted);
      const auto found = gradients_of(op, narrow, rounded, narrow_slopes, wanted);
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        for (std::size_t k = 0; wanted[i] && k < expected[i].values<double>().size(); ++k) {
          REQUIRE(found[i].values<float>()[k] ==
                  doctest::Approx(expected[i].values<double>()[k]).epsilon(1e-3).scale(1));
        }
      }
    });
  }
}

/// Returns the operators of the networks of the zoo that have no gradient, with one such network.
std::map<std::string, std::string> without_gradient() {
  Registry<zoo::Network> networks;
  zoo::register_networks(networks);
  std::map<std::string, std::string> missing;
  for (const auto& [name, network] : networks) {
    const Graph graph = network.build(operators(), 1);
    for (LayerId id = 0; id < graph.layer_count(); ++id) {
      if (gradients().find(graph.layer(id).op_name) == nullptr) {
        missing[graph.layer(id).op_name] = name;
      }
    }
  }
  return missing;
}

TEST_CASE("every operator of the zoo has a gradient") {
  CHECK(without_gradient() == std::map<std::string, std::string>{});
}

}  // namespace offcut::train::gradients_test
