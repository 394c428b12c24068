// The tables of `offcut compress`, as CSV files and for people.

#include "sim/cli/compression_tables.h"

#include <fmt/format.h>

#include <array>

#include "models/base/printable.h"
#include "models/base/readable.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {
namespace {

using compress::LayerSize;
using compress::SensitivityRow;

constexpr auto kCompressionColumns = std::to_array<Column<CompressionRow>>({
    {"step", "", "The pass as it was written; `given` first, `fine-tuned` after training.",
     [](const CompressionRow& row) { return std::string_view(row.step); }},
    {"epochs", "", "The epochs of training in this step.",
     [](const CompressionRow& row) { return row.epochs; }},
    {"file_bytes", "bytes",
     "The size of the ONNX file; of the model that was given, that of its own file, with its data "
     "files.",
     [](const CompressionRow& row) { return static_cast<double>(row.file_bytes); }},
    {"dense_bytes", "bytes", "The bytes of all parameters as they are, 4 for each weight.",
     [](const CompressionRow& row) { return row.size.dense_bytes; }},
    {"sparse_bytes", "bytes",
     "The same without zeros: the other weights, and the distances between them in a few bits.",
     [](const CompressionRow& row) { return row.size.sparse_bytes; }},
    {"codebook_bytes", "bytes",
     "The same with codes in place of weights, where a layer has at most 256 values, and its "
     "codebook.",
     [](const CompressionRow& row) { return row.size.codebook_bytes; }},
    {"huffman_bytes", "bytes", "The same with Huffman codes for codes and distances.",
     [](const CompressionRow& row) { return row.size.huffman_bytes; }},
    {"zstd_bytes", "bytes", "The codebooks' form, packed by zstd.",
     [](const CompressionRow& row) { return row.size.zstd_bytes; }},
    {"weights", "", "The number of float32 parameters.",
     [](const CompressionRow& row) { return row.size.weights; }},
    {"nonzero_weights", "", "Those of them that are not 0.",
     [](const CompressionRow& row) { return row.size.nonzero; }},
    {"macs", "", "The multiply-accumulates of the network, zeros included.",
     [](const CompressionRow& row) { return row.size.macs; }},
    {"accuracy", "", "The share of right answers on the test samples. Empty without them.",
     [](const CompressionRow& row) { return row.accuracy; }},
    {"loss", "", "The loss on the test samples. Empty without them.",
     [](const CompressionRow& row) { return row.loss; }},
});
constexpr ColumnTable<CompressionRow> kCompressionTable = {
    "compression.csv",
    "A row per pass of `offcut compress --log`, and one per training between them. Sizes are those "
    "of real encodings.",
    kCompressionColumns, "`sim/cli/compression_tables.cpp`, `models/compress/size.cpp`"};

constexpr auto kLayerColumns = std::to_array<Column<LayerSize>>({
    {"layer", "", "The layer that reads the weights.",
     [](const LayerSize& row) { return printable_line(row.layer); }},
    {"weights", "", "The number of weights, the bias included.",
     [](const LayerSize& row) { return row.size.weights; }},
    {"nonzero_weights", "", "Those of them that are not 0.",
     [](const LayerSize& row) { return row.size.nonzero; }},
    {"values", "",
     "The distinct values of the kernel beside 0; 0 if there are more than 256 of them.",
     [](const LayerSize& row) { return row.values; }},
    {"macs", "", "The multiply-accumulates of the layer, zeros included.",
     [](const LayerSize& row) { return row.size.macs; }},
    {"dense_bytes", "bytes", "The bytes of the weights as they are.",
     [](const LayerSize& row) { return row.size.dense_bytes; }},
    {"sparse_bytes", "bytes", "As in compression.csv.",
     [](const LayerSize& row) { return row.size.sparse_bytes; }},
    {"codebook_bytes", "bytes", "As in compression.csv.",
     [](const LayerSize& row) { return row.size.codebook_bytes; }},
    {"huffman_bytes", "bytes", "As in compression.csv.",
     [](const LayerSize& row) { return row.size.huffman_bytes; }},
    {"zstd_bytes", "bytes", "As in compression.csv.",
     [](const LayerSize& row) { return row.size.zstd_bytes; }},
});
constexpr ColumnTable<LayerSize> kLayerTable = {
    "compressed_layers.csv", "A row per layer with a kernel, from `offcut compress --layers`.",
    kLayerColumns, "`sim/cli/compression_tables.cpp`, `models/compress/size.cpp`"};

constexpr auto kLayerSensitivityColumns = std::to_array<Column<SensitivityRow>>({
    {"pass", "", "The name of the pass.",
     [](const SensitivityRow& row) { return std::string_view(row.pass); }},
    {"layer", "", "The only layer that it is applied to.",
     [](const SensitivityRow& row) { return printable_line(row.layer); }},
    {"weights", "", "The parameter that it changes.",
     [](const SensitivityRow& row) { return printable_line(row.weights); }},
    {"setting", "", "The rate or the bits of the pass.",
     [](const SensitivityRow& row) { return std::string_view(row.setting); }},
    {"accuracy", "", "The accuracy of the network on the samples that were set aside.",
     [](const SensitivityRow& row) { return row.accuracy; }},
    {"dense_bytes", "bytes", "The bytes of the layer's kernel as it was.",
     [](const SensitivityRow& row) { return row.dense_bytes; }},
    {"compact_bytes", "bytes", "Those of the smallest form after the pass.",
     [](const SensitivityRow& row) { return row.compact_bytes; }},
});
constexpr ColumnTable<SensitivityRow> kLayerSensitivityTable = {
    "sensitivity_of_layers.csv",
    "A row per layer and setting of a pass, from `offcut compress --sensitivity`: the pass on that "
    "layer alone.",
    kLayerSensitivityColumns,
    "`sim/cli/compression_tables.cpp`, `models/compress/sensitivity.cpp`"};

std::string size_text(double bytes) { return to_readable(Bytes(bytes)); }

std::string share_text(double share) { return fmt::format("{:.2f} %", 100 * share); }

std::string ratio_text(double before, double after) {
  return after > 0 ? fmt::format("{:.1f}x", before / after) : "-";
}

}  // namespace

const ColumnTable<CompressionRow>& compression_table() { return kCompressionTable; }
const ColumnTable<LayerSize>& layer_size_table() { return kLayerTable; }
const ColumnTable<SensitivityRow>& sensitivity_table() { return kLayerSensitivityTable; }

std::string compression_text(const std::vector<CompressionRow>& rows) {
  TextTable table({"step", ">file", ">smaller", ">compact", ">smaller", ">weights", ">not 0",
                   ">MACs", ">accuracy"});
  table.set_least_important({"MACs", "not 0"});
  const CompressionRow& first = rows.front();
  for (const CompressionRow& row : rows) {
    table.add(
        {row.step, size_text(static_cast<double>(row.file_bytes)),
         ratio_text(static_cast<double>(first.file_bytes), static_cast<double>(row.file_bytes)),
         size_text(row.size.compact_bytes()),
         ratio_text(first.size.dense_bytes, row.size.compact_bytes()),
         fmt::format("{:.0f}", row.size.nonzero),
         to_percent(row.size.nonzero / std::max(1.0, row.size.weights)),
         significant(row.size.macs, 4), row.accuracy ? share_text(*row.accuracy) : "-"});
  }
  return table.text();
}

std::string layer_sizes_text(const std::vector<LayerSize>& layers) {
  TextTable table(
      {"layer", ">weights", ">not 0", ">values", ">sparse", ">codebook", ">Huffman", ">of dense"});
  for (const LayerSize& row : layers) {
    table.add({row.layer, fmt::format("{:.0f}", row.size.weights),
               to_percent(row.size.nonzero / row.size.weights),
               row.values > 0 ? fmt::format("{}", row.values) : "-",
               size_text(row.size.sparse_bytes), size_text(row.size.codebook_bytes),
               size_text(row.size.huffman_bytes),
               share_text(row.size.huffman_bytes / row.size.dense_bytes)});
  }
  return table.text();
}

std::string sensitivity_text(const std::vector<SensitivityRow>& rows) {
  std::string text;
  for (std::size_t first = 0; first < rows.size();) {
    std::size_t settings = first;  // Those of the first layer are those of all.
    while (settings < rows.size() && rows[settings].pass == rows[first].pass &&
           rows[settings].weights == rows[first].weights) {
      ++settings;
    }
    const std::size_t count = settings - first;
    std::vector<std::string> header = {rows[first].pass};
    for (std::size_t i = 0; i < count; ++i) {
      header.push_back(">" + rows[first + i].setting);
    }
    TextTable table(std::move(header));
    const std::string pass = rows[first].pass;
    for (; first < rows.size() && rows[first].pass == pass; first += count) {
      std::vector<std::string> cells = {rows[first].layer};
      for (std::size_t i = 0; i < count; ++i) {
        cells.push_back(share_text(rows[first + i].accuracy));
      }
      table.add(std::move(cells));
    }
    text += table.text() + "\n";
  }
  return text;
}

}  // namespace offcut::cli
