#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/yaml/key_table.h"
#include "sim/study/sweep/sweep.h"

namespace offcut::study {

/// The keys of a sweep file.
extern const scenario::KeyTable kSweepKeys;

/// Returns whether the file is a sweep: a YAML map with the key `base`. Throws as
/// scenario::read_yaml() does.
bool is_sweep_file(const std::string& path);

/// Reads a sweep file. Throws InputError with all errors; those of single runs come when they are
/// prepared.
Sweep read_sweep(const std::string& path);

/// The options of a command that take the place of keys in a file, as texts.
struct SweepOptions {
  std::vector<std::string> vary;             // PATH=VALUES, see axis_values().
  std::optional<std::int64_t> replications;  // None: 1, or the file's.
  std::string precision;                     // As the key of a file. Empty: none, or the file's.
  std::string option = "--vary";             // That states `vary`, for errors.
};

/// Makes a sweep of a scenario without a file. Throws InputError with all errors.
Sweep sweep_of(const std::string& scenario, const SweepOptions& options);

/// Adds the axes of the options to a sweep, and replaces its replications and precision. Throws
/// InputError with all errors.
void add_options(const SweepOptions& options, Sweep& sweep);

}  // namespace offcut::study
