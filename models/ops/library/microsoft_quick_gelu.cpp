// com.microsoft QuickGelu: x * sigmoid(alpha * x), with alpha = 1.702 by default (Hendrycks and
// Gimpel, "Gaussian Error Linear Units", 2016, section 2).

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct QuickGelu {
  explicit QuickGelu(const Attributes& attributes) : alpha(attributes.number("alpha", 1.702F)) {}
  float operator()(float x) const { return x / (1 + std::exp(-alpha * x)); }
  float alpha;
};

}  // namespace

void register_microsoft_quick_gelu(Registry<Operator>& registry) {
  registry.add(unary<QuickGelu>("com.microsoft.QuickGelu", "x * sigmoid(alpha * x)"));
}

}  // namespace offcut::ops
