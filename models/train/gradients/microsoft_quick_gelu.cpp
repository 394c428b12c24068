// The derivative of QuickGelu of ONNX Runtime's domain: with s = sigmoid(alpha * x), s + alpha * x
// * s * (1 - s).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct MicrosoftQuickGeluSlope {
  float alpha;

  explicit MicrosoftQuickGeluSlope(const Attributes& attributes)
      : alpha(attributes.number("alpha", 1.702F)) {}
  template <class T>
  T operator()(T x) const {
    const T a = as<T>(alpha);
    const T s = 1 / (1 + std::exp(-a * x));
    return s + a * x * s * (1 - s);
  }
};

}  // namespace

void register_microsoft_quick_gelu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<MicrosoftQuickGeluSlope, Reads::input>(
      "com.microsoft.QuickGelu", "s + alpha * x * s * (1 - s) with s = sigmoid(alpha * x)"));
}

}  // namespace offcut::train
