#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace offcut {

/// A folder for result files. New files are written into a hidden folder inside it, and commit()
/// moves them into place: a command that fails or is stopped leaves nothing half-written, and an
/// older result stays until the new one is complete.
class OutputDirectory {
 public:
  /// `names` are the names of result files; other files are not touched. A folder with the file
  /// `marker` holds an earlier result, and commit() also removes those of its files that the new
  /// result does not have. Otherwise, or with an empty `marker`, they are the user's and stay. The
  /// constructor also removes the hidden folder of a killed process. Throws InputError if the
  /// folder can't be made.
  OutputDirectory(std::filesystem::path directory, std::vector<std::string> names,
                  std::string marker = "");
  /// Removes uncommitted files, and the folders that were made for them.
  ~OutputDirectory();
  OutputDirectory(const OutputDirectory&) = delete;
  OutputDirectory& operator=(const OutputDirectory&) = delete;

  const std::filesystem::path& path() const { return directory_; }
  /// Returns the path at which to write the result file `name`. REQUIRES: the constructor got this
  /// name (std::logic_error otherwise), so that commit() knows the files of earlier results.
  std::string file(const std::string& name) const;
  /// Returns whether commit() may replace or remove this file.
  bool owns(const std::filesystem::path& file) const;
  /// Moves all files into place and returns their names. Afterwards, the folder has the files of
  /// only one result.
  std::vector<std::string> commit();

 private:
  void make();
  void clean_up();

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  std::string marker_;               // Empty: none.
  std::filesystem::path outermost_;  // The outermost folder that had to be made; empty: none.
  std::filesystem::path hidden_;
  int lock_ = -1;  // The lock on hidden_, held for the object's lifetime.
};

}  // namespace offcut
