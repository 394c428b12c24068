// Fills the table of accuracy losses by which planners choose codecs. Each candidate at each legal
// cut is measured with the network's real math when a planner asks for it, through
// calibrate_codecs(), which keeps results in a file.

#include "sim/experiment/measured_accuracy.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <set>

#include "partition/placement.h"
#include "sim/experiment/tier_precisions.h"
#include "sim/runtime/codec_calibration.h"

namespace offcut::experiment {
namespace {

constexpr std::size_t kMostCuts = 1000;
const std::string kUncoded = "fp32";  // The codec that changes nothing.

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

/// Everything that a measurement reads. Losses are measured on demand, when the model that they
/// belong to may have been moved.
struct Measuring {
  Graph graph;
  scenario::ModelChoice model;
  runtime::Dataset data;
  std::shared_ptr<const TierPrecisions> precisions;  // Null: all tiers compute in float32.
  std::shared_ptr<runtime::StudyMemory> memory;
  std::filesystem::path folder;

  double loss(const runtime::StudiedCut& cut, const codec::NamedCodec& codec) const {
    runtime::CodecStudyOptions options{
        .engine = model.engine,
        .divide = model.divide,
        .samples = model.math == scenario::ModelChoice::Math::sampled ? model.samples : 0,
        .memory = memory};
    if (precisions != nullptr) {
      options.precisions = precisions->text();
      options.computed = [&](const partition::Assignment& tier_of) {
        return precisions->computed(graph, tier_of);
      };
    }
    try {
      const runtime::CodecMeasure measure =
          *runtime::calibrate_codecs(graph, {cut}, {codec}, data, options, folder)
               .at(cut.name, codec.text);
      return measure.accuracy_loss.value_or(1 - measure.agreement);
    } catch (const std::invalid_argument& error) {  // A codec refuses the tensor of a layer.
      refuse(model, error.what());
    } catch (const std::runtime_error& error) {
      refuse(model, fmt::format("{}; name another folder with {}.cache", error.what(),
                                model.plan.section));
    }
  }
};

/// Losses are measured for one tail at each cut, so all tiers that may compute it must do so alike.
void check_tails(const scenario::ModelChoice& model, const TierPrecisions& precisions) {
  for (std::size_t tier = 2; tier < precisions.tier_count(); ++tier) {
    if (precisions.in_integers(tier) != precisions.in_integers(1)) {
      throw InputError(
          model.plan.codec.place,
          fmt::format("{}: '{}' needs one precision for all tiers after the device, which compute "
                      "the rest of the network",
                      model.plan.section, model.plan.algorithm->name));
    }
  }
}

/// The cut that no tensor crosses.
runtime::StudiedCut on_device_alone(const Graph& graph) {
  return {.name = "none", .tier_of = partition::Assignment(graph.layer_count(), 0)};
}

std::set<std::string> crossing_names(const Graph& graph, const runtime::StudiedCut& cut) {
  std::set<std::string> names;
  for (const partition::CutTensor& tensor :
       partition::crossings(graph, {.tiers = {"head", "tail"}, .tier_of = cut.tier_of})) {
    names.insert(graph.tensor(tensor.tensor).name);
  }
  return names;
}

}  // namespace

partition::AccuracyTable measured_accuracy(const Graph& graph, const scenario::ModelChoice& model,
                                           const runtime::Dataset& data,
                                           std::shared_ptr<const TierPrecisions> precisions,
                                           std::shared_ptr<runtime::StudyMemory> memory,
                                           const Registry<codec::CodecKind>& kinds) {
  partition::AccuracyTable table;
  const bool counts_precisions = precisions != nullptr && model.plan.algorithm->takes.accuracy;
  if (model.plan.codec.candidates.empty() && !counts_precisions) {
    if (model.plan.algorithm->takes.accuracy && model.math != scenario::ModelChoice::Math::off) {
      table.know_lossless();
    }
    return table;
  }
  if (model.math == scenario::ModelChoice::Math::off) {
    refuse(model,
           fmt::format("codecs are chosen by their measured accuracy, which needs {}.math: sampled "
                       "or every",
                       model.section));
  }
  auto cuts = runtime::studied_cuts(graph, kMostCuts);
  if (!cuts) {
    refuse(model, fmt::format("the network has more than {} legal cuts, too many to measure "
                              "codecs at; name one codec",
                              kMostCuts));
  }
  const codec::NamedCodec uncoded{kUncoded, codec::make_codec(kUncoded, kinds)};
  if (counts_precisions) {
    check_tails(model, *precisions);
    cuts->push_back(on_device_alone(graph));
  }
  const auto measuring = std::make_shared<const Measuring>(
      Measuring{graph, model, data, precisions, std::move(memory), folder_of(model)});
  const auto loss = [&](const runtime::StudiedCut& cut, const codec::NamedCodec& codec) {
    return partition::Loss([=] { return measuring->loss(cut, codec); });
  };
  for (const runtime::StudiedCut& cut : *cuts) {
    const std::set<std::string> tensors = crossing_names(graph, cut);
    if (counts_precisions) {
      table.add_uncoded(tensors, loss(cut, uncoded));
    }
    for (const codec::NamedCodec& candidate : model.plan.codec.candidates) {
      partition::CodecOf chosen;
      for (const std::string& tensor : tensors) {
        chosen[tensor] = candidate.text;
      }
      if (!chosen.empty()) {
        table.add(std::move(chosen), loss(cut, candidate));
      }
    }
  }
  return table;
}

}  // namespace offcut::experiment
