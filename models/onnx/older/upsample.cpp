// Upsample up to opset 6 scales rows and columns: `height_scale` and `width_scale`. Opset 7 has a
// scale for each axis.

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_upsample(OlderNode& older) {
  const ::onnx::AttributeProto* const height = older.attribute("height_scale");
  const ::onnx::AttributeProto* const width = older.attribute("width_scale");
  if (height == nullptr || width == nullptr) {
    return;  // ONNX's checker reports it.
  }
  ::onnx::AttributeProto scales;
  scales.set_name("scales");
  scales.set_type(::onnx::AttributeProto::FLOATS);
  for (const float scale : {1.0F, 1.0F, height->f(), width->f()}) {
    scales.add_floats(scale);
  }
  older.remove("height_scale");
  older.remove("width_scale");
  *older.node.add_attribute() = scales;
}

}  // namespace

void register_upsample(Registry<OlderForm>& registry) {
  registry.add({.name = "Upsample", .rewrite = rewrite_upsample});
}

}  // namespace offcut::onnx
