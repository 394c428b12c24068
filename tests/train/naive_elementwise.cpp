// Functions of elements in float64, from their definitions.

#include <cmath>
#include <numbers>

#include "models/ops/broadcast.h"
#include "tests/train/sample.h"

namespace offcut::train {
namespace {

using Unary = double (*)(double x, const Attributes& a);

Naive on_each(Unary f) {
  return [f](const Sample& s) {
    Tensor y(s.inputs[0].type());
    for (std::size_t i = 0; i < y.values<double>().size(); ++i) {
      y.values<double>()[i] = f(s.inputs[0].values<double>()[i], s.attributes);
    }
    return std::vector<Tensor>{y};
  };
}

Tensor on_pairs(const Tensor& a, const Tensor& b, double (*f)(double, double)) {
  const ops::Broadcast pairs(a.shape(), b.shape());
  Tensor y(TensorType{DataType::float64, pairs.shape()});
  pairs.for_each_run([&](std::int64_t at_a, std::int64_t at_b, std::int64_t at, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      y.values<double>().data()[at + i] = f(a.values<double>().data()[at_a + i * pairs.a_step()],
                                            b.values<double>().data()[at_b + i * pairs.b_step()]);
    }
  });
  return y;
}

double softplus_of(double x) { return std::log1p(std::exp(x)); }

double gelu_of(double x, const Attributes& a) {
  if (a.text("approximate", "none") == "tanh") {
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  }
  return 0.5 * x * (1 + std::erf(x / std::numbers::sqrt2));
}

double shrink_of(double x, const Attributes& a) {
  const double bias = a.number("bias", 0);
  return x < -0.5 ? x + bias : x > 0.5 ? x - bias : 0;
}

std::map<std::string, Unary> first_formulas() {
  return {
      {"Acos", [](double x, const Attributes&) { return std::acos(x); }},
      {"Acosh", [](double x, const Attributes&) { return std::acosh(x); }},
      {"Asin", [](double x, const Attributes&) { return std::asin(x); }},
      {"Asinh", [](double x, const Attributes&) { return std::asinh(x); }},
      {"Atan", [](double x, const Attributes&) { return std::atan(x); }},
      {"Atanh", [](double x, const Attributes&) { return std::atanh(x); }},
      {"Ceil", [](double x, const Attributes&) { return std::ceil(x); }},
      {"Celu",
       [](double x, const Attributes& a) {
         const double alpha = a.number("alpha", 1);
         return x > 0 ? x : alpha * std::expm1(x / alpha);
       }},
      {"Cos", [](double x, const Attributes&) { return std::cos(x); }},
      {"Cosh", [](double x, const Attributes&) { return std::cosh(x); }},
      {"Elu",
       [](double x, const Attributes& a) {
         return x > 0 ? x : static_cast<double>(a.number("alpha", 1)) * std::expm1(x);
       }},
      {"Erf", [](double x, const Attributes&) { return std::erf(x); }},
      {"Exp", [](double x, const Attributes&) { return std::exp(x); }},
      {"Floor", [](double x, const Attributes&) { return std::floor(x); }},
      {"Gelu", gelu_of},
      {"HardSigmoid",
       [](double x, const Attributes& a) {
         return std::fmin(1, std::fmax(0, static_cast<double>(a.number("alpha", 0)) * x + 0.5));
       }},
  };
}

std::map<std::string, Unary> other_formulas() {
  return {
      {"HardSwish",
       [](double x, const Attributes&) { return x * std::fmin(1, std::fmax(0, x / 6 + 0.5)); }},
      {"LeakyRelu",
       [](double x, const Attributes& a) {
         return x > 0 ? x : static_cast<double>(a.number("alpha", 0.01F)) * x;
       }},
      {"Log", [](double x, const Attributes&) { return std::log(x); }},
      {"Mish", [](double x, const Attributes&) { return x * std::tanh(softplus_of(x)); }},
      {"Reciprocal", [](double x, const Attributes&) { return 1 / x; }},
      {"Relu", [](double x, const Attributes&) { return std::fmax(0, x); }},
      {"Round", [](double x, const Attributes&) { return std::nearbyint(x); }},
      {"Selu",
       [](double x, const Attributes& a) {
         const double alpha = a.number("alpha", 1.67326319F);
         return static_cast<double>(a.number("gamma", 1.05070102F)) *
                (x > 0 ? x : alpha * std::expm1(x));
       }},
      {"Shrink", shrink_of},
      {"Sigmoid", [](double x, const Attributes&) { return 1 / (1 + std::exp(-x)); }},
      {"Sign", [](double x, const Attributes&) { return x > 0   ? 1.0
                                                        : x < 0 ? -1.0
                                                                : 0.0; }},
      {"Sin", [](double x, const Attributes&) { return std::sin(x); }},
      {"Sinh", [](double x, const Attributes&) { return std::sinh(x); }},
      {"Softplus", [](double x, const Attributes&) { return softplus_of(x); }},
      {"Softsign", [](double x, const Attributes&) { return x / (1 + std::abs(x)); }},
      {"Sqrt", [](double x, const Attributes&) { return std::sqrt(x); }},
      {"Tan", [](double x, const Attributes&) { return std::tan(x); }},
      {"Tanh", [](double x, const Attributes&) { return std::tanh(x); }},
      {"ThresholdedRelu", [](double x, const Attributes&) { return x > 1 ? x : 0.0; }},
      {"com.microsoft.QuickGelu",
       [](double x, const Attributes& a) {
         return x / (1 + std::exp(-static_cast<double>(a.number("alpha", 1.702F)) * x));
       }},
  };
}

}  // namespace

void add_naive_elementwise(std::map<std::string, Naive>& all) {
  std::map<std::string, Unary> unary = first_formulas();
  unary.merge(other_formulas());
  for (const auto& [name, f] : unary) {
    all[name] = on_each(f);
  }
  all["Clip"] = [](const Sample& s) {
    const bool no_low = s.inputs.size() > 1 && s.inputs[1].absent();
    Tensor y(s.inputs[0].type());
    for (std::size_t i = 0; i < y.values<double>().size(); ++i) {
      const double x = s.inputs[0].values<double>()[i];
      y.values<double>()[i] = std::fmin(0.5, no_low ? x : std::fmax(-1, x));
    }
    return std::vector<Tensor>{y};
  };
  all["Pow"] = [](const Sample& s) {
    return std::vector<Tensor>{
        on_pairs(s.inputs[0], s.inputs[1], [](double a, double b) { return std::pow(a, b); })};
  };
  all["PRelu"] = [](const Sample& s) {
    return std::vector<Tensor>{on_pairs(
        s.inputs[0], s.inputs[1], [](double x, double slope) { return x < 0 ? slope * x : x; })};
  };
  all["Mean"] = [](const Sample& s) {
    Tensor sum = s.inputs[0];
    for (std::size_t i = 1; i < s.inputs.size(); ++i) {
      sum = on_pairs(sum, s.inputs[i], [](double a, double b) { return a + b; });
    }
    Tensor mean(sum.type());
    for (std::size_t i = 0; i < mean.values<double>().size(); ++i) {
      mean.values<double>()[i] = sum.values<double>()[i] / static_cast<double>(s.inputs.size());
    }
    return std::vector<Tensor>{mean};
  };
}

}  // namespace offcut::train
