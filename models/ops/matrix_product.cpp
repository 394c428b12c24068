#include "models/ops/matrix_product.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::ops {
namespace {

MatrixProduct::Operand operand(const Shape& shape, bool left) {
  if (shape.empty()) {
    throw std::invalid_argument("a scalar cannot be multiplied as a matrix");
  }
  if (shape.size() == 1) {
    return left ? MatrixProduct::Operand{{}, 1, shape[0]} : MatrixProduct::Operand{{}, shape[0], 1};
  }
  return {Shape(shape.begin(), shape.end() - 2), shape[shape.size() - 2], shape.back()};
}

}  // namespace

double MatrixProduct::macs() const {
  return static_cast<double>(elements(shape)) * static_cast<double>(a.columns);
}

MatrixProduct MatrixProduct::merged() const {
  MatrixProduct product = *this;
  if (b.batch.empty()) {
    product.a.rows *= elements(a.batch);
    product.a.batch.clear();
  }
  return product;
}

MatrixProduct matrix_product_of(const Shape& a, const Shape& b) {
  MatrixProduct product{operand(a, true), operand(b, false), {}};
  if (product.a.columns != product.b.rows) {
    throw std::invalid_argument(
        fmt::format("A of {} and B of {} do not fit", to_text(a), to_text(b)));
  }
  product.shape = Broadcast(product.a.batch, product.b.batch).shape();
  if (a.size() > 1) {
    product.shape.push_back(product.a.rows);
  }
  if (b.size() > 1) {
    product.shape.push_back(product.b.columns);
  }
  return product;
}

}  // namespace offcut::ops
