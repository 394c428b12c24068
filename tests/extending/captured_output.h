#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "tests/temporary_folder.h"

namespace offcut {

/// Redirects the standard output to a file while it lives, or until its text is asked for.
class CapturedOutput {
 public:
  explicit CapturedOutput(std::filesystem::path path)
      : path_(std::move(path)), saved_(dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    std::FILE* file = std::fopen(path_.c_str(), "w");
    REQUIRE(file != nullptr);
    dup2(fileno(file), STDOUT_FILENO);
    std::fclose(file);
  }
  ~CapturedOutput() { restore(); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string text() {
    restore();
    return read_file(path_);
  }

 private:
  void restore() {
    std::fflush(stdout);
    if (saved_ >= 0) {
      dup2(saved_, STDOUT_FILENO);
      close(saved_);
      saved_ = -1;
    }
  }

  std::filesystem::path path_;
  int saved_;
};

}  // namespace offcut
