// Writes the answers of inference requests: JSON, then the outputs that were asked for in binary
// form, in the order of the JSON.

#include "sim/runtime/service/infer_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <nlohmann/json.hpp>

#include "models/base/error.h"
#include "sim/runtime/service/datatypes.h"
#include "sim/runtime/service/request_error.h"
#include "sim/runtime/service/tensor_json.h"

namespace offcut::runtime {
namespace {

static_assert(std::endian::native == std::endian::little, "Binary tensor data is little-endian.");

HttpReply refusal(const CallResult& result) {
  switch (result.status) {
    case CallResult::Status::overloaded: {
      HttpReply reply = error_reply(429, result.reason);
      reply.fields.emplace_back("Retry-After", "1");
      return reply;
    }
    case CallResult::Status::unavailable:
      return error_reply(503, result.reason);
    case CallResult::Status::failed:
    case CallResult::Status::answered:
      break;
  }
  return error_reply(400, result.reason);
}

/// Appends an output to the JSON, and its binary form to `binary`.
void write_output(const RequestedOutput& output, const Tensor& tensor, std::string& json,
                  std::string& binary) {
  json += fmt::format(R"({{"name":{},"datatype":"{}","shape":{},)", json_string(output.name),
                      datatype(tensor.type().type), shape_text(tensor.shape()));
  if (output.binary) {
    const auto bytes = tensor.bytes();
    json += fmt::format(R"("parameters":{{"binary_data_size":{}}}}})", bytes.size());
    binary.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } else {
    json += R"("data":)";
    write_data(tensor, fmt::format("output {}", in_quotes(output.name)), json);
    json += '}';
  }
}

}  // namespace

std::string json_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

HttpReply error_reply(unsigned status, const std::string& text) {
  return {.status = status, .body = fmt::format(R"({{"error":{}}})", json_string(text))};
}

HttpReply infer_reply(const ModelSpec& model, const InferRequest& request,
                      const CallResult& result) {
  if (result.status != CallResult::Status::answered) {
    return refusal(result);
  }
  HttpReply reply;
  reply.body = fmt::format(R"({{"model_name":{},"model_version":"{}",)", json_string(model.name),
                           kModelVersion);
  if (request.id) {
    reply.body += fmt::format(R"("id":{},)", json_string(*request.id));
  }
  reply.body += R"("outputs":[)";
  std::string binary;
  bool first = true;
  try {
    for (const RequestedOutput& output : request.outputs) {
      const auto tensor = result.outputs.find(output.name);
      if (tensor == result.outputs.end()) {
        return error_reply(500, fmt::format("the model gave no output {}", in_quotes(output.name)));
      }
      reply.body += first ? "" : ",";
      first = false;
      write_output(output, tensor->second, reply.body, binary);
    }
  } catch (const RequestError& error) {
    return error_reply(error.status(), error.what());
  }
  reply.body += "]}";
  if (std::any_of(request.outputs.begin(), request.outputs.end(),
                  [](const RequestedOutput& output) { return output.binary; })) {
    reply.content_type = "application/octet-stream";
    reply.fields.emplace_back("Inference-Header-Content-Length", std::to_string(reply.body.size()));
    reply.body += binary;
  }
  return reply;
}

}  // namespace offcut::runtime
