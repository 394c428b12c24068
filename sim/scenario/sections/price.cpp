#include "sim/scenario/sections/price.h"

namespace offcut::scenario {
namespace {

constexpr double kMostPrice = 1e9;

}  // namespace

double read_price(MapReader& reader) {
  return reader.raw("price") == nullptr
             ? 0
             : reader.number("price", Dimension::number, {}, {.least = 0, .most = kMostPrice});
}

}  // namespace offcut::scenario
