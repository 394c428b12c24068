#pragma once

#include "models/base/column_table.h"
#include "sim/runtime/codec_study.h"

namespace offcut::runtime {

/// A measure, and the size that it is compared with.
struct CodecRow {
  const CodecMeasure& measure;
  double input_bytes = 0;  // The raw size of one input of the network.
};

/// The columns that `offcut codecs --out FILE` writes. Measures that are kept in a folder have all
/// of them except input_share.
const ColumnTable<CodecRow>& codec_table();

}  // namespace offcut::runtime
