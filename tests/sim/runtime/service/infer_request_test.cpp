#include "sim/runtime/service/infer_request.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "sim/runtime/service/infer_reply.h"
#include "sim/runtime/service/request_error.h"
#include "sim/runtime/service/tensor_json.h"
#include "tests/sim/runtime/service/small_model.h"

namespace offcut::runtime::infer_request_test {
namespace {

InferRequest read(const std::string& body, std::optional<std::size_t> json_bytes = {}) {
  const SmallModel model;
  return read_infer_request(model.spec(), body, json_bytes);
}

std::string error_of(const std::string& body, std::optional<std::size_t> json_bytes = {}) {
  try {
    read(body, json_bytes);
    return "";
  } catch (const RequestError& error) {
    CHECK(error.status() == 400);
    return error.what();
  }
}

/// Returns a request with one input, of which `keys` are changed or added.
std::string with_input(const std::string& keys) { return R"({"inputs":[{)" + keys + "}]}"; }
const std::string kX = R"("name":"x","datatype":"FP32","shape":[2,3])";

std::vector<float> values_of(const InferRequest& request) {
  const auto values = request.inputs.at("x").values<float>();
  return {values.begin(), values.end()};
}

Tensor read_tensor(const TensorType& type, const std::string& text) {
  JsonCursor cursor(text);
  return read_data(cursor, type, "input 'x'");
}

std::string tensor_error(const TensorType& type, const std::string& text) {
  try {
    read_tensor(type, text);
    return "";
  } catch (const RequestError& error) {
    return error.what();
  }
}

template <class T>
void check_round_trip(const std::vector<T>& values) {
  const Tensor tensor(Shape{static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
  std::string text;
  write_data(tensor, "output 'y'", text);
  const Tensor back = read_tensor(tensor.type(), text);
  CHECK(std::memcmp(back.bytes().data(), tensor.bytes().data(), tensor.bytes().size()) == 0);
}

}  // namespace

TEST_CASE("read_infer_request: flat and nested data, in any order of the keys") {
  const std::vector<float> expected = {1, 2, 3, 4, 5, 6.5f};
  CHECK(values_of(read(with_input(kX + R"(,"data":[1,2,3,4,5,6.5])"))) == expected);
  CHECK(values_of(read(with_input(kX + R"(,"data":[[1,2,3],[4,5,6.5]])"))) == expected);
  CHECK(values_of(read(with_input(R"("data":[1,2,3,4,5,6.5],)" + kX))) == expected);
  CHECK(!read(with_input(kX + R"(,"data":[1,2,3,4,5,6])")).id);
  const auto request =
      read(R"( {"unknown":[{}],"id":"42","parameters":{"other":1},"inputs":[{)" + kX +
           R"(,"data":[1,2,3,4,5,6]}],"outputs":[{"name":"big","parameters":)"
           R"({"binary_data":true}}]} )");
  CHECK(request.id == "42");
  REQUIRE(request.outputs.size() == 1);
  CHECK(request.outputs[0].name == "big");
  CHECK(request.outputs[0].binary);
}

TEST_CASE("read_infer_request: binary data after the JSON") {
  const std::vector<float> values = {1, std::nanf(""), 3, -0.0f, 5, 6};
  const std::string json =
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[2,3],"parameters":{"binary_data_size":24}}],)"
      R"("parameters":{"binary_data_output":true},"outputs":[{"name":"y"},{"name":"big","parameters":{"binary_data":false}}]})";
  const std::string bytes(reinterpret_cast<const char*>(values.data()), 24);
  const auto request = read(json + bytes, json.size());
  CHECK(std::memcmp(request.inputs.at("x").bytes().data(), values.data(), 24) == 0);
  REQUIRE(request.outputs.size() == 2);
  CHECK(request.outputs[0].binary);
  CHECK(!request.outputs[1].binary);

  CHECK(error_of(json + bytes + "x", json.size()) ==
        "the inputs' binary_data_size add up to 24 bytes, but 25 follow the JSON");
  CHECK(
      error_of(json + bytes.substr(1), json.size()) ==
      "input 'x': expected 24 bytes after the JSON, got 23; the inputs' binary_data_size add up to "
      "24 bytes, but 23 follow the JSON");
  CHECK(error_of(json) ==
        "input 'x' has a binary_data_size, but the request has no header "
        "Inference-Header-Content-Length");
  CHECK(error_of(json, json.size() + 1).starts_with("Inference-Header-Content-Length is "));
}

TEST_CASE("read_infer_request: a mismatch names the input, what is expected and what came") {
  const std::string data = R"(,"data":[1,2,3,4,5,6])";
  CHECK(error_of(with_input(R"("name":"x","datatype":"FP32","shape":[3,2])" + data)) ==
        "input 'x': expected FP32 [2,3], got FP32 [3,2]");
  CHECK(error_of(with_input(R"("name":"x","datatype":"INT64","shape":[2,3])" + data)) ==
        "input 'x': expected FP32 [2,3], got INT64 [2,3]");
  CHECK(error_of(with_input(R"("name":"x","shape":[2,3])" + data)) ==
        "input 'x': the datatype is missing, expected FP32 [2,3]");
  CHECK(error_of(with_input(R"("name":"X","datatype":"FP32","shape":[2,3])" + data)) ==
        "there is no input 'X'; did you mean 'x'?; input 'x' is missing, expected FP32 [2,3]");
  CHECK(error_of(R"({"inputs":[]})") == "input 'x' is missing, expected FP32 [2,3]");
  CHECK(error_of("{}") == "the request has no inputs");
  CHECK(error_of(with_input(kX)) ==
        "input 'x': expected either data or the parameter binary_data_size");
  CHECK(error_of(R"({"inputs":[{)" + kX + data + "},{" + kX + data + "}]}") ==
        "input 'x' comes twice");
  CHECK(error_of(R"({"outputs":[{"name":"bog"},{"name":"y"},{"name":"y"}],"inputs":[{)" + kX +
                 data + "}]}") ==
        "there is no output 'bog'; did you mean 'big'?; output 'y' comes twice");
}

TEST_CASE("read_infer_request: invalid JSON and refused extensions") {
  CHECK(error_of("").starts_with("invalid JSON at byte 0"));
  CHECK(error_of("[]").starts_with("invalid JSON at byte 0: expected an object"));
  CHECK(error_of(with_input(kX + R"(,"data":[1,2,3,4,5,NaN])")).find("JSON has no NaN") !=
        std::string::npos);
  CHECK(error_of(with_input(kX + R"(,"name":"x")")).find("the key 'name' comes twice") !=
        std::string::npos);
  CHECK(error_of(with_input(R"("shape":[-1])")).find("expected a whole number, got -1") !=
        std::string::npos);
  CHECK(error_of(with_input(R"("shape":[99999999999999999999])")).find("whole number") !=
        std::string::npos);
  CHECK(error_of(with_input(kX + R"(,"parameters":{"shared_memory_region":"r"})"))
            .find("the parameter 'shared_memory_region' is not supported") != std::string::npos);
  CHECK(error_of("{\"id\":\"\xff\"}").find("invalid UTF-8") != std::string::npos);
  CHECK(error_of(R"({"id":7})").find("expected a string") != std::string::npos);
}

TEST_CASE("read_data: counts and nesting must be those of the shape") {
  const TensorType type{DataType::float32, {2, 3}};
  CHECK(tensor_error(type, "[1,2,3,4,5]") == "input 'x': expected 6 elements, got 5");
  CHECK(tensor_error(type, "[1,2,3,4,5,6,7]") == "input 'x': expected 6 elements, got more");
  CHECK(tensor_error(type, "[[1,2],[3,4],[5,6]]") ==
        "input 'x': expected arrays nested like [2,3], got 2 where 3 are due");
  CHECK(tensor_error(type, "[[1,2,3]]") ==
        "input 'x': expected arrays nested like [2,3], got 1 where 2 are due");
  CHECK(tensor_error(type, "[[1,2,3],4,5,6]").find("expected an array") != std::string::npos);
  CHECK(tensor_error(type, "[1,[2,3],4,5,6]").find("expected a number, got an array") !=
        std::string::npos);
  CHECK(tensor_error(type, "[\"1\"]").find("expected a number, got a string") != std::string::npos);
  CHECK(read_tensor({DataType::float32, {}}, "2.5").values<float>()[0] == 2.5f);
  CHECK(read_tensor({DataType::float32, {}}, "[2.5]").values<float>()[0] == 2.5f);
  CHECK(read_tensor({DataType::int64, {2, 0}}, "[[],[]]").size() == 0);
  CHECK(read_tensor({DataType::int64, {0}}, "[]").size() == 0);
  CHECK(tensor_error({DataType::float16, {1}}, "[1]") ==
        "input 'x': JSON has no FP16; use binary tensor data");
}

TEST_CASE("read_data: whole numbers are whole and in range") {
  const TensorType bytes{DataType::uint8, {2}};
  CHECK(read_tensor(bytes, "[0,255]").values<std::uint8_t>()[1] == 255);
  CHECK(tensor_error(bytes, "[0,256]") ==
        "input 'x': element 1: expected a whole number from 0 to 255, got 256");
  CHECK(tensor_error(bytes, "[-1,0]").find("got -1") != std::string::npos);
  CHECK(tensor_error({DataType::int32, {1}}, "[1.5]").find("got 1.5") != std::string::npos);
  CHECK(read_tensor({DataType::int64, {1}}, "[-9223372036854775808]").values<std::int64_t>()[0] ==
        std::numeric_limits<std::int64_t>::min());
  const Tensor flags = read_tensor({DataType::boolean, {4}}, "[true,false,1,0]");
  CHECK(flags.values<bool>()[0]);
  CHECK(!flags.values<bool>()[1]);
  CHECK(flags.values<bool>()[2]);
  CHECK(tensor_error({DataType::boolean, {1}}, "[2]").find("expected true or false, got 2") !=
        std::string::npos);
}

TEST_CASE("read_data: a float32 is rounded once") {
  const auto read_float = [](const std::string& text) {
    return read_tensor({DataType::float32, {1}}, "[" + text + "]").values<float>()[0];
  };
  // Just above the middle between 1 and its successor; as a double it is the middle itself.
  CHECK(read_float("1.000000059604644775390625000000001") == std::nextafter(1.0f, 2.0f));
  CHECK(read_float("1e-60") == 0.0f);
  CHECK(std::signbit(read_float("-1e-60")));
  CHECK(tensor_error({DataType::float32, {1}}, "[1e39]") ==
        "input 'x': element 0: expected at most 3.4028235e+38, got 1e39");
}

TEST_CASE("data: every value comes back with its bits") {
  std::mt19937 draw(1);
  std::vector<float> floats = {0.0f,
                               -0.0f,
                               0.1f,
                               std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::denorm_min(),
                               16777216.0f};
  std::vector<double> doubles = {0.0, -0.0, 0.1, std::numeric_limits<double>::max(),
                                 std::numeric_limits<double>::denorm_min()};
  while (floats.size() < 20000) {
    if (const float value = std::bit_cast<float>(static_cast<std::uint32_t>(draw()));
        std::isfinite(value)) {
      floats.push_back(value);
      doubles.push_back(static_cast<double>(value) / 3);
    }
  }
  check_round_trip(floats);
  check_round_trip(doubles);
  check_round_trip<std::int64_t>(
      {std::numeric_limits<std::int64_t>::min(), 0, std::numeric_limits<std::int64_t>::max()});
  check_round_trip<std::int8_t>({-128, 0, 127});
  check_round_trip<std::uint8_t>({0, 255});
}

TEST_CASE("infer_reply: JSON and binary outputs, in the order of the request") {
  SmallModel model;
  const auto request = read(
      R"({"id":"a\"b","inputs":[{)" + kX +
      R"(,"data":[1,2,3,4,5,6.5]}],"outputs":[{"name":"big","parameters":{"binary_data":true}},{"name":"y"}]})");
  HttpReply reply;
  model.infer(request.inputs, [&](const CallResult& result) {
    reply = infer_reply(model.spec(), request, result);
  });
  const std::string json =
      R"({"model_name":"small","model_version":"1","id":"a\"b","outputs":[{"name":"big","datatype":"BOOL","shape":[2,3],"parameters":{"binary_data_size":6}},)"
      R"({"name":"y","datatype":"FP32","shape":[2,3],"data":[0.5,1,1.5,2,2.5,3.25]}]})";
  CHECK(reply.status == 200);
  CHECK(reply.content_type == "application/octet-stream");
  CHECK(reply.body == json + std::string("\0\1\1\1\1\1", 6));
  REQUIRE(reply.fields.size() == 1);
  CHECK(reply.fields[0].second == std::to_string(json.size()));
}

TEST_CASE("infer_reply: refusals, and values that JSON can't carry") {
  const SmallModel model;
  const InferRequest request{.outputs = {{"y", false}}};
  CallResult result{.reason = "why"};
  const auto status = [&](CallResult::Status ended) {
    result.status = ended;
    return infer_reply(model.spec(), request, result).status;
  };
  CHECK(status(CallResult::Status::overloaded) == 429);
  CHECK(status(CallResult::Status::unavailable) == 503);
  CHECK(status(CallResult::Status::failed) == 400);
  CHECK(status(CallResult::Status::answered) == 500);  // Without the output.
  const std::vector<float> values = {1, std::nanf("")};
  result.outputs.emplace("y", Tensor(Shape{2}, std::span<const float>(values)));
  const HttpReply reply = infer_reply(model.spec(), request, result);
  CHECK(reply.status == 400);
  CHECK(
      reply.body ==
      R"({"error":"output 'y': element 1 is nan, which JSON can't carry; ask for binary tensor data"})");
}

}  // namespace offcut::runtime::infer_request_test
