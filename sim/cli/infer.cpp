// `offcut infer`: runs a model on the user's arrays, whole or cut, and writes its outputs.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/output_directory.h"
#include "models/base/readable.h"
#include "models/codec/choose.h"
#include "models/files/tensor_file.h"
#include "partition/cut_list.h"
#include "sim/cli/class_labels.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/crossing_table.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/file_name.h"
#include "sim/cli/input_files.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/text_table.h"
#include "sim/runtime/split_pass.h"

namespace offcut::cli {
namespace {

/// Reads the labels. As many as one of the outputs has classes are expected.
std::vector<std::string> labels_for(const Graph& graph, const std::string& path,
                                    std::vector<Diagnostic>& diagnostics) {
  if (path.empty()) {
    return {};
  }
  std::vector<std::string> labels;
  try {
    labels = read_labels(path);
  } catch (const InputError& error) {
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    return {};
  }
  std::string classes;
  for (const TensorId id : graph.outputs()) {
    const auto count = class_count(graph.tensor(id).type);
    if (count == static_cast<std::int64_t>(labels.size())) {
      return labels;
    }
    if (count) {
      classes += fmt::format("{}'{}' has {}", classes.empty() ? "" : ", ", graph.tensor(id).name,
                             counted(*count, "class", "classes"));
    }
  }
  diagnostics.push_back(
      {Place{path}, fmt::format("has {}, but {}", counted(labels.size(), "label"),
                                classes.empty() ? "no output is a vector of classes" : classes)});
  return {};
}

/// All that a pass needs, checked.
struct Job {
  exec::TensorMap inputs;
  partition::Placement placement;
  exec::MathEngine engine = exec::MathEngine::reference;
  std::vector<std::string> labels;
  std::shared_ptr<const codec::Codec> codec;  // Null: none.
};

std::shared_ptr<const codec::Codec> codec_for(const InferOptions& options,
                                              const Registry<codec::CodecKind>& registry,
                                              std::vector<Diagnostic>& diagnostics) {
  if (options.codec.empty()) {
    return nullptr;
  }
  if (options.cut.empty()) {
    diagnostics.push_back({Place{"--codec"}, "nothing crosses without a --cut"});
  }
  try {
    return codec::make_codec(options.codec, registry);
  } catch (const std::invalid_argument& error) {
    diagnostics.push_back({Place{"--codec"}, error.what()});
    return nullptr;
  }
}

Job check_infer(const Graph& graph, const InferOptions& options,
                const scenario::Registries& registries) {
  std::vector<Diagnostic> diagnostics;
  Job job{.placement = partition::uncut(graph)};
  check_engine(options.engine, diagnostics);
  check_choice("--format", options.format, kTensorFormats, diagnostics);
  job.engine = engine_of(options.engine);
  check_threads(options.threads, options.engine, diagnostics);
  if (!options.cut.empty()) {
    job.placement = partition::cut_after(graph, options.cut, {"--cut"}, diagnostics);
  }
  job.codec = codec_for(options, registries.codecs, diagnostics);
  job.labels = labels_for(graph, options.labels, diagnostics);
  job.inputs = read_inputs(graph, options.inputs, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return job;
}

std::vector<std::string> output_files(const Graph& graph, const std::string& format) {
  std::vector<std::string> names;
  for (const TensorId id : graph.outputs()) {
    names.push_back(graph.tensor(id).name);
  }
  return file_names(names, "." + format);
}

/// Returns the best classes of an output that is a vector of classes, else "-".
std::string answer(const Tensor& output, const std::vector<std::string>& labels) {
  const auto count = class_count(output.type());
  const bool named = count == static_cast<std::int64_t>(labels.size());
  return count ? top_classes(output, named ? labels : std::vector<std::string>()) : "-";
}

/// Prepares and runs the pass. If a layer cannot use the values that it gets, such as an index out
/// of range, the inputs are wrong, or constants of the model.
exec::TensorMap run_pass(runtime::SplitPass& pass, const exec::TensorMap& inputs,
                         const std::string& model) {
  try {
    pass.prepare();
    return pass.run(inputs);
  } catch (const std::invalid_argument& error) {
    throw InputError({model}, fmt::format("can't run on these inputs: {}", error.what()));
  }
}

/// Returns the files that the command reads. An input may be given as NAME=FILE, and both may
/// contain a '='.
std::vector<std::string> inputs_of(const InferOptions& options) {
  std::vector<std::string> files = {options.model.model, options.labels};
  for (const std::string& text : options.inputs) {
    files.push_back(text);
    for (std::size_t i = text.find('='); i != std::string::npos; i = text.find('=', i + 1)) {
      files.push_back(text.substr(i + 1));
    }
  }
  return files;
}

std::string milliseconds(Seconds time) { return fmt::format("{:.3f} ms", time.si() * 1e3); }

void print_segments(const Graph& graph, const partition::Placement& placement,
                    const std::vector<Seconds>& times) {
  TextTable table({"tier", "layers", ">time"});
  const auto layers = placement.layers();
  for (std::size_t tier = 0; tier < layers.size(); ++tier) {
    table.add(
        {placement.tiers[tier], layer_range(graph, layers[tier]), milliseconds(times.at(tier))});
  }
  say("\n{}", table.text());
}

/// Prints the bytes and the error of each tensor that crossed encoded.
void print_sent(const Graph& graph, const std::vector<codec::SentTensor>& sent,
                const std::string& name, const codec::Codec& codec) {
  TextTable table({"tensor", "codec", ">bytes sent", ">largest error", ">stated bound"});
  for (const codec::SentTensor& tensor : sent) {
    const bool encoded = codec::crosses_encoded(graph, tensor.id, codec);
    const bool floats = tensor.original.type().type == DataType::float32;
    table.add(
        {graph.tensor(tensor.id).name, encoded ? name : "none", fmt::format("{:.0f}", tensor.bytes),
         encoded && floats ? fmt::format("{:.3g}", codec::largest_error(tensor)) : "0",
         encoded && floats ? fmt::format("{:.3g}", codec.error_bound(tensor.original)) : "0"});
  }
  say("\n{}", table.text());
}

}  // namespace

int infer(const InferOptions& options, const scenario::Registries& registries) {
  const Graph graph = load_math(options.model, registries);
  const std::vector<std::string> files = output_files(graph, options.format);
  refuse_overwriting_in("--out", options.out, files, inputs_of(options));
  const Job job = check_infer(graph, options, registries);
  { const OutputDirectory possible(options.out, files); }  // Errors come before the work.
  runtime::SplitPass pass(
      graph, job.placement.tier_of, job.engine, {.threads = options.threads},
      job.codec != nullptr ? codec::every_tensor(graph, job.codec) : codec::WireCodecs());
  const exec::TensorMap outputs = run_pass(pass, job.inputs, options.model.model);
  const Interruption interruption;
  OutputDirectory out(options.out, files);
  TextTable table({"output", "type", "file", "top classes"});
  table.set_least_important({"type", "file"});
  for (std::size_t i = 0; i < files.size(); ++i) {
    const TensorId id = graph.outputs()[i];
    const Tensor& output = outputs.at(id);
    write_into(out,
               [&] { files::write_tensor(output, graph.tensor(id).name, out.file(files[i])); });
    table.add({graph.tensor(id).name, to_text(output.type()), (out.path() / files[i]).string(),
               answer(output, job.labels)});
  }
  interruption.check();
  out.commit();
  set_kept(fmt::format("the outputs in {} are complete", options.out));
  say("{}: {} engine\n\n{}", graph.name(), options.engine, table.text());
  print_segments(graph, job.placement, pass.times());
  if (job.placement.tiers.size() > 1) {
    say("\n{}", crossing_table(graph, job.placement).text());
    if (job.codec != nullptr) {
      print_sent(graph, pass.sent(), options.codec, *job.codec);
    }
  }
  return 0;
}

}  // namespace offcut::cli
