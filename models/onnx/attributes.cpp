// Reads the attributes of ONNX nodes. Each kind of value becomes an alternative of AttributeValue;
// the Constant operator, whose value may be in one of several attributes, becomes a tensor.
#include "models/onnx/attributes.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

using ::onnx::AttributeProto;

template <class T, class Field>
std::vector<T> list(const Field& field) {
  return {field.begin(), field.end()};
}

AttributeValue read_value(const AttributeProto& attribute) {
  switch (attribute.type()) {
    case AttributeProto::FLOAT:
      return attribute.f();
    case AttributeProto::INT:
      return attribute.i();
    case AttributeProto::STRING:
      return attribute.s();
    case AttributeProto::TENSOR:
      return decode(attribute.t());
    case AttributeProto::FLOATS:
      return list<float>(attribute.floats());
    case AttributeProto::INTS:
      return list<std::int64_t>(attribute.ints());
    case AttributeProto::STRINGS:
      return list<std::string>(attribute.strings());
    default:
      throw std::invalid_argument(
          fmt::format("values of kind {} are not supported",
                      AttributeProto::AttributeType_Name(attribute.type())));
  }
}

template <class T>
Tensor scalar(T value) {
  return Tensor({}, std::span<const T>(&value, 1));
}

template <class T>
Tensor vector(const std::vector<T>& values) {
  return Tensor({static_cast<std::int64_t>(values.size())}, std::span<const T>(values));
}

}  // namespace

const AttributeProto* find_attribute(const ::onnx::NodeProto& node, std::string_view name) {
  for (const AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) {
      return &attribute;
    }
  }
  return nullptr;
}

AttributeProto* find_attribute(::onnx::NodeProto& node, std::string_view name) {
  return const_cast<AttributeProto*>(find_attribute(std::as_const(node), name));
}

Attributes read_attributes(const ::onnx::NodeProto& node) {
  Attributes attributes;
  for (const AttributeProto& attribute : node.attribute()) {
    try {
      if (attribute.has_ref_attr_name()) {
        throw std::invalid_argument("refers to a function's attribute, but there is no function");
      }
      attributes.set(attribute.name(), read_value(attribute));
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(
          fmt::format("attribute '{}': {}", attribute.name(), error.what()));
    }
  }
  return attributes;
}

Tensor read_constant(const ::onnx::NodeProto& node) {
  const Attributes attributes = read_attributes(node);
  if (auto tensor = attributes.tensor("value")) {
    return *tensor;
  }
  if (attributes.has("value_float")) {
    return scalar(attributes.number("value_float", 0));
  }
  if (attributes.has("value_int")) {
    return scalar(attributes.integer("value_int", 0));
  }
  if (attributes.has("value_ints")) {
    return vector(attributes.integers("value_ints", {}));
  }
  if (attributes.has("value_floats")) {
    return vector(attributes.numbers("value_floats", {}));
  }
  throw std::invalid_argument("its value is not a tensor of numbers");
}

}  // namespace offcut::onnx
