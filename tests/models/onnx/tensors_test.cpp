#include "models/onnx/tensors.h"

#include <doctest/doctest.h>
#include <onnx/onnx_pb.h>

#include <array>

namespace offcut::onnx::tensors_test {
namespace {

using ::onnx::TensorProto;

TensorProto tensor(TensorProto::DataType type, const std::vector<std::int64_t>& dims) {
  TensorProto proto;
  proto.set_data_type(type);
  proto.mutable_dims()->Add(dims.begin(), dims.end());
  return proto;
}

std::string refusal_of(const TensorProto& proto) {
  try {
    check_tensor(proto);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

template <class T>
std::vector<T> values_of(const TensorProto& proto) {
  check_tensor(proto);
  const Tensor decoded = decode(proto);
  return {decoded.values<T>().begin(), decoded.values<T>().end()};
}

/// Returns the values 0, 1 and 3 as raw bytes.
template <class T>
TensorProto raw(TensorProto::DataType type) {
  TensorProto proto = tensor(type, {3});
  const std::array<T, 3> values = {0, 1, 3};
  proto.set_raw_data(values.data(), sizeof values);
  return proto;
}

/// Returns the same values in the field of integers that small types use.
TensorProto small(TensorProto::DataType type) {
  TensorProto proto = tensor(type, {3});
  for (const int value : {0, 1, 3}) {
    proto.add_int32_data(value);
  }
  return proto;
}

}  // namespace

TEST_CASE("tensors: every type, as raw bytes and in fields") {
  CHECK(values_of<float>(raw<float>(TensorProto::FLOAT)) == std::vector<float>{0, 1, 3});
  CHECK(values_of<double>(raw<double>(TensorProto::DOUBLE)) == std::vector<double>{0, 1, 3});
  CHECK(values_of<std::uint8_t>(raw<std::uint8_t>(TensorProto::UINT8)) ==
        std::vector<std::uint8_t>{0, 1, 3});
  CHECK(values_of<std::int8_t>(raw<std::int8_t>(TensorProto::INT8)) ==
        std::vector<std::int8_t>{0, 1, 3});
  CHECK(values_of<std::int32_t>(raw<std::int32_t>(TensorProto::INT32)) ==
        std::vector<std::int32_t>{0, 1, 3});
  CHECK(values_of<std::int64_t>(raw<std::int64_t>(TensorProto::INT64)) ==
        std::vector<std::int64_t>{0, 1, 3});
  // A byte that is neither 0 nor 1 is true, and must become 1.
  CHECK(values_of<bool>(raw<std::uint8_t>(TensorProto::BOOL)) == std::vector{false, true, true});
  CHECK(decode(raw<std::uint8_t>(TensorProto::BOOL)).bytes()[2] == std::byte{1});

  CHECK(values_of<std::uint8_t>(small(TensorProto::UINT8)) == std::vector<std::uint8_t>{0, 1, 3});
  CHECK(values_of<std::int8_t>(small(TensorProto::INT8)) == std::vector<std::int8_t>{0, 1, 3});
  CHECK(values_of<std::int32_t>(small(TensorProto::INT32)) == std::vector<std::int32_t>{0, 1, 3});
  CHECK(values_of<bool>(small(TensorProto::BOOL)) == std::vector{false, true, true});

  TensorProto floats = tensor(TensorProto::FLOAT, {2});
  floats.add_float_data(0.5F);
  floats.add_float_data(-2);
  CHECK(values_of<float>(floats) == std::vector<float>{0.5F, -2});
  TensorProto doubles = tensor(TensorProto::DOUBLE, {});
  doubles.add_double_data(0.1);
  CHECK(values_of<double>(doubles) == std::vector<double>{0.1});
  TensorProto longs = tensor(TensorProto::INT64, {1, 1});
  longs.add_int64_data(-1);
  CHECK(values_of<std::int64_t>(longs) == std::vector<std::int64_t>{-1});
  CHECK(tensor_type(longs).shape == Shape{1, 1});
}

TEST_CASE("tensors: a tensor without elements") {
  CHECK(values_of<float>(tensor(TensorProto::FLOAT, {2, 0})).empty());
}

TEST_CASE("tensors: data that do not fit their shape are refused") {
  TensorProto proto = raw<float>(TensorProto::FLOAT);
  proto.set_dims(0, 4);
  CHECK(refusal_of(proto) == "float32 4 takes 16 bytes, the file has 12");
  TensorProto few = small(TensorProto::INT8);
  few.set_dims(0, 2);
  CHECK(refusal_of(few) == "int8 2 has 2 elements, the file has 3");
  few.set_dims(0, -3);
  CHECK(refusal_of(few) == "a tensor of shape -3 has no valid size");
  constexpr std::int64_t kHuge = std::int64_t{1} << 40;
  CHECK(refusal_of(tensor(TensorProto::FLOAT, {kHuge, kHuge})) ==
        "a tensor of shape 1099511627776x1099511627776 has no valid size");
  // The number of elements fits into 63 bits, but that of their bytes does not.
  CHECK(refusal_of(tensor(TensorProto::DOUBLE, {kHuge, std::int64_t{1} << 22})) ==
        "a tensor of shape 1099511627776x4194304 has no valid size");
}

TEST_CASE("tensors: errors for unsupported types and storage name them") {
  CHECK(refusal_of(tensor(TensorProto::COMPLEX64, {})) ==
        "elements of type complex64 are not supported");
  CHECK(refusal_of(tensor(TensorProto::STRING, {})) == "elements of type string are not supported");
  TensorProto unknown = tensor(TensorProto::FLOAT, {});
  unknown.set_data_type(99);
  CHECK(refusal_of(unknown) == "elements of type 99 are not supported");
  TensorProto external = tensor(TensorProto::FLOAT, {});
  external.set_data_location(TensorProto::EXTERNAL);
  CHECK(refusal_of(external) == "its data is in another file, which is not supported");
  TensorProto part = tensor(TensorProto::FLOAT, {});
  part.mutable_segment()->set_begin(0);
  CHECK(refusal_of(part) == "it is stored in segments, which is not supported");
}

}  // namespace offcut::onnx::tensors_test
