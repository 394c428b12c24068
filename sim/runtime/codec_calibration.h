#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/runtime/codec_study.h"

namespace offcut::runtime {

/// What codecs do to one network on one data set, by what crosses: measured once and kept in a
/// file.
class CodecCalibration {
 public:
  explicit CodecCalibration(std::vector<CodecMeasure> measures) : measures_(std::move(measures)) {}

  /// The measure of that codec at the cut of that name; null where it was not measured.
  const CodecMeasure* at(const std::string& cut, const std::string& codec) const;

  /// The same where exactly these tensors cross.
  const CodecMeasure* find(const Graph& graph, const std::vector<TensorId>& crossing,
                           const std::string& codec) const;

  const std::vector<CodecMeasure>& measures() const { return measures_; }

 private:
  std::vector<CodecMeasure> measures_;
};

/// A name for all that measures hang on: the network with its weights, the data, the options. In
/// hexadecimal; other content has another name (64 bits, FNV-1a).
std::string calibration_key(const Graph& graph, const Dataset& data,
                            const CodecStudyOptions& options);

/// Measures these codecs at these cuts, but for what `folder` has from an earlier call, in the file
/// codecs-<key>.csv, and writes there what is new, after each cut. A file that can't be read is
/// measured anew.
/// Throws as study_codecs() does, and InputError if the file can't be written.
CodecCalibration calibrate_codecs(const Graph& graph, const std::vector<StudiedCut>& cuts,
                                  const std::vector<codec::NamedCodec>& codecs, const Dataset& data,
                                  const CodecStudyOptions& options,
                                  const std::filesystem::path& folder,
                                  const std::function<void(double done)>& progress = {});

}  // namespace offcut::runtime
