#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/runtime/service/answerer.h"

namespace offcut::runtime {

struct RequestedOutput {
  std::string name;
  bool binary = false;  // After the JSON of the answer, not in it.
};

/// A caller's request to a model.
struct InferRequest {
  std::optional<std::string> id;
  std::map<std::string, Tensor> inputs;  // Those of the model, with its types.
  std::vector<RequestedOutput> outputs;  // In the order of the answer.
};

/// Reads the body of an inference request. Its first `json_bytes` bytes are JSON, the rest binary
/// tensor data; without that number, all of it is JSON. Throws RequestError (400) with all errors
/// in the inputs and outputs, or with the first one in the JSON itself.
InferRequest read_infer_request(const ModelSpec& model, std::string_view body,
                                std::optional<std::size_t> json_bytes);

}  // namespace offcut::runtime
