// The columns of measured codecs.

#include "sim/runtime/codec_table.h"

#include <array>

namespace offcut::runtime {
namespace {

constexpr auto kCodecColumns = std::to_array<Column<CodecRow>>({
    {"cut", "", "The layers after which the network is cut, joined by commas; `input`: before all.",
     [](const CodecRow& row) { return std::string_view(row.measure.cut); }},
    {"tensors", "", "The tensors that cross, separated by blanks.",
     [](const CodecRow& row) { return std::string_view(row.measure.tensors); }},
    {"codec", "", "The codec with its parameters.",
     [](const CodecRow& row) { return std::string_view(row.measure.codec); }},
    {"inputs", "", "Inputs on which it was measured.",
     [](const CodecRow& row) { return row.measure.inputs; }},
    {"bytes_mean", "bytes", "Encoded size of all crossing tensors of one input, the mean.",
     [](const CodecRow& row) { return row.measure.bytes_mean; }},
    {"bytes_max", "bytes", "The largest encoded size.",
     [](const CodecRow& row) { return row.measure.bytes_max; }},
    {"bytes_bound", "bytes", "The size that the codec promises not to exceed, from the shapes.",
     [](const CodecRow& row) { return row.measure.bytes_bound; }},
    {"input_share", "",
     "The mean size over that of the raw input. Measures kept by `--cache` do not have this "
     "column.",
     [](const CodecRow& row) { return row.measure.bytes_mean / row.input_bytes; }},
    {"error_max", "", "The largest error of an element.",
     [](const CodecRow& row) { return row.measure.error_max; }},
    {"error_rms", "", "The root mean square error of an element.",
     [](const CodecRow& row) { return row.measure.error_rms; }},
    {"error_bound", "", "The largest error that the codec allows for.",
     [](const CodecRow& row) { return row.measure.error_bound; }},
    {"accuracy", "", "The share of right answers. Empty without labels.",
     [](const CodecRow& row) { return row.measure.accuracy; }},
    {"accuracy_loss", "", "The accuracy without a codec minus this one. Empty without labels.",
     [](const CodecRow& row) { return row.measure.accuracy_loss; }},
    {"agreement", "", "The share of answers that are the same as without a codec.",
     [](const CodecRow& row) { return row.measure.agreement; }},
    {"encode_s", "s", "The time to encode one input's tensors, measured on this machine.",
     [](const CodecRow& row) { return row.measure.encode_s; }},
    {"decode_s", "s", "The time to decode them.",
     [](const CodecRow& row) { return row.measure.decode_s; }},
});

constexpr ColumnTable<CodecRow> kCodecTable{
    "codecs.csv", "A row per cut and codec, written by `offcut codecs --out FILE`.", kCodecColumns};

}  // namespace

const ColumnTable<CodecRow>& codec_table() { return kCodecTable; }

}  // namespace offcut::runtime
