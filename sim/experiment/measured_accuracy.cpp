// Fills the table of accuracy losses by which planners choose codecs. It measures each candidate at
// each legal cut with the network's real math, through calibrate_codecs(), which keeps results in a
// file.

#include "sim/experiment/measured_accuracy.h"

#include <fmt/format.h>

#include <filesystem>

#include "partition/placement.h"
#include "sim/runtime/codec_calibration.h"

namespace offcut::experiment {
namespace {

constexpr std::size_t kMostCuts = 1000;

[[noreturn]] void refuse(const scenario::ModelChoice& model, const std::string& reason) {
  throw InputError(model.plan.codec.place, model.plan.section + ".codec: " + reason);
}

std::filesystem::path folder_of(const scenario::ModelChoice& model) {
  if (!model.plan.codec.cache.empty()) {
    return model.plan.codec.cache;
  }
  if (model.source != scenario::ModelChoice::Source::onnx) {
    refuse(model,
           fmt::format("codecs are chosen by their measured accuracy; set {}.cache to the folder "
                       "that keeps it, since a built-in network has none",
                       model.plan.section));
  }
  const auto folder = std::filesystem::path(model.source_name).parent_path();
  return folder.empty() ? "." : folder;
}

runtime::CodecCalibration measure(const Graph& graph, const std::vector<runtime::StudiedCut>& cuts,
                                  const scenario::ModelChoice& model,
                                  const runtime::Dataset& data) {
  const runtime::CodecStudyOptions options{
      .engine = model.engine,
      .divide = model.divide,
      .samples = model.math == scenario::ModelChoice::Math::sampled ? model.samples : 0};
  const std::filesystem::path folder = folder_of(model);
  try {
    return runtime::calibrate_codecs(graph, cuts, model.plan.codec.candidates, data, options,
                                     folder);
  } catch (const std::invalid_argument& error) {  // A codec refuses the tensor of a layer.
    refuse(model, error.what());
  } catch (const std::runtime_error& error) {
    refuse(model,
           fmt::format("{}; name another folder with {}.cache", error.what(), model.plan.section));
  }
}

}  // namespace

partition::AccuracyTable measured_accuracy(const Graph& graph, const scenario::ModelChoice& model,
                                           const runtime::Dataset& data) {
  partition::AccuracyTable table;
  if (model.plan.codec.candidates.empty()) {
    return table;
  }
  if (model.math == scenario::ModelChoice::Math::off) {
    refuse(model,
           fmt::format("codecs are chosen by their measured accuracy, which needs {}.math: sampled "
                       "or every",
                       model.section));
  }
  const auto cuts = runtime::studied_cuts(graph, kMostCuts);
  if (!cuts) {
    refuse(model, fmt::format("the network has more than {} legal cuts, too many to measure "
                              "codecs at; name one codec",
                              kMostCuts));
  }
  const runtime::CodecCalibration calibration = measure(graph, *cuts, model, data);
  for (const runtime::StudiedCut& cut : *cuts) {
    const std::vector<partition::CutTensor> crossing =
        partition::crossings(graph, {.tiers = {"head", "tail"}, .tier_of = cut.tier_of});
    for (const codec::NamedCodec& candidate : model.plan.codec.candidates) {
      partition::CodecOf codecs;
      for (const partition::CutTensor& tensor : crossing) {
        codecs[graph.tensor(tensor.tensor).name] = candidate.text;
      }
      if (!codecs.empty()) {
        const runtime::CodecMeasure& measure = *calibration.at(cut.name, candidate.text);
        table.add(std::move(codecs), measure.accuracy_loss.value_or(1 - measure.agreement));
      }
    }
  }
  return table;
}

}  // namespace offcut::experiment
