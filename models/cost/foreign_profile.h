#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// The tools whose profiles can be read.
enum class ProfileFormat {
  offcut,        // CSV: models/cost/profile.h
  onnx_runtime,  // the JSON of a session with enable_profiling
  tensorrt,      // the JSON of trtexec --exportProfile
  tflite,        // the CSV of benchmark_model --enable_op_profiling
};
std::string_view to_text(ProfileFormat format);

/// What a file is, by its content; `offcut` for whatever is none of the others. Throws InputError
/// where it can't be read.
ProfileFormat format_of(const std::string& path);

/// What another tool says of a kernel: one entry for each that a run calls, in the run's order.
struct ForeignEntry {
  std::string name;  // of the layers that it computes, more or less
  std::string op;    // empty where the tool does not say
  double seconds = 0;
};

/// Reads another tool's profile. Throws InputError where it is none, or is broken.
/// REQUIRES: the format is not offcut's own.
std::vector<ForeignEntry> read_foreign_profile(const std::string& path, ProfileFormat format);

// One file each, from the text of `path`.
std::vector<ForeignEntry> parse_onnx_runtime(const std::string& path, const std::string& text);
std::vector<ForeignEntry> parse_tensorrt(const std::string& path, const std::string& text);
std::vector<ForeignEntry> parse_tflite(const std::string& path, const std::string& text);

/// Another tool's profile on a graph.
struct ProfileMatch {
  std::vector<double> seconds;       // by layer
  std::vector<std::string> kernels;  // by layer: the entries' names, joined by '+'; empty: none
  std::vector<LayerId> without;      // layers with work of which no entry speaks: fused or removed
  /// Entries without a known layer; their time is left out.
  std::vector<ForeignEntry> unmatched;

  double matched_seconds() const;
  double unmatched_seconds() const;
};

/// Finds the layers that each entry is for, by name:
/// - the name of a layer or of the tensor that it makes, also with what tools put around it
///   ("fused conv1", "relu1_nchwc", "PWN(relu1)", "[conv1]:3");
/// - several of them ("conv1 + relu1", "a;b"), and "{ForeignNode[a...b]}": all from a to b;
/// - where the layer of that name has another operator than the entry: the layers up to it from the
///   nearest one above that has the operator, which were fused into one under the last one's name;
/// - layouts ("ReorderInput", "Reformatting CopyNode ... to conv1") belong to who reads them: the
///   layer that they name, or else the next entry.
/// An entry's seconds are shared as layer_shares() says.
ProfileMatch match_layers(const std::vector<ForeignEntry>& entries, const Graph& graph);

}  // namespace offcut::cost
