#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/codec/choose.h"
#include "sim/runtime/computed_network.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/split_pass.h"
#include "sim/runtime/study_memory.h"

namespace offcut::runtime {

/// A place to cut a network in two.
struct StudiedCut {
  std::string name;  // The layers before the cut, with commas between; "input" if there are none.
  partition::Assignment tier_of;
};

/// Returns every legal cut that a tensor crosses, from the input on. Returns nothing if there are
/// more than `most`: their number is exponential in the number of parallel branches.
std::optional<std::vector<StudiedCut>> studied_cuts(const Graph& graph, std::size_t most);

/// The effect of a codec on a network at a cut, measured on real inputs. codec_table() explains the
/// figures.
struct CodecMeasure {
  std::string cut;
  std::string tensors;
  std::string codec;
  std::int64_t inputs = 0;
  double bytes_mean = 0;
  double bytes_max = 0;
  double bytes_bound = 0;
  double error_max = 0;
  double error_rms = 0;
  double error_bound = 0;
  std::optional<double> accuracy;
  std::optional<double> accuracy_loss;
  double agreement = 0;
  double encode_s = 0;
  double decode_s = 0;
};

struct CodecStudyOptions {
  exec::MathEngine engine = exec::MathEngine::reference;
  double divide = 255;       // A byte b of an image is the value b / divide.
  std::int64_t samples = 0;  // The number of inputs, evenly spread; 0: all.

  /// Returns the network that the parts of a cut compute in their precisions; null: the network
  /// itself. Losses and agreements are those to the network itself.
  std::function<ComputedNetwork(const partition::Assignment& tier_of)> computed = {};
  std::string precisions = {};  // Text that is equal for equal results of `computed`.

  /// Null: this study alone. Otherwise shared with others, see there.
  std::shared_ptr<StudyMemory> memory = {};
};

/// Measures each codec at each cut, cut by cut, on the data's inputs. REQUIRES: the data fits the
/// network (see check_fits). Throws std::invalid_argument if a codec refuses a tensor.
std::vector<CodecMeasure> study_codecs(const Graph& graph, const std::vector<StudiedCut>& cuts,
                                       const std::vector<codec::NamedCodec>& codecs,
                                       const Dataset& data, const CodecStudyOptions& options,
                                       const std::function<void(double done)>& progress = {});

}  // namespace offcut::runtime
