// The sizes of weights, by encoding them in each form.

#include "models/compress/size.h"

#include <algorithm>

#include "models/compress/codes.h"
#include "models/compress/forms.h"
#include "models/compress/targets.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

void add(const Size& part, Size& sum) {
  sum.weights += part.weights;
  sum.nonzero += part.nonzero;
  sum.dense_bytes += part.dense_bytes;
  sum.sparse_bytes += part.sparse_bytes;
  sum.codebook_bytes += part.codebook_bytes;
  sum.huffman_bytes += part.huffman_bytes;
  sum.zstd_bytes += part.zstd_bytes;
}

const Grid* grid_of(const Network& network, const std::string& parameter) {
  const auto it = network.grids.find(parameter);
  return it == network.grids.end() ? nullptr : &it->second;
}

/// Returns the number of distinct values that are not 0; 0 if there are more than 256.
int distinct_values(const Tensor& kernel) {
  std::vector<float> kept;
  std::copy_if(kernel.values<float>().begin(), kernel.values<float>().end(),
               std::back_inserter(kept), [](float value) { return value != 0; });
  const auto codes = codebook_codes(
      Tensor({static_cast<std::int64_t>(kept.size())}, std::span<const float>(kept)));
  return codes ? static_cast<int>(codes->codebook.size()) : 0;
}

}  // namespace

double Size::compact_bytes() const {
  return std::min({dense_bytes, sparse_bytes, codebook_bytes, huffman_bytes, zstd_bytes});
}

Size size_of(const Tensor& values, const Grid* grid) {
  const std::vector<std::vector<std::byte>> forms = encode(values, grid);
  // A form that takes more than the floats themselves is not used.
  const auto bytes = [&](Form form) {
    return static_cast<double>(std::min(forms[static_cast<std::size_t>(form)].size(),
                                        static_cast<std::size_t>(values.type().bytes())));
  };
  const auto kept = std::count_if(values.values<float>().begin(), values.values<float>().end(),
                                  [](float value) { return value != 0; });
  return {.weights = static_cast<double>(values.size()),
          .nonzero = static_cast<double>(kept),
          .dense_bytes = static_cast<double>(values.type().bytes()),
          .sparse_bytes = bytes(Form::sparse),
          .codebook_bytes = bytes(Form::codebook),
          .huffman_bytes = bytes(Form::huffman),
          .zstd_bytes = bytes(Form::zstd)};
}

Size size_of(const Network& network) {
  const Graph& graph = network.graph;
  Size sum;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (!tensor.is_parameter()) {
      continue;
    }
    if (tensor.type.type == DataType::float32) {
      add(size_of(read_parameter(tensor), grid_of(network, tensor.name)), sum);
      continue;
    }
    const auto bytes = static_cast<double>(tensor.type.bytes());
    add({.dense_bytes = bytes,
         .sparse_bytes = bytes,
         .codebook_bytes = bytes,
         .huffman_bytes = bytes,
         .zstd_bytes = bytes},
        sum);
  }
  sum.macs = graph.total_work().macs;
  return sum;
}

std::vector<LayerSize> layer_sizes(const Network& network) {
  const Graph& graph = network.graph;
  std::vector<LayerSize> rows;
  for (const Target& target : targets_of(graph, "")) {
    const Tensor kernel = read_parameter(graph.tensor(target.tensor));
    LayerSize row{.layer = target.layer,
                  .weights = target.name,
                  .size = size_of(kernel, grid_of(network, target.name)),
                  .values = distinct_values(kernel)};
    const Layer& layer = graph.layer(*graph.find_layer(target.layer));
    for (const TensorId input : layer.inputs) {
      if (input != kAbsent && graph.tensor(input).is_parameter() &&
          graph.tensor(input).type.type == DataType::float32 &&
          graph.tensor(input).type.shape.size() == 1) {
        add(size_of(read_parameter(graph.tensor(input))), row.size);
      }
    }
    row.size.macs = layer.work.macs;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace offcut::compress
