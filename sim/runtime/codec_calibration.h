#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/runtime/codec_study.h"

namespace offcut::runtime {

/// The effect of codecs on one network and one data set, at each cut. It is measured once and kept
/// in a file.
class CodecCalibration {
 public:
  explicit CodecCalibration(std::vector<CodecMeasure> measures) : measures_(std::move(measures)) {}

  /// Returns the measure of a codec at the cut of that name, or null if it was not measured.
  const CodecMeasure* at(const std::string& cut, const std::string& codec) const;

  /// Returns the measure of a codec at the cut that exactly these tensors cross, or null.
  const CodecMeasure* find(const Graph& graph, const std::vector<TensorId>& crossing,
                           const std::string& codec) const;

  const std::vector<CodecMeasure>& measures() const { return measures_; }

 private:
  std::vector<CodecMeasure> measures_;
};

/// Returns a name, in hexadecimal, for everything that measures depend on: the network with its
/// weights, the data, and the options. Different content has a different name (FNV-1a, 64 bits).
std::string calibration_key(const Graph& graph, const Dataset& data,
                            const CodecStudyOptions& options);

/// Measures these codecs at these cuts, except for measures that an earlier call left in the file
/// codecs-<key>.csv of `folder`. Adds the new measures to that file after each cut. If the file
/// cannot be read, measures everything again. Throws as study_codecs() does, and std::runtime_error
/// if the file cannot be written.
CodecCalibration calibrate_codecs(const Graph& graph, const std::vector<StudiedCut>& cuts,
                                  const std::vector<codec::NamedCodec>& codecs, const Dataset& data,
                                  const CodecStudyOptions& options,
                                  const std::filesystem::path& folder,
                                  const std::function<void(double done)>& progress = {});

}  // namespace offcut::runtime
