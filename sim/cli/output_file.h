#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/base/output_directory.h"

namespace offcut::cli {

/// Calls `write` with a path beside `path`, then moves the new file into place: the old file stays
/// until the new one is complete, and no half-written file is left, not even by a signal. A
/// symbolic link stays a link. A path that is no regular file, such as a pipe or a device, is
/// passed to `write` as it is. Throws InputError, before `write` is called, if the file cannot be
/// created, and OutputError, about `path`, if it cannot be written.
void write_beside(const std::string& path, const std::function<void(const std::string&)>& write);

/// Throws InputError if a file that is to be written at the end of long work can't be: its folder is
/// missing, it is a folder itself, or another output has its name. Empty names count for nothing.
void check_can_be_written(const std::vector<std::string>& paths);

/// Calls `write`, which writes into `out`. Errors about files in its hidden folder are rethrown as
/// OutputErrors with the paths that the user knows.
void write_into(const OutputDirectory& out, const std::function<void()>& write);

/// Makes a signal's message say that nothing was written, and, if the file or folder exists, that
/// it is unchanged.
void set_kept_unchanged(const std::string& path);

}  // namespace offcut::cli
