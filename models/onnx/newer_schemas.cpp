// Defines the operators that changed after opset 17, the last one that ONNX 1.12 knows. A change
// that only allows more element types needs no entry: the older definition still holds. Source: the
// operators' change log of ONNX (docs/Changelog.md), opsets 18 to 26.
#include "models/onnx/newer_schemas.h"

#include <fmt/format.h>
#include <onnx/defs/schema.h>

#include <array>
#include <map>
#include <sstream>
#include <string_view>

namespace offcut::onnx {
namespace {

constexpr int kLastKnown = 17;
constexpr int kLayerNormalization = 17;  // The opset that introduced it.
constexpr int kAny = -1;                 // As the most inputs or outputs: any number.

struct Definition {
  std::string_view op;
  int since;
  int least_inputs, most_inputs;
  int least_outputs, most_outputs;
  std::string_view attributes;  // "name=type", or "name=type!" if it is required.
};

constexpr std::string_view kResize =
    "antialias=int axes=ints coordinate_transformation_mode=string cubic_coeff_a=float "
    "exclude_outside=int extrapolation_value=float keep_aspect_ratio_policy=string mode=string "
    "nearest_mode=string";
constexpr std::string_view kReduction = "keepdims=int noop_with_empty_axes=int";
constexpr std::string_view kGroups = "epsilon=float num_groups=int! stash_type=int";

constexpr std::array<Definition, 48> kDefinitions = {{
    {"BitwiseAnd", 18, 2, 2, 1, 1, ""},
    {"BitwiseNot", 18, 1, 1, 1, 1, ""},
    {"BitwiseOr", 18, 2, 2, 1, 1, ""},
    {"BitwiseXor", 18, 2, 2, 1, 1, ""},
    {"CenterCropPad", 18, 2, 2, 1, 1, "axes=ints"},
    {"Col2Im", 18, 3, 3, 1, 1, "dilations=ints pads=ints strides=ints"},
    {"GroupNormalization", 18, 3, 3, 1, 1, kGroups},
    {"LpPool", 18, 1, 1, 1, 1,
     "auto_pad=string ceil_mode=int dilations=ints kernel_shape=ints! p=int pads=ints "
     "strides=ints"},
    {"Mish", 18, 1, 1, 1, 1, ""},
    {"Pad", 18, 2, 4, 1, 1, "mode=string"},
    {"ReduceL1", 18, 1, 2, 1, 1, kReduction},
    {"ReduceL2", 18, 1, 2, 1, 1, kReduction},
    {"ReduceLogSum", 18, 1, 2, 1, 1, kReduction},
    {"ReduceLogSumExp", 18, 1, 2, 1, 1, kReduction},
    {"ReduceMax", 18, 1, 2, 1, 1, kReduction},
    {"ReduceMean", 18, 1, 2, 1, 1, kReduction},
    {"ReduceMin", 18, 1, 2, 1, 1, kReduction},
    {"ReduceProd", 18, 1, 2, 1, 1, kReduction},
    {"ReduceSumSquare", 18, 1, 2, 1, 1, kReduction},
    {"Resize", 18, 1, 4, 1, 1, kResize},
    {"Split", 18, 1, 2, 1, kAny, "axis=int num_outputs=int"},
    {"AveragePool", 19, 1, 1, 1, 1,
     "auto_pad=string ceil_mode=int count_include_pad=int dilations=ints kernel_shape=ints! "
     "pads=ints strides=ints"},
    {"Cast", 19, 1, 1, 1, 1, "saturate=int to=int!"},
    {"CastLike", 19, 2, 2, 1, 1, "saturate=int"},
    {"DeformConv", 19, 3, 5, 1, 1,
     "dilations=ints group=int kernel_shape=ints offset_group=int pads=ints strides=ints"},
    {"QuantizeLinear", 19, 2, 3, 1, 1, "axis=int saturate=int"},
    {"DequantizeLinear", 19, 2, 3, 1, 1, "axis=int"},
    {"AffineGrid", 20, 2, 2, 1, 1, "align_corners=int"},
    {"DFT", 20, 1, 3, 1, 1, "inverse=int onesided=int"},
    {"Gelu", 20, 1, 1, 1, 1, "approximate=string"},
    {"GridSample", 20, 2, 2, 1, 1, "align_corners=int mode=string padding_mode=string"},
    {"QuantizeLinear", 21, 2, 3, 1, 1, "axis=int block_size=int output_dtype=int saturate=int"},
    {"DequantizeLinear", 21, 2, 3, 1, 1, "axis=int block_size=int"},
    {"GroupNormalization", 21, 3, 3, 1, 1, kGroups},
    {"Attention", 23, 3, 6, 1, 4,
     "is_causal=int kv_num_heads=int q_num_heads=int qk_matmul_output_mode=int scale=float "
     "softcap=float softmax_precision=int"},
    {"QuantizeLinear", 23, 2, 3, 1, 1,
     "axis=int block_size=int output_dtype=int precision=int saturate=int"},
    {"DequantizeLinear", 23, 2, 3, 1, 1, "axis=int block_size=int output_dtype=int"},
    {"RMSNormalization", 23, 2, 2, 1, 1, "axis=int epsilon=float stash_type=int"},
    {"RotaryEmbedding", 23, 3, 4, 1, 1, "interleaved=int num_heads=int rotary_embedding_dim=int"},
    {"Attention", 24, 3, 7, 1, 4,
     "is_causal=int kv_num_heads=int q_num_heads=int qk_matmul_output_mode=int scale=float "
     "softcap=float softmax_precision=int"},
    {"Cast", 24, 1, 1, 1, 1, "round_mode=string saturate=int to=int!"},
    {"CastLike", 24, 2, 2, 1, 1, "round_mode=string saturate=int"},
    {"Swish", 24, 1, 1, 1, 1, "alpha=float"},
    {"TensorScatter", 24, 2, 3, 1, 1, "axis=int mode=string"},
    {"StringConcat", 20, 2, 2, 1, 1, ""},
    {"StringSplit", 20, 1, 1, 2, 2, "delimiter=string maxsplit=int"},
    {"RegexFullMatch", 20, 1, 1, 1, 1, "pattern=string"},
    {"ImageDecoder", 20, 1, 1, 1, 1, "pixel_format=string"},
}};

::onnx::AttributeProto::AttributeType attribute_type(std::string_view name) {
  return name == "int"     ? ::onnx::AttributeProto::INT
         : name == "ints"  ? ::onnx::AttributeProto::INTS
         : name == "float" ? ::onnx::AttributeProto::FLOAT
                           : ::onnx::AttributeProto::STRING;
}

using ::onnx::OpSchema;

OpSchema::FormalParameterOption option_of(int index, int least, bool variadic) {
  return variadic ? OpSchema::Variadic : index < least ? OpSchema::Single : OpSchema::Optional;
}

OpSchema schema_of(const Definition& definition) {
  OpSchema schema(std::string(definition.op), "offcut", 0);
  schema.SetDomain("").SinceVersion(definition.since);
  schema.TypeConstraint("T", OpSchema::all_tensor_types(), "any tensor");
  for (int i = 0; i < definition.most_inputs; ++i) {
    schema.Input(i, fmt::format("x{}", i), "", "T", option_of(i, definition.least_inputs, false));
  }
  const bool variadic = definition.most_outputs == kAny;
  for (int i = 0; i < (variadic ? 1 : definition.most_outputs); ++i) {
    schema.Output(i, fmt::format("y{}", i), "", "T",
                  option_of(i, definition.least_outputs, variadic));
  }
  std::istringstream attributes{std::string(definition.attributes)};
  for (std::string text; attributes >> text;) {
    const std::size_t equals = text.find('=');
    const bool required = text.back() == '!';
    const std::string type = text.substr(equals + 1, text.size() - equals - 1 - (required ? 1 : 0));
    schema.Attr(text.substr(0, equals), "", attribute_type(type), required);
  }
  schema.Finalize();
  return schema;
}

class NewerSchemas : public ::onnx::ISchemaRegistry {
 public:
  NewerSchemas() {
    for (const Definition& definition : kDefinitions) {
      newer_[std::string(definition.op)].emplace(definition.since, schema_of(definition));
    }
  }

  const OpSchema* GetSchema(const std::string& op, const int opset,
                            const std::string& domain) const override {
    if (const auto found = newer_.find(op);
        domain.empty() && opset > kLastKnown && found != newer_.end()) {
      const auto after = found->second.upper_bound(opset);
      if (after != found->second.begin()) {
        return &std::prev(after)->second;
      }
    }
    // ONNX Runtime's optimiser writes this operator into files of any opset.
    const bool early = domain.empty() && op == "LayerNormalization" && opset < kLayerNormalization;
    return ::onnx::OpSchemaRegistry::Instance()->GetSchema(op, early ? kLayerNormalization : opset,
                                                           domain);
  }

 private:
  std::map<std::string, std::map<int, OpSchema>> newer_;  // By operator and first opset.
};

}  // namespace

const ::onnx::ISchemaRegistry& schemas() {
  static const NewerSchemas registry;
  return registry;
}

}  // namespace offcut::onnx
