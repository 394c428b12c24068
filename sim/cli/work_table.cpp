// The table that `offcut inspect --out FILE` writes.

#include "sim/cli/work_table.h"

#include <array>

#include "models/cost/kernel_work.h"

namespace offcut::cli {
namespace {

/// A layer and its work.
struct WorkRow {
  const Layer& layer;
  const cost::KernelWork& kernel;
};

constexpr auto kWorkColumns = std::to_array<Column<WorkRow>>({
    {"layer", "", "The layer's name.",
     [](const WorkRow& row) { return std::string_view(row.layer.name); }},
    {"operator", "", "ONNX's name of the layer's operator.",
     [](const WorkRow& row) { return std::string_view(row.layer.op_name); }},
    {"kind", "", "The kind of work. Devices may have an efficiency for each.",
     [](const WorkRow& row) { return std::string_view(to_text(row.kernel.layer.kind)); }},
    {"is_3x3", "",
     "1 for a convolution, other than depthwise, with a window of 3x3, stride 1 and dilation 1, "
     "otherwise 0.",
     [](const WorkRow& row) { return row.kernel.is_3x3; }},
    {"is_fused", "", "1 if the kernel of another layer also computes this one, otherwise 0.",
     [](const WorkRow& row) { return row.kernel.is_fused; }},
    {"macs", "", "Multiply-accumulate operations of the layer.",
     [](const WorkRow& row) { return row.kernel.layer.macs; }},
    {"parameters", "", "The number of parameters that the layer reads.",
     [](const WorkRow& row) { return row.kernel.layer.parameters; }},
    {"parameter_bytes", "bytes", "The size of the parameters that the layer reads.",
     [](const WorkRow& row) { return row.kernel.layer.parameter_bytes; }},
    {"activation_bytes", "bytes",
     "The size of the tensors that the layer reads and writes, without parameters.",
     [](const WorkRow& row) { return row.kernel.layer.activation_bytes; }},
    {"is_1x1", "", "1 for such a convolution with a window of one place, otherwise 0.",
     [](const WorkRow& row) { return row.kernel.is_1x1; }},
    {"is_grouped", "",
     "1 for a convolution with several groups, depthwise ones aside, otherwise 0.",
     [](const WorkRow& row) { return row.kernel.is_grouped; }},
    {"depth", "",
     "Of a convolution or product: the terms of the sum that is an element of the output.",
     [](const WorkRow& row) { return row.kernel.depth; }},
    {"columns", "", "The same: the output channels, or the columns of the product.",
     [](const WorkRow& row) { return row.kernel.columns; }},
    {"places", "", "Of a convolution: the output places of one image.",
     [](const WorkRow& row) { return row.kernel.places; }},
    {"rows", "", "Of a product: the rows of its matrices.",
     [](const WorkRow& row) { return row.kernel.rows; }},
    {"bias_bytes", "bytes",
     "Of a convolution whose bias is a kernel of its own on the device: what this kernel reads and "
     "writes, otherwise 0.",
     [](const WorkRow& row) { return row.kernel.bias_bytes; }},
});

constexpr ColumnTable<WorkRow> kWorkTable{
    "work.csv",
    "A row per layer, written by `offcut inspect --out FILE` and `offcut predict --layers FILE`.",
    kWorkColumns,
    "`sim/cli/work_table.cpp`. Kernels are grouped in `models/cost/kernel_work.cpp`; each operator "
    "of `models/ops/library` states its own work."};

}  // namespace

void write_work(const Graph& graph, const TableTarget& target, const cost::Runtime& runtime) {
  TargetWriter<WorkRow> file(target, kWorkTable.columns);
  const std::vector<cost::KernelWork> kernels = cost::kernels_of(graph, runtime);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    file.add({graph.layer(id), kernels[id]});
  }
  file.close();
}

TableText work_table_text() { return text_of_table(kWorkTable); }

}  // namespace offcut::cli
