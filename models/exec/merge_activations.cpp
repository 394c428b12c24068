// Activations that exporters write as several layers, all of them products of x and something else:
// SiLU (x sigmoid(x)), HardSwish, and GELU with erf (Hendrycks, Gimpel, arXiv 1606.08415, section
// 2) or with tanh (the approximation there).

#include <cmath>
#include <numbers>

#include "models/exec/passes.h"
#include "models/exec/pattern.h"

namespace offcut::exec {
namespace {

using Kind = Activation::Kind;

bool near(double a, double b) { return std::abs(a - b) <= 1e-6 * std::abs(b); }

/// An activation of x, and the operations that compute it.
struct FoundActivation {
  Kind kind;
  std::vector<std::size_t> operations;
};

void append(std::vector<std::size_t>& to, const std::vector<std::size_t>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// Returns whether the product is factor * x and nothing more.
bool is_multiple(const Product& product, double factor, TensorId x) {
  return near(product.factor, factor) && product.factors.size() == 1 &&
         product.factors.front().id == x;
}

/// Matches sigmoid(x).
std::optional<FoundActivation> silu_gate(const Program& program, const Operand& gate, TensorId x) {
  const auto sigmoid = made_by(program, gate, "Sigmoid");
  return sigmoid && program[*sigmoid].inputs[0].id == x
             ? std::optional(FoundActivation{Kind::silu, {*sigmoid}})
             : std::nullopt;
}

/// Matches HardSigmoid(x) with slope 1/6 and the value 1/2 at 0.
std::optional<FoundActivation> hard_gate(const Program& program, const Operand& gate, TensorId x) {
  const auto hard = made_by(program, gate, "HardSigmoid");
  if (!hard || program[*hard].inputs[0].id != x) {
    return std::nullopt;
  }
  const Attributes& a = program.layer(program[*hard]).attributes;
  return near(a.number("alpha", 0.2F), 1.0 / 6) && near(a.number("beta", 0.5F), 0.5)
             ? std::optional(FoundActivation{Kind::hard_swish, {*hard}})
             : std::nullopt;
}

/// Matches Clip(x + 3, 0, 6).
std::optional<FoundActivation> clipped_gate(const Program& program, const Operand& gate,
                                            TensorId x) {
  const auto clip = made_by(program, gate, "Clip");
  const auto activation =
      clip ? activation_of(program.graph(), program[*clip].layer) : std::nullopt;
  if (!activation || activation->low != 0 || activation->high != 6) {
    return std::nullopt;
  }
  const auto shifted = plus(program, program[*clip].inputs[0], 3);
  return shifted && shifted->operand.id == x
             ? std::optional(FoundActivation{Kind::hard_swish, {*clip, shifted->operation}})
             : std::nullopt;
}

/// Matches 1 + erf(x / sqrt(2)).
std::optional<FoundActivation> erf_gate(const Program& program, const Operand& gate, TensorId x) {
  const auto sum = plus(program, gate, 1);
  const auto erf = sum ? made_by(program, sum->operand, "Erf") : std::nullopt;
  if (!erf) {
    return std::nullopt;
  }
  const Product scaled = product_of(program, program[*erf].inputs[0]);
  FoundActivation found{Kind::gelu, {sum->operation, *erf}};
  append(found.operations, scaled.operations);
  return is_multiple(scaled, 1 / std::numbers::sqrt2, x) ? std::optional(found) : std::nullopt;
}

/// Matches x^3, as a power or a product, and returns its operations.
std::optional<std::vector<std::size_t>> cube(const Program& program, const Product& product,
                                             TensorId x) {
  const auto& factors = product.factors;
  if (factors.size() == 3 && factors[0].id == x && factors[1].id == x && factors[2].id == x) {
    return std::vector<std::size_t>{};
  }
  const auto power = factors.size() == 1 ? made_by(program, factors[0], "Pow") : std::nullopt;
  if (!power || program[*power].inputs[0].id != x ||
      scalar(program, program[*power].inputs[1]) != 3.0F) {
    return std::nullopt;
  }
  return std::vector<std::size_t>{*power};
}

/// Matches 1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)).
std::optional<FoundActivation> tanh_gate(const Program& program, const Operand& gate, TensorId x) {
  const auto sum = plus(program, gate, 1);
  const auto tanh = sum ? made_by(program, sum->operand, "Tanh") : std::nullopt;
  if (!tanh) {
    return std::nullopt;
  }
  const Product scaled = product_of(program, program[*tanh].inputs[0]);
  const auto inner =
      scaled.factors.size() == 1 ? made_by(program, scaled.factors[0], "Add") : std::nullopt;
  if (!inner || !near(scaled.factor, std::sqrt(2 / std::numbers::pi))) {
    return std::nullopt;
  }
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const Product third = product_of(program, program[*inner].inputs[1 - side]);
    const auto power = cube(program, third, x);
    if (program[*inner].inputs[side].id == x && power && near(third.factor, 0.044715)) {
      FoundActivation found{Kind::gelu_tanh, {sum->operation, *tanh, *inner}};
      append(found.operations, scaled.operations);
      append(found.operations, third.operations);
      append(found.operations, *power);
      return found;
    }
  }
  return std::nullopt;
}

std::optional<FoundActivation> gate_of(const Program& program, const Operand& gate, TensorId x,
                                       double factor) {
  using Function = std::optional<FoundActivation> (*)(const Program&, const Operand&, TensorId);
  struct Form {
    double factor;
    Function find;
  };
  for (const Form& form : {Form{1, silu_gate}, Form{1, hard_gate}, Form{1.0 / 6, clipped_gate},
                           Form{0.5, erf_gate}, Form{0.5, tanh_gate}}) {
    if (near(factor, form.factor)) {
      if (auto found = form.find(program, gate, x)) {
        return found;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

void merge_activations(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i) ||
        !(program.has_op(program[i], "Mul") || program.has_op(program[i], "Div")) ||
        !is_float(program, output_of(program, i))) {
      continue;
    }
    const Product product = product_of(program, output_of(program, i));
    for (std::size_t side = 0; product.factors.size() == 2 && side < 2; ++side) {
      const Operand& x = product.factors[side];
      const auto found = gate_of(program, product.factors[1 - side], x.id, product.factor);
      if (!found || program.is_constant(x) ||
          program.type(x) != program.type(output_of(program, i))) {
        continue;
      }
      std::vector<std::size_t> all = product.operations;
      append(all, found->operations);
      if (merge_if_closed(program, all,
                          {.group = Elementwise{},
                           .inputs = {x},
                           .activation = Activation{.kind = found->kind}})) {
        break;
      }
    }
  }
}

}  // namespace offcut::exec
