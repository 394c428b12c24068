// `offcut codecs`: measures codecs at the cuts of a model, on a data set or on drawn inputs.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/readable.h"
#include "models/codec/choose.h"
#include "partition/cut_list.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/dataset_folder.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/runtime/codec_calibration.h"
#include "sim/runtime/codec_table.h"
#include "sim/runtime/inference.h"

namespace offcut::cli {
namespace {

constexpr std::size_t kMostStudiedCuts = 1000;
constexpr std::int64_t kDrawnInputs = 20;
constexpr std::uint64_t kSeed = 1;

[[noreturn]] void refuse(const std::string& option, std::string message) {
  throw InputError({option}, std::move(message));
}

std::vector<runtime::StudiedCut> cuts_of(const Graph& graph,
                                         const std::vector<std::string>& texts) {
  if (texts == std::vector<std::string>{"all"}) {
    auto cuts = runtime::studied_cuts(graph, kMostStudiedCuts);
    if (!cuts) {
      refuse("--cut all",
             fmt::format("the network has more than {} legal cuts; name one", kMostStudiedCuts));
    }
    return std::move(*cuts);
  }
  if (texts.empty()) {
    refuse("--cut", "is missing; expected a layer, or all");
  }
  std::vector<Diagnostic> diagnostics;
  partition::Placement placement = partition::cut_after(graph, texts, {"--cut"}, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  if (placement.tiers.size() != 2) {
    refuse("--cut", fmt::format("expected a cut in two parts, got {}", placement.tiers.size()));
  }
  std::string name;
  for (const std::string& text : texts) {
    name += (name.empty() ? "" : ",") + text;
  }
  return {{.name = name, .tier_of = std::move(placement.tier_of)}};
}

std::vector<codec::NamedCodec> requested_codecs(std::vector<std::string> texts,
                                                const Registry<codec::CodecKind>& registry) {
  if (texts.empty()) {
    for (const auto& [name, kind] : registry) {
      if (!kind.is_for_updates) {
        texts.push_back(name);
        texts.push_back(name + "+zstd");
      }
    }
  }
  std::vector<codec::NamedCodec> codecs;
  std::vector<Diagnostic> diagnostics;
  for (const std::string& text : texts) {
    try {
      codecs.push_back({text, codec::make_codec(text, registry)});
    } catch (const std::invalid_argument& error) {
      diagnostics.push_back({Place{"--codec"}, error.what()});
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return codecs;
}

runtime::Dataset data_of(const Graph& graph, const CodecsOptions& options) {
  if (!options.dataset.empty()) {
    runtime::Dataset data = read_dataset_folder(options.dataset);
    runtime::check_fits(graph, data.item, {options.dataset});
    return data;
  }
  try {
    return runtime::random_dataset(graph, options.samples.value_or(kDrawnInputs), kSeed);
  } catch (const std::invalid_argument& error) {
    refuse(options.model.model, error.what());
  }
}

/// Checks the options that need no model. The limits are those of a scenario's `input`.
void check_codecs(const CodecsOptions& options) {
  constexpr std::int64_t kMostSamples = 1'000'000;
  constexpr double kMostDivisor = 1e9;
  std::vector<Diagnostic> diagnostics;
  check_engine(options.engine, diagnostics);
  if (options.samples && (*options.samples < 1 || *options.samples > kMostSamples)) {
    diagnostics.push_back({Place{"--samples"}, fmt::format("expected 1 to {}, got {}", kMostSamples,
                                                           *options.samples)});
  }
  if (!(options.divide >= 1 / kMostDivisor && options.divide <= kMostDivisor)) {
    diagnostics.push_back(
        {Place{"--divide"}, fmt::format("expected a number from {:g} to {:g}, got {:g}",
                                        1 / kMostDivisor, kMostDivisor, options.divide)});
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// Returns the bytes of the raw inputs: those that a cut before the first layer would send.
double input_bytes(const Graph& graph) {
  double bytes = 0;
  for (const TensorId id : graph.inputs()) {
    bytes += graph.wire_bytes(id);
  }
  return bytes;
}

/// Measures each cut with each codec. A signal ends the work; a cache keeps the cuts that are done.
std::vector<runtime::CodecMeasure> measures_of(const Graph& graph,
                                               const std::vector<runtime::StudiedCut>& cuts,
                                               const std::vector<codec::NamedCodec>& codecs,
                                               const runtime::Dataset& data,
                                               const runtime::CodecStudyOptions& study,
                                               const std::string& cache) {
  const Interruption interruption;
  ProgressBar bar(graph.name());
  const auto show = [&](double done) {
    interruption.check();
    bar.show(done);
  };
  if (cache.empty()) {
    return runtime::study_codecs(graph, cuts, codecs, data, study, show);
  }
  set_kept(fmt::format("{} holds the cuts that were measured, nothing else was written", cache));
  const runtime::CodecCalibration known =
      runtime::calibrate_codecs(graph, cuts, codecs, data, study, cache, show);
  std::vector<runtime::CodecMeasure> measures;
  for (const runtime::StudiedCut& cut : cuts) {
    for (const codec::NamedCodec& codec : codecs) {
      measures.push_back(*known.at(cut.name, codec.text));
    }
  }
  return measures;
}

std::string percent_or_dash(const std::optional<double>& share) {
  return share ? fmt::format("{:.2f} %", 100 * *share) : "-";
}

void write_csv(const std::vector<runtime::CodecMeasure>& measures, double input,
               const std::string& path) {
  TableWriter<runtime::CodecRow> file(path, runtime::codec_table().columns);
  for (const runtime::CodecMeasure& measure : measures) {
    file.add({.measure = measure, .input_bytes = input});
  }
  file.close();
}

void print_measures(const std::vector<runtime::CodecMeasure>& measures, double input) {
  TextTable table({"cut", "codec", ">bytes", ">of input", ">max error", ">RMS error", ">accuracy",
                   ">agreement", ">encode", ">decode"});
  table.set_least_important({"decode", "encode", "RMS error", "of input", "agreement"});
  for (const runtime::CodecMeasure& row : measures) {
    table.add({row.cut, row.codec, fmt::format("{:.1f}", row.bytes_mean),
               percent_or_dash(row.bytes_mean / input), fmt::format("{:.3g}", row.error_max),
               fmt::format("{:.3g}", row.error_rms), percent_or_dash(row.accuracy),
               percent_or_dash(row.agreement), to_readable(Seconds(row.encode_s)),
               to_readable(Seconds(row.decode_s))});
  }
  say("{}", table.text());
}

}  // namespace

int codecs(const CodecsOptions& options, const scenario::Registries& registries) {
  check_codecs(options);
  std::vector<std::string> inputs = dataset_files(options.dataset);
  inputs.push_back(options.model.model);
  refuse_overwriting("--out", {options.out}, inputs);
  const runtime::CodecStudyOptions study{.engine = engine_of(options.engine),
                                         .divide = options.divide,
                                         .samples = options.samples.value_or(0)};
  const std::vector<codec::NamedCodec> chosen = requested_codecs(options.codecs, registries.codecs);
  const Graph graph = load_math(options.model, registries);
  const std::vector<runtime::StudiedCut> cuts = cuts_of(graph, options.cut);
  const runtime::Dataset data = data_of(graph, options);
  std::vector<runtime::CodecMeasure> measures;
  try {
    measures = measures_of(graph, cuts, chosen, data, study, options.cache);
  } catch (const std::invalid_argument& error) {
    refuse(options.model.model, error.what());
  }
  const double input = input_bytes(graph);
  if (!options.out.empty()) {
    write_beside(options.out, [&](const std::string& path) { write_csv(measures, input, path); });
  }
  say("{}: {}{}, {:.0f} bytes each; {} engine\n\n", graph.name(),
      counted(measures.empty() ? 0 : measures.front().inputs, "input"),
      data.labels.empty() ? " without labels" : "", input, options.engine);
  print_measures(measures, input);
  return 0;
}

}  // namespace offcut::cli
