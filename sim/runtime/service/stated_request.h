#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/runtime/service/answerer.h"
#include "sim/runtime/service/json_cursor.h"

namespace offcut::runtime {

/// The statements of an element of "inputs".
struct StatedInput {
  std::optional<std::string> name;
  std::optional<std::string> datatype;
  std::optional<Shape> shape;
  std::optional<std::size_t> binary_bytes;
  std::optional<JsonCursor> data;  // Before its value.
  Tensor tensor;                   // The value, if it was read at once.

  bool has_type(const TensorType& type) const;
};

struct StatedOutput {
  std::optional<std::string> name;
  std::optional<bool> binary;
};

/// The request as its JSON states it.
struct Stated {
  std::optional<std::string> id;
  std::optional<std::vector<StatedInput>> inputs;
  std::vector<StatedOutput> outputs;
  bool binary = false;  // Outputs that don't say.
};

/// Reads the JSON of an inference request, by the Open Inference Protocol and its extension for
/// binary tensor data. Unknown keys and parameters have no effect. Throws RequestError (400).
Stated read_stated(std::string_view json, const ModelSpec& model);

/// Returns the input or output of that name, or null.
const TensorSpec* find_spec(const std::vector<TensorSpec>& specs, const std::string& name);

std::string input_text(const std::string& name);  // "input 'x'"

}  // namespace offcut::runtime
