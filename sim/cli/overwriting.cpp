// Finds out whether a command would replace one of its own inputs. Files are compared by device and
// inode. The inputs of a scenario are the texts in it that are the names of files: a text that only
// looks like one does no harm. The data files of a model are inputs, too.

#include "sim/cli/overwriting.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "models/base/error.h"
#include "models/onnx/external_files.h"
#include "sim/scenario/data_path.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

using FileIdentity = std::pair<dev_t, ino_t>;

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)
             ? std::optional(FileIdentity(status.st_dev, status.st_ino))
             : std::nullopt;
}

void add_named_files(const scenario::YamlNode& node, const std::string& scenario,
                     std::vector<std::string>& files) {
  if (node.kind == scenario::YamlNode::Kind::scalar && !node.text.empty()) {
    if (const auto file = scenario::find_file(node.text, scenario)) {
      files.push_back(file->string());
    }
  }
  for (const scenario::YamlNode& item : node.items) {
    add_named_files(item, scenario, files);
  }
  for (const scenario::YamlNode::Entry& entry : node.entries) {
    add_named_files(entry.value, scenario, files);
  }
}

/// Returns the inputs, and the data files of those that are models.
std::vector<std::string> with_data_files_of(const std::vector<std::string>& inputs) {
  std::vector<std::string> files = inputs;
  for (const std::string& input : inputs) {
    if (identity_of(input)) {
      const std::vector<std::string> more = onnx::external_files(input);
      files.insert(files.end(), more.begin(), more.end());
    }
  }
  return files;
}

bool is_no_file(const std::string& path) { return !identity_of(path); }

}  // namespace

std::vector<std::string> scenario_inputs(const std::string& scenario,
                                         const std::vector<scenario::Override>& overrides) {
  std::vector<std::string> files = {scenario};
  if (!identity_of(scenario)) {
    return files;  // A pipe can be read once, by the reader of the scenario.
  }
  try {
    std::vector<Diagnostic> ignored;
    scenario::YamlNode root = scenario::read_yaml(scenario, ignored);
    for (const scenario::Override& change : overrides) {
      scenario::set_path(root, change.keys(), change.value, {change.option()});
    }
    add_named_files(root, scenario, files);
  } catch (const InputError&) {
  }
  return files;
}

void refuse_overwriting(const std::string& writer, const std::vector<std::string>& outputs,
                        const std::vector<std::string>& inputs) {
  if (std::all_of(outputs.begin(), outputs.end(), is_no_file)) {
    return;  // Nothing is replaced, so models need not be read.
  }
  std::vector<Diagnostic> diagnostics;
  const std::vector<std::string> all_inputs = with_data_files_of(inputs);
  for (const std::string& output : outputs) {
    const auto target = identity_of(output);
    for (const std::string& input : all_inputs) {
      if (target && identity_of(input) == target) {
        diagnostics.push_back(
            {Place{output},
             input == output
                 ? fmt::format("is an input of this command; {} would replace it", writer)
                 : fmt::format("is the same file as the input {}; {} would replace it",
                               in_quotes(input), writer)});
        break;
      }
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

void refuse_overwriting_in(const std::string& writer, const fs::path& folder,
                           const std::vector<std::string>& names,
                           const std::vector<std::string>& inputs) {
  std::vector<std::string> outputs;
  outputs.reserve(names.size());
  for (const std::string& name : names) {
    outputs.push_back((folder / name).string());
  }
  refuse_overwriting(writer, outputs, inputs);
}

void refuse_results(const fs::path& folder, const std::string& marker, const std::string& kind) {
  std::error_code ignored;
  if (fs::exists(folder / marker, ignored)) {
    throw InputError({folder.string()},
                     fmt::format("has the results {} ({}): --out takes another folder", kind, marker));
  }
}

}  // namespace offcut::cli
