#include "analysis/output_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include "models/base/error.h"

namespace offcut {

namespace fs = std::filesystem;

OutputDirectory::OutputDirectory(fs::path directory)
    : directory_(std::move(directory)), hidden_(directory_ / fmt::format(".partial-{}", getpid())) {
  std::error_code error;
  for (fs::path path = directory_; !path.empty() && !fs::exists(path, error);
       path = path.parent_path()) {
    made_.push_back(path);
  }
  fs::create_directories(hidden_, error);
  if (error) {
    throw InputError({directory_.string()},
                     "can't be used as a folder for results: " + error.message());
  }
}

OutputDirectory::~OutputDirectory() {
  std::error_code ignored;
  fs::remove_all(hidden_, ignored);
  for (const fs::path& path : made_) {
    fs::remove(path, ignored);  // only where it is empty
  }
}

void OutputDirectory::commit() {
  for (const std::string& name : unwanted_) {
    fs::remove(directory_ / name);
  }
  for (const fs::directory_entry& file : fs::directory_iterator(hidden_)) {
    fs::rename(file.path(), directory_ / file.path().filename());
  }
}

}  // namespace offcut
