// Reads the values of --input, and finds for each the input of the network that it is for.

#include "sim/cli/input_files.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

#include "models/files/tensor_file.h"

namespace offcut::cli {
namespace {

class InputReader {
 public:
  InputReader(const Graph& graph, std::vector<Diagnostic>& diagnostics)
      : graph_(graph), diagnostics_(diagnostics) {
    for (const TensorId id : graph.inputs()) {
      names_.push_back(graph.tensor(id).name);
    }
  }

  void read(const std::string& text) {
    const auto given = split(text);
    if (!given) {
      return;
    }
    const auto& [id, file] = *given;
    const TensorNode& input = graph_.tensor(id);
    if (!seen_.insert(id).second) {
      note(text, fmt::format("input {} is given twice", in_quotes(input.name)));
      return;
    }
    try {
      Tensor tensor = files::read_tensor(file);
      if (tensor.type() != input.type) {
        note(file, fmt::format("is {}, but input {} is {}{}", to_text(tensor.type()),
                               in_quotes(input.name), to_text(input.type),
                               remedy(tensor.type(), input.type)));
      }
      tensors_[id] = std::move(tensor);
    } catch (const InputError& error) {
      diagnostics_.insert(diagnostics_.end(), error.diagnostics().begin(),
                          error.diagnostics().end());
    }
  }

  exec::TensorMap finish() {
    std::vector<std::string> missing;
    for (const TensorId id : graph_.inputs()) {
      if (!seen_.contains(id) && !misspelt_.contains(graph_.tensor(id).name)) {
        missing.push_back(fmt::format("{} ({})", in_quotes(graph_.tensor(id).name),
                                      to_text(graph_.tensor(id).type)));
      }
    }
    if (!missing.empty()) {
      note("--input", fmt::format("missing: {}", fmt::join(missing, ", ")));
    }
    return std::move(tensors_);
  }

 private:
  void note(const std::string& file, std::string message) {
    diagnostics_.push_back({{file}, std::move(message)});
  }

  /// Returns whether the shapes are those of several samples and of one.
  static bool is_batch(const Shape& several, const Shape& one) {
    return several.size() == one.size() && !one.empty() && one.front() == 1 &&
           std::equal(one.begin() + 1, one.end(), several.begin() + 1);
  }

  /// Returns how NumPy converts the array to the right type; empty if that is not possible.
  static std::string remedy(const TensorType& got, const TensorType& expected) {
    std::string steps;
    if (got.type != expected.type) {
      steps += fmt::format(".astype('{}')", to_text(expected.type));
    }
    if (got.shape != expected.shape) {
      if (elements(got.shape) != elements(expected.shape)) {
        return is_batch(got.shape, expected.shape)
                   ? fmt::format("; --bind batch={} takes it, if the model leaves its batch open",
                                 got.shape.front())
                   : "";
      }
      steps += fmt::format(".reshape({})", fmt::join(expected.shape, ", "));
    }
    return fmt::format("; in NumPy: a{}", steps);
  }

  /// Returns the input and its file. Both names may contain a '=': the shortest part before one
  /// that is the name of an input counts.
  std::optional<std::pair<TensorId, std::string>> split(const std::string& text) {
    const std::size_t first = text.find('=');
    for (std::size_t equals = first; equals != std::string::npos;
         equals = text.find('=', equals + 1)) {
      const auto it = std::find(names_.begin(), names_.end(), text.substr(0, equals));
      if (it != names_.end()) {
        return std::pair(graph_.inputs()[static_cast<std::size_t>(it - names_.begin())],
                         text.substr(equals + 1));
      }
    }
    if (first != std::string::npos) {
      const std::string name = text.substr(0, first);
      misspelt_.insert(names_.size() == 1 ? names_.front() : nearest(name, names_));
      note("--input " + shortened(text),
           fmt::format("there is no input {}{}", in_quotes(name), suggestion(name, names_)));
      return std::nullopt;
    }
    if (names_.size() != 1) {
      note("--input " + shortened(text),
           fmt::format("expected NAME=FILE; the network has {} inputs: {}", names_.size(),
                       fmt::join(names_, ", ")));
      return std::nullopt;
    }
    return std::pair(graph_.inputs().front(), text);
  }

  const Graph& graph_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<std::string> names_;
  std::set<TensorId> seen_;
  std::set<std::string> misspelt_;  // Inputs meant by unknown names: not also missing.
  exec::TensorMap tensors_;
};

}  // namespace

exec::TensorMap read_inputs(const Graph& graph, const std::vector<std::string>& texts,
                            std::vector<Diagnostic>& diagnostics) {
  InputReader reader(graph, diagnostics);
  for (const std::string& text : texts) {
    reader.read(text);
  }
  return reader.finish();
}

}  // namespace offcut::cli
