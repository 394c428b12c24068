// The routes of the Open Inference Protocol, without connections: who may do what, and the answers
// that need no computation.

#include "sim/runtime/service/front.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/base/error.h"
#include "models/base/lower_case.h"
#include "sim/runtime/service/datatypes.h"
#include "sim/runtime/service/infer_reply.h"
#include "sim/runtime/service/token.h"

namespace offcut::runtime {
namespace {

bool is_open(Route route) { return route == Route::live || route == Route::ready; }

std::string allowed(Route route) {
  return route == Route::infer ? "OPTIONS, POST" : "GET, HEAD, OPTIONS";
}

bool allows(Route route, const std::string& method) {
  return route == Route::infer ? method == "POST" : method == "GET" || method == "HEAD";
}

HttpReply with_field(HttpReply reply, std::string name, std::string value) {
  reply.fields.emplace_back(std::move(name), std::move(value));
  return reply;
}

HttpReply json_reply(const nlohmann::ordered_json& value, unsigned status = 200) {
  return {.status = status,
          .body = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

nlohmann::ordered_json tensors_json(const std::vector<TensorSpec>& specs) {
  auto list = nlohmann::ordered_json::array();
  for (const TensorSpec& spec : specs) {
    list.push_back(
        {{"name", spec.name}, {"datatype", datatype(spec.type.type)}, {"shape", spec.type.shape}});
  }
  return list;
}

HttpReply model_reply(const ModelSpec& model) {
  nlohmann::ordered_json json;
  json["name"] = model.name;
  json["versions"] = nlohmann::ordered_json::array({kModelVersion});
  json["platform"] = "onnx_onnxv1";
  json["inputs"] = tensors_json(model.inputs);
  json["outputs"] = tensors_json(model.outputs);
  return json_reply(json);
}

HttpReply server_reply(const std::string& version) {
  nlohmann::ordered_json json;
  json["name"] = "offcut";
  json["version"] = version;
  json["extensions"] = nlohmann::ordered_json::array({"binary_tensor_data"});
  return json_reply(json);
}

/// Returns the error of a body that the service can't read, if any.
std::optional<HttpReply> refuse_form(const RequestHead& head) {
  if (head.content_encoding && lower_case(*head.content_encoding) != "identity") {
    return error_reply(415,
                       fmt::format("the body is encoded as {}, but encodings are not supported",
                                   in_quotes(*head.content_encoding)));
  }
  if (!head.content_type) {
    return std::nullopt;
  }
  std::string type = lower_case(head.content_type->substr(0, head.content_type->find(';')));
  type.erase(type.find_last_not_of(" \t") + 1);
  if (type == "application/json" || type == "application/octet-stream") {
    return std::nullopt;
  }
  return error_reply(415, fmt::format("expected a body of type application/json or "
                                      "application/octet-stream, got {}",
                                      in_quotes(type)));
}

}  // namespace

Front::Front(Answerer& answerer, std::string token, std::string version)
    : answerer_(answerer), token_(std::move(token)), version_(std::move(version)) {}

std::optional<HttpReply> Front::refuse(const RequestHead& head, const Target& target) const {
  const ModelSpec& model = answerer_.spec();
  if (!target.model.empty() && target.model != model.name) {
    return error_reply(404, fmt::format("there is no model {}{}", in_quotes(target.model),
                                        suggestion(target.model, {{model.name}})));
  }
  if (!target.version.empty() && target.version != kModelVersion) {
    return error_reply(
        404, fmt::format("there is no version {} of {}, only {}", in_quotes(target.version),
                         in_quotes(model.name), kModelVersion));
  }
  if (head.method == "OPTIONS") {
    return with_field({.status = 204, .content_type = ""}, "Allow", allowed(target.route));
  }
  if (!allows(target.route, head.method)) {
    return with_field(error_reply(405, fmt::format("expected {}, got {}", allowed(target.route),
                                                   in_quotes(head.method))),
                      "Allow", allowed(target.route));
  }
  return target.route == Route::infer ? refuse_form(head) : std::nullopt;
}

HttpReply Front::get(const Target& target) const {
  const auto& object = nlohmann::ordered_json::object;
  const bool is_ready = answerer_.is_ready();
  const unsigned status = is_ready ? 200 : 503;
  switch (target.route) {
    case Route::server:
      return server_reply(version_);
    case Route::live:
      return json_reply(object({{"live", true}}));
    case Route::ready:
      return json_reply(object({{"ready", is_ready}}), status);
    case Route::model_ready:
      return json_reply(object({{"name", answerer_.spec().name}, {"ready", is_ready}}), status);
    case Route::model:
    case Route::infer:
    case Route::metrics:
      break;
  }
  return model_reply(answerer_.spec());
}

Decision Front::decide(const RequestHead& head) const {
  const auto target = parse_target(head.target);
  Decision decision;
  if (target) {
    decision.route = target->route;
  }
  if (!token_.empty() && !(target && is_open(target->route)) &&
      !(head.authorization && holds_token(*head.authorization, token_))) {
    decision.reply =
        with_field(error_reply(401,
                               "expected the header field 'Authorization: Bearer TOKEN' with the "
                               "service's token"),
                   "WWW-Authenticate", "Bearer");
    return decision;
  }
  if (!target) {
    decision.reply = error_reply(404, fmt::format("there is no path {}; see /v2/models/{}",
                                                  in_quotes(head.target), answerer_.spec().name));
    return decision;
  }
  decision.reply = refuse(head, *target);
  if (decision.reply || target->route == Route::metrics) {
    return decision;
  }
  if (target->route != Route::infer) {
    decision.reply = get(*target);
    return decision;
  }
  if (head.json_bytes) {
    const std::string& text = *head.json_bytes;
    std::size_t bytes = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      decision.reply = error_reply(400, fmt::format("Inference-Header-Content-Length: expected a "
                                                    "number of bytes, got {}",
                                                    in_quotes(text)));
      return decision;
    }
    decision.json_bytes = bytes;
  }
  return decision;
}

}  // namespace offcut::runtime
