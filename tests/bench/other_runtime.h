#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace offcut::bench {

/// A program that runs models in another runtime and takes commands line by line: see
/// onnxruntime.mjs.
class OtherRuntime {
 public:
  /// Starts `node script folder`. Throws std::runtime_error if that fails.
  OtherRuntime(const std::string& script, const std::string& folder);
  ~OtherRuntime();
  OtherRuntime(const OtherRuntime&) = delete;
  OtherRuntime& operator=(const OtherRuntime&) = delete;

  /// Sends a line and waits for the answer. Throws std::runtime_error if the program has ended.
  std::string ask(const std::string& command);

 private:
  pid_t process_ = 0;
  std::FILE* commands_ = nullptr;
  std::FILE* answers_ = nullptr;
};

}  // namespace offcut::bench
