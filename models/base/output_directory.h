#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "models/base/staging.h"

namespace offcut {

/// A folder for result files. New files are written into a hidden folder beside it, and commit()
/// puts them into place as a whole (see Staging): a command that fails or is stopped leaves nothing
/// half-written, an older result stays until the new one is complete, and of two processes that
/// write into one folder, the last to finish leaves its result.
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
  /// Returns the path at which commit() makes a file visible, given the path at which it is
  /// written. Returns any other path unchanged.
  std::string shown(const std::string& path) const;
  /// Returns whether commit() may replace or remove this file.
  bool owns(const std::filesystem::path& file) const;
  /// Makes commit() replace files one by one, and never the folder: for a folder that is not meant
  /// for results only.
  void keep_folder() { staging_->keep_folder(); }
  /// Puts all files into place and returns their names. Afterwards, the folder has the files of
  /// only one result. Throws as Staging::replace() and FolderLock do.
  std::vector<std::string> commit();

 private:
  void make();
  void clean_up();

  std::filesystem::path directory_;
  std::vector<std::string> names_;
  std::string marker_;               // Empty: none.
  std::filesystem::path outermost_;  // The outermost folder that had to be made; empty: none.
  std::optional<Staging> staging_;
};

}  // namespace offcut
