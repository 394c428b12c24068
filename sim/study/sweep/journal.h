#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace offcut::study {

/// The description of a sweep in its journal, so that parts of a sweep can be joined without it.
struct JournalHead {
  std::string sweep;    // A hash of the sweep, its base and their files.
  std::string program;  // The version and commit that made it.
  /// The names of the columns of sweep.csv: those before a run's figures, and the figures.
  std::vector<std::string> before, figures;
  std::vector<bool> is_text;       // By figure; the others are numbers.
  std::vector<std::string> after;  // The columns after the figures.
  std::size_t parameters = 0;      // In `before`, after the point's number.
  std::size_t points = 0;
  std::vector<std::string> variants;
  std::size_t replications = 0;  // The least number of a point and variant.
  std::size_t most_replications = 0;
  double confidence = 0;
  std::vector<std::string> chosen;  // Figures; see Sweep.
  std::size_t shard = 0, shards = 1;
  std::string name = {};  // Of the sweep; empty in journals of programs that left it out.
};

/// A run that is finished: the parts of its rows in sweep.csv, in CSV.
struct FinishedJob {
  std::uint64_t number = 0;    // See Sweep::number_of().
  std::uint64_t settings = 0;  // A hash of all that the run depends on.
  std::string before, after;   // The fields before and after the figures.
  std::vector<std::string>
      rows;  // One for each simulated plan; of a failure, a row of empty fields.
  bool has_failed = false;
};

/// The place of a finished run in a journal.
struct JournalEntry {
  std::uint64_t number = 0;
  std::uint64_t settings = 0;
  std::uint64_t offset = 0;
  std::uint32_t bytes = 0;
  bool has_failed = false;
};

/// The finished runs of a sweep, in the order in which they finished, one line each: a check sum,
/// number, hash, and the run as JSON. A last line says that the sweep has ended. A process that is
/// killed leaves at most one line incomplete, which readers ignore.
class Journal {
 public:
  /// Creates the file, in place of another one. Throws OutputError if it can't be written.
  Journal(const std::filesystem::path& path, const JournalHead& head);
  /// Opens an existing file to go on after its last complete line.
  explicit Journal(const std::filesystem::path& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Appends a run. Once it returns, a kill of the process loses nothing. Throws OutputError if the
  /// disk is full; the run is then not in the journal.
  void add(const FinishedJob& job);
  /// Appends that there are no further runs.
  void end();

 private:
  void lock();
  void write(std::string_view line);

  std::string path_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

/// Reads a journal. Keeps 32 bytes for each run.
class JournalReader {
 public:
  /// Throws InputError if the file is no journal.
  explicit JournalReader(const std::filesystem::path& path);

  const JournalHead& head() const { return head_; }
  /// Whether its sweep, or its shard, has ended.
  bool has_ended() const { return has_ended_; }
  /// The complete lines. Of two lines of one run, the later one counts.
  const std::vector<JournalEntry>& entries() const { return entries_; }
  /// Returns the entry of a run; null if it has none.
  const JournalEntry* find(std::uint64_t number) const;
  /// The number of bytes up to the last complete line.
  std::uint64_t size() const { return size_; }
  FinishedJob read(const JournalEntry& entry) const;

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::string path_;
  std::unique_ptr<std::FILE, Closer> file_;
  JournalHead head_;
  std::vector<JournalEntry> entries_;
  std::uint64_t size_ = 0;
  bool has_ended_ = false;
};

}  // namespace offcut::study
