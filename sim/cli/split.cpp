// `offcut split`: writes the part of each tier as an ONNX file. Codecs of the tensors that cross
// become operators of the files.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <regex>
#include <stdexcept>

#include "models/base/output_directory.h"
#include "models/codec/choose.h"
#include "models/codec/coded_part.h"
#include "models/codec/wire.h"
#include "models/graph/subgraph.h"
#include "models/onnx/import.h"
#include "models/onnx/open_batch.h"
#include "partition/cut_list.h"
#include "partition/plan_file.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/crossing_table.h"
#include "sim/cli/file_name.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/text_table.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {
namespace {

partition::Placement placement_of(const Graph& graph, const SplitOptions& options) {
  if (options.cut.empty() == options.plan.empty()) {
    throw InputError({"offcut split"}, "expected either --cut or --plan");
  }
  if (!options.plan.empty()) {
    return partition::read_plan_file(graph, options.plan, options.algorithm, options.plan_model);
  }
  for (const auto& [option, value] :
       {std::pair("--algorithm", options.algorithm), {"--plan-model", options.plan_model}}) {
    if (!value.empty()) {
      throw InputError({option}, "needs --plan");
    }
  }
  std::vector<Diagnostic> diagnostics;
  partition::Placement placement = partition::cut_after(graph, options.cut, {"--cut"}, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return placement;
}

/// Returns 0-device.onnx, 1-cloud.onnx and so on.
std::vector<std::string> tier_files(const partition::Placement& placement) {
  std::vector<std::string> names;
  names.reserve(placement.tiers.size());
  for (std::size_t tier = 0; tier < placement.tiers.size(); ++tier) {
    names.push_back(fmt::format("{}-{}", tier, placement.tiers[tier]));
  }
  return file_names(names, ".onnx");
}

std::string names_of(const Graph& graph, const std::vector<TensorId>& tensors) {
  std::string names;
  for (const TensorId id : tensors) {
    names += (names.empty() ? "" : ", ") + graph.tensor(id).name;
  }
  return names;
}

/// Returns the codecs whose steps ONNX has operators for.
std::vector<std::string> written_codecs(const Registry<codec::CodecKind>& registry) {
  std::vector<std::string> names;
  for (const auto& [name, kind] : registry) {
    if (kind.make(defaults(kind.parameters))->steps() != nullptr) {
      names.push_back(name);
    }
  }
  return names;
}

/// `source` is the option or the file that names the codec.
std::shared_ptr<const codec::Codec> codec_of(const std::string& text, const std::string& source,
                                             const Registry<codec::CodecKind>& registry) {
  std::shared_ptr<const codec::Codec> codec;
  try {
    codec = codec::make_codec(text, registry);
  } catch (const std::invalid_argument& error) {
    throw InputError({source}, error.what());
  }
  if (codec->steps() == nullptr) {
    throw InputError({source},
                     fmt::format("{} can't be written as ONNX operators; these can: {}",
                                 in_quotes(text), fmt::join(written_codecs(registry), ", ")));
  }
  return codec;
}

/// Returns the codecs of --codec, or else of the plan.
codec::WireCodecs codecs_to_write(const Graph& graph, const SplitOptions& options,
                                  const Registry<codec::CodecKind>& registry) {
  if (!options.codec.empty()) {
    return codec::every_tensor(graph, codec_of(options.codec, "--codec", registry));
  }
  codec::WireCodecs codecs;
  if (!options.plan.empty()) {
    for (const auto& [tensor, text] :
         partition::read_plan_codecs(graph, options.plan, options.algorithm, options.plan_model)) {
      codecs[tensor] = codec_of(text, options.plan, registry);
    }
  }
  return codecs;
}

/// The steps of the tensors that cross, by the tier that decodes or encodes them.
struct Coded {
  std::vector<codec::StepsOf> decoded;
  std::vector<codec::StepsOf> encoded;
};

Coded coded_crossings(const Graph& graph, const partition::Placement& placement,
                      const codec::WireCodecs& codecs) {
  Coded coded{std::vector<codec::StepsOf>(placement.tiers.size()),
              std::vector<codec::StepsOf>(placement.tiers.size())};
  for (const partition::CutTensor& crossing : partition::crossings(graph, placement)) {
    const TensorType& type = graph.tensor(crossing.tensor).type;
    const auto codec = codecs.find(crossing.tensor);
    if (codec != codecs.end() && type.type == DataType::float32 && elements(type.shape) > 0) {
      const auto steps = codec->second->steps();
      coded.encoded[crossing.from][crossing.tensor] = steps;
      for (const std::size_t tier : crossing.to) {
        coded.decoded[tier][crossing.tensor] = steps;
      }
    }
  }
  return coded;
}

/// Throws if the folder has files of an earlier split that this one would not replace: beside the
/// new ones, they would pass for parts of the same model.
void refuse_stale_files(const std::filesystem::path& folder,
                        const std::vector<std::string>& files) {
  static const std::regex tier_file(R"(\d+-.+\.onnx(\.data)?)");
  std::vector<std::string> stale;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (std::regex_match(name, tier_file) &&
        std::find(files.begin(), files.end(), name) == files.end()) {
      stale.push_back(name);
    }
  }
  std::sort(stale.begin(), stale.end());
  if (!stale.empty()) {
    throw InputError({folder.string()},
                     fmt::format("holds {} of another split; remove it, or name another folder",
                                 fmt::join(stale, ", ")));
  }
}

/// The network for a batch of two, if its file leaves the batch open, or the reason if it is made
/// for one.
struct OpenBatch {
  std::optional<Graph> two;
  std::string reason;
};

OpenBatch open_batch_of(const Graph& graph, const SplitOptions& options,
                        const scenario::Registries& registries) {
  const scenario::ModelChoice choice = choice_of(options.model, registries);
  if (choice.source != scenario::ModelChoice::Source::onnx || !options.codec.empty()) {
    return {};
  }
  OpenBatch open;
  try {
    open.two = onnx::import_onnx(choice.source_name, registries.operators,
                                 {.bind = choice.bind, .batch = 2, .fix = choice.fix});
  } catch (const InputError& error) {
    open.reason = error.diagnostics().front().message;
    return open;
  }
  const auto is_fixed = [&](TensorId input) {
    const auto other = open.two->find_tensor(graph.tensor(input).name);
    return other && open.two->tensor(*other).type == graph.tensor(input).type;
  };
  if (std::all_of(graph.inputs().begin(), graph.inputs().end(), is_fixed)) {
    open.two.reset();
  } else if (open.two->layer_count() != graph.layer_count()) {
    open.two.reset();
    open.reason = "a batch of two has other layers";
  }
  return open;
}

codec::CodedPart part_of(const Graph& graph, const std::vector<LayerId>& layers,
                         const std::string& name, const Registry<ops::Operator>& operators,
                         const codec::StepsOf& decoded, const codec::StepsOf& encoded,
                         const std::string& model) {
  try {
    return codec::coded_part(graph, layers, name, operators, decoded, encoded);
  } catch (const std::invalid_argument& error) {
    throw InputError({model}, fmt::format("can't be written with a codec: {}", error.what()));
  }
}

/// Adds the tensors that cross encoded from a tier.
void add_sent(const codec::CodedPart& part, const std::string& from, TextTable& table) {
  for (const TensorId id : part.sent) {
    const TensorNode& sent = part.graph.tensor(id);
    const bool half = part.halves.contains(sent.name);
    table.add({sent.name, from, half ? "float16 " + to_text(sent.type.shape) : to_text(sent.type),
               fmt::format("{}", half ? sent.type.bytes() / 2 : sent.type.bytes())});
  }
}

/// Returns the names of all files that may be written: a model's data file, then the model.
std::vector<std::string> with_data_files(const std::vector<std::string>& models) {
  std::vector<std::string> files;
  for (const std::string& model : models) {
    files.push_back(onnx::data_file_of(model));
    files.push_back(model);
  }
  return files;
}

/// Says in which files the weights are, unless they are in the models.
void print_data_files(const std::vector<std::string>& files) {
  if (!files.empty()) {
    say("\nThe weights are in {}; a model needs its data file beside it.\n",
        fmt::join(files, ", "));
  }
}

}  // namespace

int split(const SplitOptions& options, const scenario::Registries& registries) {
  const Graph graph = load_math(options.model, registries);
  const partition::Placement placement = placement_of(graph, options);
  const codec::WireCodecs codecs = codecs_to_write(graph, options, registries.codecs);
  const Coded coded = coded_crossings(graph, placement, codecs);
  const std::vector<std::string> files = tier_files(placement);
  const std::vector<std::string> all_files = with_data_files(files);
  refuse_overwriting_in("--out", options.out, all_files, {options.model.model, options.plan});
  refuse_stale_files(options.out, all_files);
  const Interruption interruption;
  set_kept_unchanged(options.out);
  OutputDirectory out(options.out, all_files, files.front());
  TextTable table({"file", "layers", "inputs", "outputs"});
  TextTable sent({"sent", "from", "type", ">bytes"});
  const auto layers = placement.layers();
  OpenBatch open = codecs.empty() ? open_batch_of(graph, options, registries) : OpenBatch{};
  std::vector<std::string> data_files;
  for (std::size_t tier = 0; tier < files.size(); ++tier) {
    const codec::CodedPart part = part_of(
        graph, layers[tier], fmt::format("{}-{}", graph.name(), placement.tiers[tier]),
        registries.operators, coded.decoded[tier], coded.encoded[tier], options.model.model);
    onnx::ExportOptions parts{.external_data = options.external_data, .halves = part.halves};
    std::optional<Graph> two;
    if (open.two) {
      two = subgraph(*open.two, layers[tier], part.graph.name());
      const std::string reason = onnx::reason_fixed(part.graph, *two);
      open.reason = open.reason.empty() ? reason : open.reason;
      parts.batch_of_two = reason.empty() ? &*two : nullptr;
    }
    write_into(out,
               [&] { write_model(part.graph, out.file(files[tier]), options.model.model, parts); });
    if (onnx::has_data_file(part.graph, parts)) {
      data_files.push_back((out.path() / onnx::data_file_of(files[tier])).string());
    }
    interruption.check();
    table.add({(out.path() / files[tier]).string(), layer_range(graph, layers[tier]),
               names_of(part.graph, part.graph.inputs()),
               names_of(part.graph, part.graph.outputs())});
    add_sent(part, placement.tiers[tier], sent);
  }
  out.commit();
  set_kept(fmt::format("the files in {} are complete", options.out));
  say("{}\n{}", table.text(), crossing_table(graph, placement).text());
  if (!codecs.empty()) {
    say("\n{}", sent.text());
  }
  print_data_files(data_files);
  if (!open.reason.empty()) {
    say("\nA part keeps its batch of {}: {}\n", 1, open.reason);
  }
  return 0;
}

}  // namespace offcut::cli
