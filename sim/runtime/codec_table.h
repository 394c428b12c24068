#pragma once

#include "models/base/column_table.h"
#include "sim/runtime/codec_study.h"

namespace offcut::runtime {

/// A measure, with what it is compared to.
struct CodecRow {
  const CodecMeasure& measure;
  double input_bytes = 0;  // of one input of the network as it arises
};

/// The columns that `offcut codecs --out FILE` writes. Measures that are kept in a folder have all
/// but input_share.
const ColumnTable<CodecRow>& codec_table();

}  // namespace offcut::runtime
