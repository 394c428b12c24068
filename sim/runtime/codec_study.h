#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/codec/choose.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/split_pass.h"

namespace offcut::runtime {

/// A place to cut a network in two.
struct StudiedCut {
  std::string name;  // the layers that it is behind, with commas between; "input" before all
  partition::Assignment tier_of;
};

/// Every legal cut across which something is sent, from the input on. None where there are more
/// than `most`: their number is exponential in the number of parallel branches.
std::optional<std::vector<StudiedCut>> studied_cuts(const Graph& graph, std::size_t most);

/// What a codec does to a network at a cut: measured on real inputs.
struct CodecMeasure {
  std::string cut;
  std::string tensors;  // that cross, with blanks between
  std::string codec;
  std::int64_t inputs = 0;
  double bytes_mean = 0;  // of all tensors that cross, for one input
  double bytes_max = 0;
  double bytes_bound = 0;  // promised from the shapes
  double error_max = 0;    // of an element, over all inputs
  double error_rms = 0;
  double error_bound = 0;               // the largest that was promised
  std::optional<double> accuracy;       // share of right answers, where there are labels
  std::optional<double> accuracy_loss;  // against the network without a codec
  double agreement = 0;                 // share of answers that are the network's without a codec
  double encode_s = 0;                  // of one input, measured here
  double decode_s = 0;
};

struct CodecStudyOptions {
  exec::MathEngine engine = exec::MathEngine::reference;
  double divide = 255;       // a byte b of an image is the value b / divide
  std::int64_t samples = 0;  // so many inputs, evenly spread; 0: all
};

/// Measures each codec at each cut, cut by cut, on the data's inputs. REQUIRES: the data fits the
/// network (see check_fits). Throws std::invalid_argument where a codec refuses a tensor.
std::vector<CodecMeasure> study_codecs(const Graph& graph, const std::vector<StudiedCut>& cuts,
                                       const std::vector<codec::NamedCodec>& codecs,
                                       const Dataset& data, const CodecStudyOptions& options,
                                       const std::function<void(double done)>& progress = {});

}  // namespace offcut::runtime
