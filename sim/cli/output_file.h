#pragma once

#include <functional>
#include <string>

#include "models/base/output_directory.h"

namespace offcut::cli {

/// Calls `write` with a path beside `path`, then moves the new file into place: the old file stays
/// until the new one is complete, and no half-written file is left, not even by a signal. A
/// symbolic link stays a link. A path that is no regular file, such as a pipe or a device, is
/// passed to `write` as it is. Throws InputError, before `write` is called, if the file cannot be
/// created, and OutputError, about `path`, if it cannot be written.
void write_beside(const std::string& path, const std::function<void(const std::string&)>& write);

/// Calls `write`, which writes into `out`. Errors about files in its hidden folder are rethrown as
/// OutputErrors with the paths that the user knows.
void write_into(const OutputDirectory& out, const std::function<void()>& write);

/// Makes a signal's message say that nothing was written, and, if the file or folder exists, that
/// it is unchanged.
void set_kept_unchanged(const std::string& path);

}  // namespace offcut::cli
