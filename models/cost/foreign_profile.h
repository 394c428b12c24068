#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// The tools whose profiles can be read.
enum class ProfileFormat {
  offcut,        // CSV, see models/cost/profile.h.
  onnx_runtime,  // The JSON of a session with enable_profiling.
  tensorrt,      // The JSON of trtexec --exportProfile.
  tflite,        // The CSV of benchmark_model --enable_op_profiling.
};
std::string_view to_text(ProfileFormat format);

/// Returns the format of a file according to its content; `offcut` if it is none of the others.
/// Throws InputError if it can't be read.
ProfileFormat format_of(const std::string& path);

/// A kernel in another tool's profile. There is one entry for each kernel call of a run, in order.
struct ForeignEntry {
  std::string name;  // More or less the names of the layers that it computes.
  std::string op;    // Empty if the tool does not tell.
  double seconds = 0;
  double spread = 0;  // The interquartile range over runs; 0 if the tool gives a single time.
};

/// Reads another tool's profile. Throws InputError if it is not one, or is damaged.
/// REQUIRES: the format is not offcut's own.
std::vector<ForeignEntry> read_foreign_profile(const std::string& path, ProfileFormat format);

// The parsers take the text of the file `path`. Each has its own source file.
std::vector<ForeignEntry> parse_onnx_runtime(const std::string& path, const std::string& text);
std::vector<ForeignEntry> parse_tensorrt(const std::string& path, const std::string& text);
std::vector<ForeignEntry> parse_tflite(const std::string& path, const std::string& text);

/// Another tool's profile, matched with the layers of a graph.
struct ProfileMatch {
  std::vector<double> seconds;  // Indexed by layer.
  /// Indexed by layer. Those of several entries are taken as independent: their squares add up.
  std::vector<double> spreads;
  std::vector<std::string> kernels;  // For each layer, its entries' names, joined by '+', or empty.
  std::vector<LayerId> without;      // Layers with work but no entry: fused or removed.
  /// Those of `without` that multiply, ascending. A tool can't remove them, so the profile is one
  /// of another network or of a part.
  std::vector<LayerId> missing;
  /// Entries without a known layer, whose time does not count.
  std::vector<ForeignEntry> unmatched;

  double matched_seconds() const;
  double unmatched_seconds() const;
};

/// Finds the layers of each entry by name:
/// - An entry may name a layer or its output tensor, also with the decorations that tools add
///   ("fused conv1", "relu1_nchwc", "PWN(relu1)", "[conv1]:3").
/// - It may name several of them ("conv1 + relu1", "a;b"), or a range: "{ForeignNode[a...b]}"
///   stands for all layers from a to b.
/// - If the named layer has another operator than the entry, several layers were fused under the
///   name of the last one: those from the nearest layer before it that has the operator.
/// - A change of layout ("ReorderInput", "Reformatting CopyNode ... to conv1") belongs to its
///   reader: the layer that it names, or else the next entry.
/// layer_shares() splits an entry's time among its layers.
ProfileMatch match_layers(const std::vector<ForeignEntry>& entries, const Graph& graph);

}  // namespace offcut::cost
