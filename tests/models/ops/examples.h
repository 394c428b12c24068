#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/ops/operator.h"

namespace offcut::ops {

/// A call with everything that it points to.
struct Use {
  Attributes attributes;
  int opset = 13;
  std::vector<TensorType> types;
  std::vector<std::shared_ptr<Parameter>> parameters;  // Null if the input is no parameter.

  Call call() {
    known_.clear();
    for (const auto& parameter : parameters) {
      known_.push_back(parameter.get());
    }
    known_.resize(types.size());
    return {attributes, opset, types, known_};
  }

 private:
  std::vector<const Parameter*> known_;
};

/// A sensible use of each operator whose inputs rarely fit by chance.
inline std::map<std::string, Use> examples() {
  const auto use = [](std::vector<TensorType> types,
                      const std::vector<std::pair<std::string, AttributeValue>>& attributes = {}) {
    Use made;
    made.opset = 17;
    made.types = std::move(types);
    made.parameters.resize(made.types.size());
    for (const auto& [name, value] : attributes) {
      made.attributes.set(name, value);
    }
    return made;
  };
  const auto with_constant = [](Use made, std::size_t input, const Tensor& value) {
    made.types[input] = value.type();
    made.parameters[input] = std::make_shared<Parameter>([value] { return value; });
    return made;
  };
  const auto number = [](std::int64_t value) {
    return Tensor({}, std::span<const std::int64_t>(&value, 1));
  };
  const auto f = [](Shape shape) { return TensorType{DataType::float32, std::move(shape)}; };
  const auto u = [](Shape shape) { return TensorType{DataType::uint8, std::move(shape)}; };
  const auto i = [](Shape shape) { return TensorType{DataType::int64, std::move(shape)}; };
  const TensorType lengths{DataType::int32, {2}};
  const std::vector<std::int64_t> two = {2, 2};

  std::map<std::string, Use> all;
  all["RNN"] = use({f({3, 2, 4}), f({1, 5, 4}), f({1, 5, 5}), f({1, 10}), lengths, f({1, 2, 5})});
  all["GRU"] = use({f({3, 2, 4}), f({2, 15, 4}), f({2, 15, 5}), f({2, 30}), lengths, f({2, 2, 5})},
                   {{"direction", std::string("bidirectional")}});
  all["LSTM"] = use({f({3, 2, 4}), f({1, 20, 4}), f({1, 20, 5}), f({1, 40}), lengths, f({1, 2, 5}),
                     f({1, 2, 5}), f({1, 15})},
                    {{"direction", std::string("reverse")}});
  all["ConvInteger"] = use({u({1, 2, 5, 4}), u({3, 2, 2, 2}), u({}), u({3})});
  all["QLinearConv"] = use({u({1, 2, 5, 4}),
                            f({}),
                            u({}),
                            u({3, 2, 2, 2}),
                            f({3}),
                            u({3}),
                            f({}),
                            u({}),
                            {DataType::int32, {3}}});
  all["QLinearMatMul"] = use({u({2, 3, 4}), f({}), u({}), u({4, 5}), f({5}), u({5}), f({}), u({})});
  all["MatMulInteger"] = use({u({3, 4}), u({4, 5}), u({3}), u({5})});
  all["OneHot"] = with_constant(use({i({2, 3}), i({}), f({2})}), 1, number(4));
  all["ScatterND"] = use({f({4, 3}), i({2, 1}), f({2, 3})});
  all["GatherND"] = use({f({2, 4, 3}), i({2, 5, 1})}, {{"batch_dims", std::int64_t{1}}});
  all["ScatterElements"] = use({f({4, 3}), i({2, 3}), f({2, 3})});
  all["TopK"] = with_constant(use({f({3, 5}), i({1})}), 1, number(2));
  all["ReverseSequence"] = use({f({3, 2, 2}), i({2})});
  all["NonZero"] = with_constant(use({i({})}), 0, number(3));
  all["Unique"] = with_constant(use({i({})}), 0, number(3));
  const Tensor mark = [] {
    Tensor made(TensorType{DataType::boolean, {3}});
    made.values<bool>()[1] = true;
    return made;
  }();
  all["Compress"] = with_constant(use({f({2, 3}), {}}, {{"axis", std::int64_t{1}}}), 1, mark);
  Use boxes = with_constant(use({f({}), f({}), i({})}), 0, Tensor(f({1, 2, 4})));
  boxes = with_constant(std::move(boxes), 1, Tensor(f({1, 1, 2})));
  all["NonMaxSuppression"] = with_constant(std::move(boxes), 2, number(2));
  all["MaxUnpool"] =
      use({f({1, 1, 2, 2}), i({1, 1, 2, 2})}, {{"kernel_shape", two}, {"strides", two}});
  all["BitShift"] = use({u({2, 3}), u({3})}, {{"direction", std::string("LEFT")}});
  all["GridSample"] = use({f({2, 3, 4, 5}), f({2, 3, 2, 2})});
  all["RoiAlign"] = use({f({2, 3, 4, 5}), f({3, 4}), i({3})});
  all["Einsum"] = use({f({2, 3, 4}), f({2, 4, 5})}, {{"equation", std::string("bij,bjk->bik")}});
  all["HannWindow"] = with_constant(use({i({})}), 0, number(8));
  all["HammingWindow"] = all["HannWindow"];
  all["BlackmanWindow"] = all["HannWindow"];
  all["LayerNormalization"] = use({f({2, 3, 4}), f({4}), f({4})});
  all["MeanVarianceNormalization"] = use({f({2, 3, 4, 2})});
  all["CumSum"] = use({f({2, 3}), i({})});
  const auto k = [](Shape shape) { return TensorType{DataType::int32, std::move(shape)}; };
  const auto one = [](std::int64_t value) { return AttributeValue(value); };
  const TensorType none;
  for (const char* name : {"Add", "Mul"}) {
    all[std::string("com.microsoft.QLinear") + name] =
        use({u({2, 3}), f({}), u({}), u({3}), f({}), u({}), f({}), u({})});
  }
  for (const char* name : {"Sigmoid", "LeakyRelu"}) {
    all[std::string("com.microsoft.QLinear") + name] = use({u({2, 3}), f({}), u({}), f({}), u({})});
  }
  all["com.microsoft.QLinearAveragePool"] =
      use({u({1, 2, 4, 4}), f({}), u({}), f({}), u({})}, {{"kernel_shape", two}});
  all["com.microsoft.QLinearGlobalAveragePool"] =
      use({u({1, 4, 4, 2}), f({}), u({}), f({}), u({})}, {{"channels_last", one(1)}});
  all["com.microsoft.QLinearConcat"] =
      use({f({}), u({}), u({2, 3}), f({}), u({}), u({2, 1}), f({}), u({})}, {{"axis", one(1)}});
  all["com.microsoft.QGemm"] =
      use({u({3, 4}), f({}), u({}), u({4, 5}), f({5}), u({5}), k({5}), f({}), u({})});
  all["com.microsoft.MatMulIntegerToFloat"] =
      use({u({3, 4}), u({4, 5}), f({}), f({5}), u({}), u({5}), f({5})});
  all["com.microsoft.DynamicQuantizeMatMul"] = use({f({3, 4}), u({4, 5}), f({}), u({}), f({5})});
  all["com.microsoft.MatMulNBits"] =
      use({f({2, 20}), u({3, 2, 8}), f({6}), u({3})},
          {{"K", one(20)}, {"N", one(3)}, {"bits", one(4)}, {"block_size", one(16)}});
  all["com.microsoft.SkipLayerNormalization"] =
      use({f({2, 3, 4}), f({1, 3, 4}), f({4}), f({4}), f({4})});
  all["com.microsoft.SkipSimplifiedLayerNormalization"] =
      use({f({2, 4}), f({2, 4}), f({4}), f({4})});
  all["SimplifiedLayerNormalization"] = use({f({2, 3, 4}), f({4})});
  all["com.microsoft.EmbedLayerNormalization"] =
      use({k({2, 3}), none, f({4, 5}), f({3, 5}), none, f({5}), f({5}), k({2, 3})});
  all["com.microsoft.Attention"] =
      use({f({2, 3, 4}), f({4, 12}), f({12}), k({2, 3})}, {{"num_heads", one(2)}});
  all["com.microsoft.MultiHeadAttention"] =
      use({f({2, 3, 4}), f({2, 5, 4}), f({2, 5, 4}), f({12}), k({2})}, {{"num_heads", one(2)}});
  all["com.microsoft.BiasGelu"] = use({f({2, 3}), f({3})});
  all["com.microsoft.FusedMatMul"] = use({f({2, 3, 4}), f({5, 4})}, {{"transB", one(1)}});
  all["Trilu"] = use({f({3, 3}), i({})});
  const auto list = [](std::vector<std::int64_t> values) {
    return Tensor({static_cast<std::int64_t>(values.size())},
                  std::span<const std::int64_t>(values));
  };
  all["GroupNormalization"] =
      use({f({2, 4, 3}), f({2}), f({2})}, {{"num_groups", std::int64_t{2}}});
  all["RMSNormalization"] = use({f({2, 3, 4}), f({4})});
  all["CenterCropPad"] = with_constant(use({f({4, 3}), i({2})}), 1, list({2, 5}));
  Use columns = with_constant(use({f({1, 8, 4}), i({2}), i({2})}), 1, list({3, 3}));
  all["Col2Im"] = with_constant(std::move(columns), 2, list({2, 2}));
  all["AffineGrid"] = with_constant(use({f({2, 2, 3}), i({4})}), 1, list({2, 3, 4, 5}));
  all["DeformConv"] = use({f({1, 2, 4, 4}), f({3, 2, 2, 2}), f({1, 8, 3, 3})});
  all["BitwiseAnd"] = use({i({2, 3}), i({3})});
  all["BitwiseOr"] = all["BitwiseAnd"];
  all["BitwiseXor"] = all["BitwiseAnd"];
  return all;
}

}  // namespace offcut::ops
