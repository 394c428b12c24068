// Reads arbitrary bytes as inference requests: for libFuzzer, and for the regression test.

#include "tests/fuzz/infer_request.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/runtime/service/infer_reply.h"
#include "sim/runtime/service/infer_request.h"
#include "sim/runtime/service/request_error.h"
#include "sim/runtime/service/tensor_json.h"

namespace offcut::fuzz {
namespace {

void require_request(bool holds, const char* claim) {
  if (!holds) {
    std::fprintf(stderr, "broken: %s\n", claim);
    std::abort();
  }
}

/// Returns a model of all element types, each with the letter of its place.
const runtime::ModelSpec& model() {
  static const runtime::ModelSpec spec = [] {
    runtime::ModelSpec made{.name = "m"};
    for (int type = 1; type <= static_cast<int>(kLastDataType); ++type) {
      const std::string name(1, static_cast<char>('a' + type - 1));
      const Shape shape = type % 3 == 0 ? Shape{} : type % 3 == 1 ? Shape{2, 1} : Shape{2};
      made.inputs.push_back({name, {static_cast<DataType>(type), shape}});
    }
    made.outputs = made.inputs;
    return made;
  }();
  return spec;
}

/// Returns a model of only those inputs that the text names, so that few of them make a request.
runtime::ModelSpec named_inputs(std::string_view json) {
  runtime::ModelSpec some{.name = "m", .outputs = model().outputs};
  for (const runtime::TensorSpec& input : model().inputs) {
    if (json.find("\"" + input.name + "\"") != std::string_view::npos) {
      some.inputs.push_back(input);
    }
  }
  return some;
}

void check_json(std::string_view json) {
  try {
    const auto ignored = nlohmann::json::parse(json);
  } catch (const nlohmann::json::parse_error& error) {
    require_request(false, error.what());
  } catch (const nlohmann::json::out_of_range&) {
    // A number that no double holds, where its value has no effect.
  }
}

void check_tensor(const std::string& name, const Tensor& tensor) {
  std::string text;
  try {
    runtime::write_data(tensor, name, text);
  } catch (const runtime::RequestError&) {
    return;  // No JSON for it.
  }
  runtime::JsonCursor cursor(text);
  const Tensor back = runtime::read_data(cursor, tensor.type(), name);
  require_request(std::ranges::equal(back.bytes(), tensor.bytes()), "a tensor comes back");
}

void check_request(const runtime::ModelSpec& spec, const runtime::InferRequest& request) {
  for (const runtime::TensorSpec& input : spec.inputs) {
    const auto found = request.inputs.find(input.name);
    require_request(found != request.inputs.end(), "all inputs are there");
    require_request(found->second.type() == input.type, "inputs have the model's types");
    check_tensor(input.name, found->second);
  }
  const runtime::HttpReply reply = runtime::infer_reply(spec, request, {.outputs = request.inputs});
  require_request(reply.status != 200 || !reply.body.empty(), "there is an answer");
}

}  // namespace

void read_any_request(std::string_view bytes) {
  constexpr std::size_t kHead = 3;
  if (bytes.size() < kHead) {
    return;
  }
  const auto byte = [&](std::size_t i) {
    return std::size_t{static_cast<unsigned char>(bytes[i])};
  };
  const std::string_view body = bytes.substr(kHead);
  std::optional<std::size_t> json_bytes;
  if (byte(0) % 2 == 1) {
    json_bytes = byte(1) + 256 * byte(2);
  }
  const std::string_view json = body.substr(0, json_bytes.value_or(body.size()));
  const runtime::ModelSpec spec = named_inputs(json);
  try {
    const runtime::InferRequest request = runtime::read_infer_request(spec, body, json_bytes);
    check_json(json);
    check_request(spec, request);
  } catch (const runtime::RequestError& error) {
    require_request(*error.what() != '\0', "a refusal has a reason");
  }
}

}  // namespace offcut::fuzz
