// Writes parameters in few bits, as layers of standard operators that restore them. Bytes of codes
// are unpacked by a Gather from a table of all 256 bytes, which the whole network shares, since
// ONNX's own types of 4 bits need operator sets that few runtimes read.

#include "models/compress/pack.h"

#include <algorithm>
#include <map>
#include <utility>

#include "models/codec/steps.h"
#include "models/compress/codes.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

using codec::StepWriter;

constexpr int kPerChannelOpset = 13;
constexpr std::int64_t kBytesPerLayer = 120;  // Names and types of a layer and its constant.

/// How codes are stored.
struct Layout {
  bool sparse = false;
  int bits = 8;  // Of a code, and of a distance.
  std::int64_t bytes = 0;
};

/// Returns codes of a few bits in bytes, the first one lowest.
std::vector<std::uint8_t> joined(const std::vector<std::uint8_t>& codes, int bits) {
  const std::size_t per_byte = 8 / static_cast<std::size_t>(bits);
  std::vector<std::uint8_t> bytes((codes.size() + per_byte - 1) / per_byte, 0);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    bytes[i / per_byte] |=
        static_cast<std::uint8_t>(codes[i] << (static_cast<std::size_t>(bits) * (i % per_byte)));
  }
  return bytes;
}

/// Returns the layouts of dense codes, and of sparse ones if some code stands for 0.
std::vector<Layout> layouts_of(const Codes& codes) {
  const auto count = static_cast<std::int64_t>(codes.codes.size());
  std::vector<Layout> all;
  for (const int bits : {1, 2, 4, 8}) {
    if (codes.bits <= bits) {
      all.push_back(
          {.bits = bits, .bytes = count * bits / 8 + (bits < 8 ? 4 : 2) * kBytesPerLayer});
    }
    if (codes.zero && codes.bits <= bits && bits >= 4) {
      const auto entries = static_cast<std::int64_t>(sparse_codes(codes, bits).codes.size());
      all.push_back({.sparse = true,
                     .bits = bits,
                     .bytes = entries * 2 * bits / 8 + (bits < 8 ? 9 : 6) * kBytesPerLayer});
    }
  }
  return all;
}

class Packer {
 public:
  Packer(const Network& network, const Registry<ops::Operator>& operators)
      : old_(network.graph),
        grids_(network.grids),
        operators_(operators),
        opset_(old_.layer_count() == 0 ? 0 : old_.layer(0).opset),
        packed_(old_.name()) {}

  Graph graph() {
    std::vector<TensorId> ids(old_.tensor_count(), kAbsent);
    for (TensorId id = 0; id < old_.tensor_count(); ++id) {
      const TensorNode& tensor = old_.tensor(id);
      if (tensor.is_parameter()) {
        ids[id] = add_parameter(tensor);
      } else if (!tensor.producer) {
        ids[id] = packed_.add_input(tensor.name, tensor.type, old_.wire_type(id));
      } else if (old_.layer(*tensor.producer).outputs.front() == id) {
        add_layer(old_.layer(*tensor.producer), ids);
      }
    }
    for (const TensorId output : old_.outputs()) {
      packed_.add_output(ids[output]);
    }
    return std::move(packed_);
  }

 private:
  void add_layer(Layer layer, std::vector<TensorId>& ids) {
    const std::vector<TensorId> were = std::exchange(layer.outputs, {});
    for (TensorId& input : layer.inputs) {
      input = input == kAbsent ? kAbsent : ids[input];
    }
    std::vector<TensorNode> outputs;
    for (const TensorId output : were) {
      outputs.push_back({.name = old_.tensor(output).name, .type = old_.tensor(output).type});
    }
    const Layer& added = packed_.layer(packed_.add_layer(std::move(layer), std::move(outputs)));
    for (std::size_t i = 0; i < were.size(); ++i) {
      ids[were[i]] = added.outputs[i];
    }
  }

  TensorId add_parameter(const TensorNode& tensor) {
    const bool can_pack = tensor.type.type == DataType::float32 &&
                          opset_ >= StepWriter::kLeastOpset && tensor.type.bytes() > 0 &&
                          !packed_.find_tensor(tensor.name);
    const auto grid = grids_.find(tensor.name);
    if (can_pack && is_read_in_integers(tensor)) {
      if (grid != grids_.end() && fits(grid->second)) {
        if (const auto id = add_dequantised(tensor, grid->second)) {
          return *id;
        }
      }
    } else if (can_pack) {
      if (const auto id = add_smallest(tensor, grid == grids_.end() ? nullptr : &grid->second)) {
        return *id;
      }
    }
    return packed_.add_parameter(tensor.name, tensor.type, tensor.parameter);
  }

  bool fits(const Grid& grid) const { return !grid.is_per_channel() || opset_ >= kPerChannelOpset; }

  /// Returns whether a layer reads the parameter together with a dequantised tensor.
  bool is_read_in_integers(const TensorNode& tensor) const {
    return std::any_of(tensor.consumers.begin(), tensor.consumers.end(), [&](LayerId reader) {
      const Layer& layer = old_.layer(reader);
      return std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](TensorId input) {
        return input != kAbsent && old_.tensor(input).producer &&
               old_.layer(*old_.tensor(input).producer).op_name == "DequantizeLinear";
      });
    });
  }

  StepWriter writer_for(const TensorNode& tensor) {
    return StepWriter(packed_, operators_, opset_, tensor.name);
  }

  /// Adds int8, uint8 or int32 with a DequantizeLinear; none if the values are not on the grid.
  std::optional<TensorId> add_dequantised(const TensorNode& tensor, const Grid& grid) {
    const Tensor values = read_parameter(tensor);
    const Tensor integers = integers_on(grid, values);
    const Tensor restored = values_of(grid, integers);
    if (!std::equal(values.bytes().begin(), values.bytes().end(), restored.bytes().begin())) {
      return std::nullopt;
    }
    StepWriter writer = writer_for(tensor);
    const auto from = integers.values<std::int32_t>();
    if (grid.lowest >= -128 && grid.highest <= 127) {
      const std::vector<std::int8_t> bytes(from.begin(), from.end());
      return dequantised<std::int8_t>(
          writer, writer.constant(tensor.type.shape, std::span(bytes), "integers"), grid);
    }
    if (grid.lowest >= 0 && grid.highest <= 255) {
      const std::vector<std::uint8_t> bytes(from.begin(), from.end());
      return dequantised<std::uint8_t>(
          writer, writer.constant(tensor.type.shape, std::span(bytes), "integers"), grid);
    }
    return dequantised<std::int32_t>(writer, writer.constant(tensor.type.shape, from, "integers"),
                                     grid);
  }

  /// Adds the DequantizeLinear; without a zero point if all are 0 and it would be so by default.
  template <class T>
  TensorId dequantised(StepWriter& writer, TensorId integers, const Grid& grid) {
    const Shape shape =
        grid.is_per_channel() ? Shape{static_cast<std::int64_t>(grid.scales.size())} : Shape{};
    std::vector<TensorId> inputs = {
        integers, writer.constant(shape, std::span<const float>(grid.scales), "scale")};
    const std::vector<T> points(grid.zero_points.begin(), grid.zero_points.end());
    if (std::any_of(points.begin(), points.end(), [](T point) { return point != 0; })) {
      inputs.push_back(writer.constant(shape, std::span<const T>(points), "zero_point"));
    }
    Attributes attributes;
    if (opset_ >= kPerChannelOpset) {
      attributes.set("axis", static_cast<std::int64_t>(grid.axis));
    }
    return writer.layer("DequantizeLinear", std::move(inputs), "", std::move(attributes));
  }

  std::optional<TensorId> add_smallest(const TensorNode& tensor, const Grid* grid) {
    const Tensor values = read_parameter(tensor);
    std::optional<Codes> best;
    Layout layout{.bytes = tensor.type.bytes()};
    const auto consider = [&](std::optional<Codes> codes, std::int64_t extra) {
      for (Layout& other : codes ? layouts_of(*codes) : std::vector<Layout>()) {
        other.bytes += extra;
        if (other.bytes < layout.bytes) {
          layout = other;
          best = *codes;
        }
      }
    };
    if (grid != nullptr && fits(*grid)) {
      consider(grid_codes(values, *grid), static_cast<std::int64_t>(5 * grid->scales.size()));
    }
    if (auto codes = codebook_codes(values)) {
      const auto bytes = static_cast<std::int64_t>(4 * codes->codebook.size());
      consider(std::move(codes), bytes + 2 * kBytesPerLayer);
    }
    if (!best) {
      return std::nullopt;
    }
    if (best->grid && !layout.sparse && layout.bits == 8) {
      return add_dequantised(tensor, *grid);
    }
    StepWriter writer = writer_for(tensor);
    const TensorId codes = layout.sparse ? add_sparse(writer, *best, layout.bits)
                                         : add_dense(writer, *best, layout.bits);
    return add_values(writer, codes, *best, tensor.type.shape);
  }

  /// Adds the layers that turn codes into the parameter.
  TensorId add_values(StepWriter& writer, TensorId flat, const Codes& codes, const Shape& shape) {
    if (codes.grid) {
      return dequantised<std::uint8_t>(writer, writer.reshape(flat, shape, "levels"), *codes.grid);
    }
    const TensorId book = writer.constant({static_cast<std::int64_t>(codes.codebook.size())},
                                          std::span<const float>(codes.codebook), "codebook");
    const TensorId indices =
        writer.cast(writer.reshape(flat, shape, "codes"), DataType::int32, "indices");
    return writer.layer("Gather", {book, indices}, "");
  }

  /// Adds all codes, a uint8 each.
  TensorId add_dense(StepWriter& writer, const Codes& codes, int bits) {
    const auto count = static_cast<std::int64_t>(codes.codes.size());
    if (bits == 8) {
      return writer.constant({count}, std::span<const std::uint8_t>(codes.codes), "bytes");
    }
    const std::vector<std::uint8_t> bytes = joined(codes.codes, bits);
    const TensorId table = add_unpacked(writer, bytes, bits);
    const auto padded = static_cast<std::int64_t>(bytes.size()) * (8 / bits);
    const TensorId flat = writer.reshape(table, {padded}, "padded");
    if (padded == count) {
      return flat;
    }
    const std::vector<std::int64_t> start = {0};
    const std::vector<std::int64_t> end = {count};
    return writer.layer("Slice",
                        {flat, writer.constant({1}, std::span<const std::int64_t>(start), "start"),
                         writer.constant({1}, std::span<const std::int64_t>(end), "end")},
                        "unpadded");
  }

  /// Adds the codes in each byte: a row for a byte.
  TensorId add_unpacked(StepWriter& writer, const std::vector<std::uint8_t>& bytes, int bits) {
    const TensorId packed = writer.constant({static_cast<std::int64_t>(bytes.size())},
                                            std::span<const std::uint8_t>(bytes), "bytes");
    const TensorId indices = writer.cast(packed, DataType::int32, "rows");
    return writer.layer("Gather", {table_of(bits), indices}, "unpacked");
  }

  /// Adds the sparse entries and scatters them over codes of 0.
  TensorId add_sparse(StepWriter& writer, const Codes& codes, int bits) {
    const SparseCodes sparse = sparse_codes(codes, bits);
    const auto entries = static_cast<std::int64_t>(sparse.codes.size());
    TensorId gaps = 0;
    TensorId values = 0;
    if (bits == 8) {
      gaps = writer.constant({entries}, std::span<const std::uint8_t>(sparse.gaps), "gaps");
      values = writer.constant({entries}, std::span<const std::uint8_t>(sparse.codes), "entries");
    } else {
      std::vector<std::uint8_t> bytes;
      for (std::size_t i = 0; i < sparse.gaps.size(); ++i) {
        bytes.push_back(static_cast<std::uint8_t>(sparse.gaps[i] | sparse.codes[i] << 4));
      }
      const TensorId pairs = add_unpacked(writer, bytes, bits);
      Attributes axis;
      axis.set("axis", std::int64_t{1});
      gaps = writer.layer("Gather", {pairs, writer.scalar(std::int64_t{0}, "first")}, "gaps", axis);
      values = writer.layer("Gather", {pairs, writer.scalar(std::int64_t{1}, "second")}, "entries",
                            axis);
    }
    const TensorId places = writer.layer(
        "CumSum",
        {writer.cast(gaps, DataType::int32, "distances"), writer.scalar(std::int32_t{0}, "axis")},
        "places");
    const std::vector<std::int64_t> extent = {static_cast<std::int64_t>(codes.codes.size())};
    Attributes fill;
    fill.set("value", Tensor({1}, std::span<const std::uint8_t>(&*codes.zero, 1)));
    const TensorId zeros = writer.layer(
        "ConstantOfShape", {writer.constant({1}, std::span<const std::int64_t>(extent), "extent")},
        "zeros", std::move(fill));
    return writer.layer("ScatterElements", {zeros, places, values}, "scattered");
  }

  /// Returns the table that the rows of all parameters come from.
  TensorId table_of(int bits) {
    const auto known = tables_.find(bits);
    if (known != tables_.end()) {
      return known->second;
    }
    const std::int64_t per_byte = 8 / bits;
    std::vector<std::uint8_t> rows;
    for (int byte = 0; byte < 256; ++byte) {
      for (std::int64_t i = 0; i < per_byte; ++i) {
        rows.push_back(static_cast<std::uint8_t>(byte >> (bits * i) & ((1 << bits) - 1)));
      }
    }
    std::string name = "codes_of_bytes_" + std::to_string(bits);
    while (packed_.find_tensor(name) || old_.find_tensor(name)) {
      name += "_";
    }
    Tensor table({256, per_byte}, std::span<const std::uint8_t>(rows));
    const TensorType type = table.type();
    return tables_[bits] = packed_.add_parameter(
               name, type, std::make_shared<const Parameter>([table] { return table; }));
  }

  const Graph& old_;
  const std::map<std::string, Grid>& grids_;
  const Registry<ops::Operator>& operators_;
  int opset_;
  Graph packed_;
  std::map<int, TensorId> tables_;
};

}  // namespace

Graph packed(const Network& network, const Registry<ops::Operator>& operators) {
  return Packer(network, operators).graph();
}

}  // namespace offcut::compress
