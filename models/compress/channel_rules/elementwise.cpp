// Operators that compute each element from the elements at the same place, with broadcasting: axes
// are aligned at the last one, and those of the same extent are tied. An axis of extent 1 is read
// for every position and stays.
#include <algorithm>
#include <string_view>

#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

/// The operators, with spaces between them.
constexpr std::string_view kElementwise =
    "Abs Acos Acosh Add And Asin Asinh Atan Atanh BitShift BitwiseAnd BitwiseNot BitwiseOr "
    "BitwiseXor Cast Ceil Celu Clip Cos Cosh Div Dropout Elu Equal Erf Exp Floor Gelu Greater "
    "GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Less LessOrEqual Log "
    "Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Shrink Sigmoid "
    "Sign Sin Sinh Softplus Softsign Sqrt Sub Sum Tan Tanh ThresholdedRelu Where Xor "
    "com.microsoft.BiasGelu com.microsoft.FastGelu com.microsoft.Gelu com.microsoft.QuickGelu";

std::vector<std::string> operators_in(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

void tie_elementwise(LayerAxes& axes) {
  for (std::size_t output = 0; output < axes.outputs(); ++output) {
    const Shape& y = axes.out_shape(output);
    for (std::size_t input = 0; input < axes.layer().inputs.size(); ++input) {
      if (!axes.has(input)) {
        continue;
      }
      const Shape& x = axes.in_shape(input);
      for (std::size_t axis = y.size() - std::min(x.size(), y.size()); axis < y.size(); ++axis) {
        const std::size_t of_input = axis + x.size() - y.size();
        if (x[of_input] == y[axis]) {
          axes.tie(axes.in(input, of_input), axes.out(output, axis));
        }
      }
    }
  }
}

}  // namespace

void register_elementwise(Registry<ChannelRule>& registry) {
  registry.add(
      {.name = "elementwise",
       .doc = "positions of all operands, aligned at the last axis; an extent of 1 is broadcast",
       .operators = operators_in(kElementwise),
       .tie = tie_elementwise});
}

}  // namespace offcut::compress
