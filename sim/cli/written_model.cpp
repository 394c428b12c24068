// Writes models as ONNX. A model whose weights need a data file is written into a hidden folder
// first, because its name is part of the model: the data file can't have a hidden name of its own.

#include "sim/cli/written_model.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/output_directory.h"
#include "models/onnx/open_batch.h"
#include "sim/cli/interruption.h"
#include "sim/cli/output_file.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

/// Returns the file that is to be replaced: the target of a symbolic link.
fs::path replaced_file(const std::string& path) {
  return fs::is_symlink(path) ? fs::weakly_canonical(path) : fs::path(path);
}

/// Returns the file that is to be replaced, in its folder. Throws InputError if there can't be a
/// file with a data file beside it.
fs::path file_with_data(const std::string& path) {
  if (fs::is_directory(path)) {
    throw InputError({path}, "is a directory, expected the name of a file");
  }
  if (fs::exists(path) && !fs::is_regular_file(path)) {
    throw InputError({path},
                     "is no regular file, but the weights need a data file of their own beside it");
  }
  const fs::path target = replaced_file(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  if (!fs::exists(folder)) {
    throw InputError({path}, fmt::format("cannot be written: there is no folder {}",
                                         in_quotes(folder.string())));
  }
  return folder / target.filename();
}

InputError no_onnx(const std::string& model, const std::invalid_argument& error) {
  return {Place{model}, fmt::format("can't be written as ONNX: {}", error.what())};
}

/// Calls f(graph, options) for a file with an open batch, or one of 1 where that is impossible.
template <class F>
auto with_open_batch(const Graph& graph, const Registry<ops::Operator>& operators,
                     bool external_data, F f) {
  const onnx::BatchPair pair = onnx::batch_pair(graph, operators);
  return f(pair.one, onnx::ExportOptions{.external_data = external_data,
                                         .batch_of_two = pair.batch_of_two()});
}

}  // namespace

void write_model(const Graph& graph, const std::string& path, const std::string& model,
                 const onnx::ExportOptions& options) {
  try {
    onnx::export_onnx(graph, path, options);
  } catch (const std::invalid_argument& error) {
    throw no_onnx(model, error);
  }
}

std::string data_file_beside(const std::string& path) {
  return onnx::data_file_of(replaced_file(path).string());
}

void write_model_beside(const Graph& graph, const std::string& path, const std::string& model,
                        const onnx::ExportOptions& options) {
  const Interruption interruption;
  if (!onnx::has_data_file(graph, options)) {
    write_beside(path, [&](const std::string& beside) {
      write_model(graph, beside, model, options);
      interruption.check();
    });
    return;
  }
  const fs::path file = file_with_data(path);
  const std::string name = file.filename().string();
  OutputDirectory out(file.parent_path(), {onnx::data_file_of(name), name});
  out.keep_folder();  // It may be any folder of the user's.
  write_into(out, [&] { write_model(graph, out.file(name), model, options); });
  interruption.check();
  out.commit();
  set_kept(fmt::format("{} is complete", path));
}

void write_model_open(const Graph& graph, const std::string& path, const std::string& model,
                      const Registry<ops::Operator>& operators, bool external_data) {
  with_open_batch(graph, operators, external_data,
                  [&](const Graph& one, const onnx::ExportOptions& parts) {
                    write_model_beside(one, path, model, parts);
                  });
}

std::uint64_t open_model_bytes(const Graph& graph, const std::string& path,
                               const std::string& model, const Registry<ops::Operator>& operators,
                               bool external_data) {
  return with_open_batch(graph, operators, external_data,
                         [&](const Graph& one, const onnx::ExportOptions& parts) {
                           try {
                             return onnx::export_bytes(one, replaced_file(path).string(), parts);
                           } catch (const std::invalid_argument& error) {
                             throw no_onnx(model, error);
                           }
                         });
}

}  // namespace offcut::cli
