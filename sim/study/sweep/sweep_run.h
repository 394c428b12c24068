#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/study/sweep/sweep_board.h"
#include "sim/study/sweep/sweep_tables.h"

namespace offcut::study {

/// The journal of a sweep in its folder of results.
inline constexpr const char* kJournalFile = "sweep.journal";

/// The treatment of a journal that the folder already has.
enum class Earlier {
  refuse,   // InputError, if its sweep is not complete.
  restart,  // It is replaced.
  resume    // Its runs are kept, as far as this sweep has them.
};

struct SweepRunOptions {
  std::filesystem::path folder;
  Earlier earlier = Earlier::refuse;
  std::size_t shard = 0, shards = 1;  // Runs the points whose number modulo `shards` is `shard`.
  std::function<void(std::size_t finished, std::size_t known)> progress = {};
  std::function<void(std::uint64_t number, const std::string& error)> failure = {};
};

/// The runs of an earlier journal.
struct KeptRuns {
  std::size_t kept = 0;
  std::vector<std::string> dropped;  // The commands of runs that this sweep does not have.
  std::string other_program;         // That made them, if it is another one.
};

struct SweepEnd {
  KeptRuns earlier;
  std::size_t finished = 0;  // Earlier ones included.
  std::size_t failed = 0;
};

/// Hands the board's jobs to processes and their outcomes back, until there are no more.
using WorkOff = std::function<void(SweepBoard& board)>;

/// Does what is missing of a sweep and adds it to the journal in the folder. Throws InputError if
/// the folder has a journal that may not be replaced, and OutputError if the disk is full; what was
/// finished until then is kept.
SweepEnd run_sweep(const SweepWork& work, const WorkOff& work_off, const SweepRunOptions& options);

/// Adds an error for each journal that is of another sweep or not finished, and one that names the
/// shards that are missing. REQUIRES: as many names as journals, at least one.
void check_shards(const std::vector<const JournalReader*>& journals,
                  const std::vector<std::string>& names, std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::study
