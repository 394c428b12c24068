// Tile up to opset 5 repeats along one axis: its inputs are the number of tiles and the axis. From
// opset 6 on there is a number for each axis.

#include <cmath>
#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

std::int64_t tile_number(const OlderNode& older, int input) {
  const Tensor* const value = input < older.node.input_size()
                                  ? older.graph.constant_value(older.node.input(input))
                                  : nullptr;
  if (value == nullptr || value->size() != 1) {
    throw std::invalid_argument("tiles and axis must be constants of one number");
  }
  if (value->type().type == DataType::float32) {
    return std::lround(value->values<float>().front());
  }
  if (value->type().type == DataType::int64) {
    return value->values<std::int64_t>().front();
  }
  throw std::invalid_argument("tiles and axis must be float32 or int64");
}

void rewrite_tile(OlderNode& older) {
  const std::size_t rank = older.graph.type(older.node.input(0)).shape.size();
  const std::int64_t tiles = tile_number(older, 1);
  const std::int64_t axis = tile_number(older, 2);
  std::vector<std::int64_t> repeats(rank, 1);
  if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) {
    throw std::invalid_argument("the axis is out of range");
  }
  repeats[static_cast<std::size_t>(axis)] = tiles;
  older.node.mutable_input()->DeleteSubrange(1, 2);
  older.add_input("repeats", repeats);
}

}  // namespace

void register_tile(Registry<OlderForm>& registry) {
  registry.add({.name = "Tile", .until = 5, .rewrite = rewrite_tile});
}

}  // namespace offcut::onnx
