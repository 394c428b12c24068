#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offcut {

/// A folder for result files. They are written into a hidden folder inside it, and commit() moves
/// them into place: a command that fails or is stopped leaves nothing half-written, and an older
/// result stays until the new one is complete.
class OutputDirectory {
 public:
  /// `names` are the names of result files; other files are not touched. If the folder holds the
  /// file `marker`, it holds an earlier result, and commit() also removes those of its files that
  /// the new result does not have. Otherwise, or with an empty `marker`, they are the user's and
  /// stay. Also removes what a killed process left. Throws InputError if the folder cannot be made.
  OutputDirectory(std::filesystem::path directory, std::vector<std::string> names,
                  std::string marker = "");
  /// Removes what was not committed, and the folders that were made for it.
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }
  /// The path at which to write the result file `name`. REQUIRES: one of the names given to the
  /// constructor (std::logic_error otherwise), so that commit() knows the files of earlier results.
  std::string file(const std::string& name) const;
  /// Returns the path at which commit() makes a file visible, given that at which it is written;
  /// any other path as it is.
  std::string shown(const std::string& path) const;
  /// Whether the path is that of a file that commit() may replace or remove.
  bool owns(const std::filesystem::path& file) const;
  /// Moves all files into place and returns their names. Afterwards, the folder holds the files of
  /// one result.
  std::vector<std::string> commit();

 private:
  void make();
  void clean_up();

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  std::string marker_;               // empty: none
  std::filesystem::path outermost_;  // of the folders that had to be made; empty: none
  std::filesystem::path hidden_;
  int lock_ = -1;  // on hidden_, as long as this lives
};

}  // namespace offcut
