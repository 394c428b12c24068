#include "sim/cli/written_model.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "models/base/error.h"

namespace offcut::cli {

void write_model(const Graph& graph, const std::string& path, const std::string& model,
                 const onnx::ExportOptions& options) {
  try {
    onnx::export_onnx(graph, path, options);
  } catch (const std::invalid_argument& error) {
    throw InputError({model}, fmt::format("can't be written as ONNX: {}", error.what()));
  }
}

void write_beside(const std::string& path, const std::function<void(const std::string&)>& write) {
  namespace fs = std::filesystem;
  if (fs::is_directory(path)) {
    throw InputError({path}, "is a directory, expected the name of a file");
  }
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path)) {  // a pipe, or /dev/null
    write(path);
    return;
  }
  const fs::path target = fs::is_symlink(path) ? fs::weakly_canonical(path) : fs::path(path);
  const fs::path beside =
      target.parent_path() / fmt::format(".{}.{}", target.filename().string(), getpid());
  try {
    write(beside.string());
    fs::rename(beside, target);
  } catch (const fs::filesystem_error& failure) {
    fs::remove(beside, error);
    throw InputError({path}, "can't be replaced: " + failure.code().message());
  } catch (const InputError& refusal) {
    fs::remove(beside, error);
    if (refusal.diagnostics().front().place.file == beside.string()) {
      throw InputError({path}, "cannot be written");
    }
    throw;
  } catch (...) {
    fs::remove(beside, error);
    throw;
  }
}

}  // namespace offcut::cli
