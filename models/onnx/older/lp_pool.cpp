// LpPool and GlobalLpPool of opset 1: the order `p` is a real number; from opset 2 on it is whole.

#include <cmath>
#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_order(OlderNode& older) {
  const ::onnx::AttributeProto* const p = older.attribute("p");
  if (p == nullptr || p->type() != ::onnx::AttributeProto::FLOAT) {
    return;
  }
  if (p->f() != std::nearbyint(p->f())) {
    throw std::invalid_argument("attribute 'p' is not a whole number, which is not supported");
  }
  older.set_integer("p", static_cast<std::int64_t>(p->f()));
}

}  // namespace

void register_lp_pool(Registry<OlderForm>& registry) {
  registry.add({.name = "LpPool", .until = 1, .rewrite = rewrite_order});
  registry.add({.name = "GlobalLpPool", .until = 1, .rewrite = rewrite_order});
}

}  // namespace offcut::onnx
