// Output files are written under a hidden name and renamed once they are complete. Signals wait
// meanwhile (see Interruption).

#include "sim/cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "models/base/error.h"
#include "sim/cli/interruption.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

/// Throws InputError, about `path`, if the file beside it cannot be created.
void create_beside(const fs::path& beside, const std::string& path) {
  std::error_code error;
  const fs::path folder = beside.has_parent_path() ? beside.parent_path() : fs::path(".");
  if (!fs::exists(folder, error)) {
    throw InputError({path}, fmt::format("cannot be written: there is no folder {}",
                                         in_quotes(folder.string())));
  }
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) {
    throw InputError({path}, "cannot be written: " + std::generic_category().message(errno));
  }
  close(file);
}

/// Renames files in an error.
InputError renamed(const InputError& error,
                   const std::function<std::string(const std::string&)>& new_name) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  for (Diagnostic& diagnostic : diagnostics) {
    diagnostic.place.file = new_name(diagnostic.place.file);
  }
  return InputError(std::move(diagnostics));
}

/// Removes a file when it goes out of scope. One that was renamed is no longer there.
class TemporaryFile {
 public:
  explicit TemporaryFile(fs::path path) : path_(std::move(path)) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

 private:
  fs::path path_;
};

}  // namespace

void write_beside(const std::string& path, const std::function<void(const std::string&)>& write) {
  if (fs::is_directory(path)) {
    throw InputError({path}, "is a directory, expected the name of a file");
  }
  if (fs::exists(path) && !fs::is_regular_file(path)) {
    write(path);
    return;
  }
  const Interruption interruption;
  const fs::path target = fs::is_symlink(path) ? fs::weakly_canonical(path) : fs::path(path);
  const std::string beside =
      target.parent_path() / fmt::format(".{}.{}", target.filename().string(), getpid());
  create_beside(beside, path);
  const TemporaryFile temporary(beside);
  try {
    write(beside);
  } catch (const InputError& error) {
    throw renamed(error, [&](const std::string& file) { return file == beside ? path : file; });
  }
  std::error_code error;
  if (fs::rename(beside, target, error); error) {
    throw InputError({path}, "can't be replaced: " + error.message());
  }
  set_kept(fmt::format("{} is complete", path));
}

void write_into(const OutputDirectory& out, const std::function<void()>& write) {
  try {
    write();
  } catch (const InputError& error) {
    throw renamed(error, [&](const std::string& file) { return out.shown(file); });
  }
}

void set_kept_unchanged(const std::string& path) {
  std::error_code ignored;
  set_kept(fs::exists(path, ignored) ? fmt::format("nothing was written, {} is unchanged", path)
                                     : "nothing was written");
}

}  // namespace offcut::cli
