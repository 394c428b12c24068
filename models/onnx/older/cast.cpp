// Cast up to opset 5: the type is a name, such as FLOAT. From opset 6 on it is ONNX's number of it.

#include <fmt/format.h>

#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_cast(OlderNode& older) {
  const ::onnx::AttributeProto* const to = older.attribute("to");
  if (to == nullptr || to->s().empty()) {
    return;  // ONNX's checker reports it.
  }
  ::onnx::TensorProto::DataType type{};
  if (!::onnx::TensorProto::DataType_Parse(to->s(), &type)) {
    throw std::invalid_argument(fmt::format("attribute 'to' names no type: '{}'", to->s()));
  }
  older.set_integer("to", type);
}

}  // namespace

void register_cast(Registry<OlderForm>& registry) {
  registry.add({.name = "Cast", .until = 5, .rewrite = rewrite_cast});
}

}  // namespace offcut::onnx
