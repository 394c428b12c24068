// Output files are written under a hidden name and renamed once they are complete. Signals wait
// meanwhile (see Interruption).

#include "sim/cli/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "models/base/error.h"
#include "models/base/output_error.h"
#include "sim/cli/interruption.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

/// Throws InputError, about `path`, if the folder of the file beside it is missing.
void check_folder(const fs::path& beside, const std::string& path) {
  std::error_code error;
  const fs::path folder = beside.has_parent_path() ? beside.parent_path() : fs::path(".");
  if (!fs::exists(folder, error)) {
    throw InputError({path}, fmt::format("cannot be written: there is no folder {}",
                                         in_quotes(folder.string())));
  }
}

/// Throws InputError, about `path`, if the file beside it cannot be created.
void create_beside(const fs::path& beside, const std::string& path) {
  check_folder(beside, path);
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) {
    throw InputError({path}, "cannot be written: " + std::generic_category().message(errno));
  }
  close(file);
}

/// Calls `write`. An error about one of its files means that output is lost, since the file could
/// be created: it is rethrown as an OutputError about the path that the user knows.
/// `path_of_user` returns that path, and nothing for any other file.
void write_with(const std::function<std::optional<std::string>(const std::string&)>& path_of_user,
                const std::function<void()>& write) {
  try {
    write();
  } catch (const InputError& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    bool is_lost = dynamic_cast<const OutputError*>(&error) != nullptr;
    for (Diagnostic& diagnostic : diagnostics) {
      if (const auto path = path_of_user(diagnostic.place.file)) {
        diagnostic.place.file = *path;
        is_lost = true;
      }
    }
    if (is_lost) {
      throw OutputError(std::move(diagnostics));
    }
    throw;
  }
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

void check_can_be_written(const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (paths[i].empty()) {
      continue;
    }
    check_folder(paths[i], paths[i]);
    std::error_code error;
    if (fs::is_directory(paths[i], error)) {
      throw InputError({paths[i]}, "cannot be written: is a folder");
    }
    if (std::find(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(i), paths[i]) !=
        paths.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw InputError({paths[i]}, "is stated for two outputs");
    }
  }
}

void write_beside(const std::string& path, const std::function<void(const std::string&)>& write) {
  if (fs::is_directory(path)) {
    throw InputError({path}, "is a directory, expected the name of a file");
  }
  if (fs::exists(path) && !fs::is_regular_file(path)) {
    write_with(
        [&](const std::string& file) { return file == path ? std::optional(path) : std::nullopt; },
        [&] { write(path); });
    return;
  }
  const Interruption interruption;
  const fs::path target = fs::is_symlink(path) ? fs::weakly_canonical(path) : fs::path(path);
  const std::string beside =
      target.parent_path() / fmt::format(".{}.{}", target.filename().string(), getpid());
  create_beside(beside, path);
  const TemporaryFile temporary(beside);
  write_with(
      [&](const std::string& file) { return file == beside ? std::optional(path) : std::nullopt; },
      [&] { write(beside); });
  std::error_code error;
  if (fs::rename(beside, target, error); error) {
    throw InputError({path}, "can't be replaced: " + error.message());
  }
  set_kept(fmt::format("{} is complete", path));
}

void write_into(const OutputDirectory& out, const std::function<void()>& write) {
  write_with(
      [&](const std::string& file) {
        std::string shown = out.shown(file);
        return shown == file ? std::nullopt : std::optional(std::move(shown));
      },
      write);
}

void set_kept_unchanged(const std::string& path) {
  std::error_code ignored;
  set_kept(fs::exists(path, ignored) ? fmt::format("nothing was written, {} is unchanged", path)
                                     : "nothing was written");
}

}  // namespace offcut::cli
