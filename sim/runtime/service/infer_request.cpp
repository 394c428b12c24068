// Checks what a request states against the model, and makes its tensors, from JSON or from the
// bytes that follow it. All errors are collected: each names its input, what is expected and what
// came.

#include "sim/runtime/service/infer_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "models/base/error.h"
#include "models/base/readable.h"
#include "sim/runtime/service/datatypes.h"
#include "sim/runtime/service/request_error.h"
#include "sim/runtime/service/stated_request.h"
#include "sim/runtime/service/tensor_json.h"

namespace offcut::runtime {
namespace {

std::vector<std::string> names_of(const std::vector<TensorSpec>& specs) {
  std::vector<std::string> names;
  for (const TensorSpec& spec : specs) {
    names.push_back(spec.name);
  }
  return names;
}

Tensor read_binary(std::string_view bytes, const TensorType& type, const std::string& subject) {
  Tensor tensor(type);
  if (type.type == DataType::boolean &&
      std::any_of(bytes.begin(), bytes.end(), [](char byte) { return byte != 0 && byte != 1; })) {
    throw RequestError(400, fmt::format("{}: a BOOL is a byte 0 or 1", subject));
  }
  if (!bytes.empty()) {
    std::memcpy(tensor.bytes().data(), bytes.data(), bytes.size());
  }
  return tensor;
}

/// Makes the tensors of the stated inputs, and collects the errors.
class InputReader {
 public:
  InputReader(const ModelSpec& model, std::string_view binary, bool has_binary)
      : model_(model), binary_(binary), has_binary_(has_binary) {}

  std::map<std::string, Tensor> read(const std::vector<StatedInput>& inputs) {
    std::map<std::string, Tensor> tensors;
    for (const StatedInput& input : inputs) {
      const std::string_view bytes = take(input.binary_bytes.value_or(0));
      try {
        read_one(input, bytes, tensors);
      } catch (const RequestError& error) {
        errors_.push_back(error.what());
      }
    }
    for (const TensorSpec& spec : model_.inputs) {
      if (!named_.contains(spec.name)) {
        errors_.push_back(fmt::format("input {} is missing, expected {}", in_quotes(spec.name),
                                      protocol_text(spec.type)));
      }
    }
    if (has_binary_ && stated_bytes_ != binary_.size()) {
      errors_.push_back(
          fmt::format("the inputs' binary_data_size add up to {}, but {} follow the "
                      "JSON",
                      counted(stated_bytes_, "byte"), binary_.size()));
    }
    return tensors;
  }

  std::vector<std::string> errors() && { return std::move(errors_); }

 private:
  /// Returns the next bytes after the JSON; too few if they end before.
  std::string_view take(std::size_t bytes) {
    const std::string_view taken = binary_.substr(std::min(taken_, binary_.size()), bytes);
    taken_ += taken.size();
    stated_bytes_ += std::min(bytes, SIZE_MAX - stated_bytes_);
    return taken;
  }

  void read_one(const StatedInput& input, std::string_view bytes,
                std::map<std::string, Tensor>& tensors) {
    if (!input.name) {
      throw RequestError(400, "an input has no name");
    }
    const std::string subject = input_text(*input.name);
    const TensorSpec* spec = find_spec(model_.inputs, *input.name);
    if (spec == nullptr) {
      throw RequestError(400, fmt::format("there is no {}{}", subject,
                                          suggestion(*input.name, names_of(model_.inputs))));
    }
    if (!named_.insert(spec->name).second) {
      throw RequestError(400, fmt::format("{} comes twice", subject));
    }
    if (!input.datatype || !input.shape) {
      throw RequestError(
          400, fmt::format("{}: the {} is missing, expected {}", subject,
                           input.datatype ? "shape" : "datatype", protocol_text(spec->type)));
    }
    if (!input.has_type(spec->type)) {
      throw RequestError(400,
                         fmt::format("{}: expected {}, got {}", subject, protocol_text(spec->type),
                                     protocol_text(shortened(*input.datatype), *input.shape)));
    }
    tensors.emplace(spec->name, tensor_of(input, bytes, spec->type, subject));
  }

  Tensor tensor_of(const StatedInput& input, std::string_view bytes, const TensorType& type,
                   const std::string& subject) const {
    if (input.data.has_value() == input.binary_bytes.has_value()) {
      throw RequestError(400, fmt::format("{}: expected either data or the parameter "
                                          "binary_data_size",
                                          subject));
    }
    if (!input.tensor.absent()) {
      return input.tensor;
    }
    if (input.data) {
      JsonCursor cursor = *input.data;
      return read_data(cursor, type, subject);
    }
    if (!has_binary_) {
      throw RequestError(400,
                         fmt::format("{} has a binary_data_size, but the request has no header "
                                     "Inference-Header-Content-Length",
                                     subject));
    }
    if (*input.binary_bytes != static_cast<std::size_t>(type.bytes())) {
      throw RequestError(400, fmt::format("{}: expected a binary_data_size of {}, got {}", subject,
                                          type.bytes(), *input.binary_bytes));
    }
    if (bytes.size() != *input.binary_bytes) {
      throw RequestError(400, fmt::format("{}: expected {} after the JSON, got {}", subject,
                                          counted(*input.binary_bytes, "byte"), bytes.size()));
    }
    return read_binary(bytes, type, subject);
  }

  const ModelSpec& model_;
  std::string_view binary_;
  bool has_binary_;
  std::size_t taken_ = 0;
  std::size_t stated_bytes_ = 0;
  std::set<std::string> named_;
  std::vector<std::string> errors_;
};

std::vector<RequestedOutput> outputs_of(const Stated& stated, const ModelSpec& model,
                                        std::vector<std::string>& errors) {
  std::vector<RequestedOutput> outputs;
  if (stated.outputs.empty()) {
    for (const TensorSpec& spec : model.outputs) {
      outputs.push_back({spec.name, stated.binary});
    }
    return outputs;
  }
  std::set<std::string> named;
  for (const StatedOutput& output : stated.outputs) {
    if (!output.name) {
      errors.push_back("an output has no name");
    } else if (find_spec(model.outputs, *output.name) == nullptr) {
      errors.push_back(fmt::format("there is no output {}{}", in_quotes(*output.name),
                                   suggestion(*output.name, names_of(model.outputs))));
    } else if (!named.insert(*output.name).second) {
      errors.push_back(fmt::format("output {} comes twice", in_quotes(*output.name)));
    } else {
      outputs.push_back({*output.name, output.binary.value_or(stated.binary)});
    }
  }
  return outputs;
}

}  // namespace

InferRequest read_infer_request(const ModelSpec& model, std::string_view body,
                                std::optional<std::size_t> json_bytes) {
  if (json_bytes && *json_bytes > body.size()) {
    throw RequestError(
        400, fmt::format("Inference-Header-Content-Length is {}, but the body has {}", *json_bytes,
                         counted(body.size(), "byte")));
  }
  const std::size_t json_end = json_bytes.value_or(body.size());
  const Stated stated = read_stated(body.substr(0, json_end), model);
  if (!stated.inputs) {
    throw RequestError(400, "the request has no inputs");
  }
  InputReader reader(model, body.substr(json_end), json_bytes.has_value());
  InferRequest request{.id = stated.id, .inputs = reader.read(*stated.inputs)};
  std::vector<std::string> errors = std::move(reader).errors();
  request.outputs = outputs_of(stated, model, errors);
  if (!errors.empty()) {
    constexpr std::size_t kMostTold = 20;
    errors.resize(std::min(errors.size(), kMostTold));
    throw RequestError(400, fmt::format("{}", fmt::join(errors, "; ")));
  }
  return request;
}

}  // namespace offcut::runtime
