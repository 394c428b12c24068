// The columns of codecs.csv.

#include "sim/runtime/codec_table.h"

#include <array>

namespace offcut::runtime {
namespace {

constexpr auto kCodecColumns = std::to_array<Column<CodecRow>>({
    {"cut", "",
     "The layers after which the network is cut, joined by commas; `input` if it is cut before its "
     "first layer.",
     [](const CodecRow& row) { return std::string_view(row.measure.cut); }},
    {"tensors", "", "The tensors that cross, separated by blanks.",
     [](const CodecRow& row) { return std::string_view(row.measure.tensors); }},
    {"codec", "", "The codec with its parameters.",
     [](const CodecRow& row) { return std::string_view(row.measure.codec); }},
    {"inputs", "", "The number of inputs on which it was measured.",
     [](const CodecRow& row) { return row.measure.inputs; }},
    {"bytes_mean", "bytes",
     "The encoded size of all crossing tensors of one input, averaged over inputs.",
     [](const CodecRow& row) { return row.measure.bytes_mean; }},
    {"bytes_max", "bytes", "The largest encoded size among the inputs.",
     [](const CodecRow& row) { return row.measure.bytes_max; }},
    {"bytes_bound", "bytes",
     "The size that the codec promises not to exceed, computed from the shapes.",
     [](const CodecRow& row) { return row.measure.bytes_bound; }},
    {"input_share", "",
     "`bytes_mean`, divided by the size of the raw input. Measures kept by `--cache` do not have "
     "this column.",
     [](const CodecRow& row) { return row.measure.bytes_mean / row.input_bytes; }},
    {"error_max", "",
     "The largest absolute error of an element, over all inputs, in the tensor's own values.",
     [](const CodecRow& row) { return row.measure.error_max; }},
    {"error_rms", "", "The root mean square of the errors of all elements.",
     [](const CodecRow& row) { return row.measure.error_rms; }},
    {"error_bound", "", "The largest absolute error that the codec allows for an element.",
     [](const CodecRow& row) { return row.measure.error_bound; }},
    {"accuracy", "", "The share of right answers. Empty without labels.",
     [](const CodecRow& row) { return row.measure.accuracy; }},
    {"accuracy_loss", "", "The accuracy without a codec, minus `accuracy`. Empty without labels.",
     [](const CodecRow& row) { return row.measure.accuracy_loss; }},
    {"agreement", "", "The share of answers that are the same as without a codec.",
     [](const CodecRow& row) { return row.measure.agreement; }},
    {"encode_s", "s", "The time to encode the tensors of one input, measured on this machine.",
     [](const CodecRow& row) { return row.measure.encode_s; }},
    {"decode_s", "s", "The time to decode them, measured on this machine.",
     [](const CodecRow& row) { return row.measure.decode_s; }},
});

constexpr ColumnTable<CodecRow> kCodecTable{
    "codecs.csv", "A row per cut and codec, written by `offcut codecs --out FILE`.", kCodecColumns,
    "`sim/runtime/codec_table.cpp`. The measurements are made in `sim/runtime/codec_study.cpp`."};

}  // namespace

const ColumnTable<CodecRow>& codec_table() { return kCodecTable; }

}  // namespace offcut::runtime
