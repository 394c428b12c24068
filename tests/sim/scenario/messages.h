#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "models/base/error.h"

namespace offcut::scenario {

/// "line:column message" of each mistake, without the file.
inline std::vector<std::string> messages(const std::vector<Mistake>& mistakes) {
  std::vector<std::string> texts;
  for (const Mistake& mistake : mistakes) {
    texts.push_back(
        fmt::format("{}:{} {}", mistake.place.line, mistake.place.column, mistake.message));
  }
  return texts;
}

/// The messages of an InputError that `f` throws; empty where it throws none.
template <class F>
std::vector<std::string> messages_of(F f) {
  try {
    f();
  } catch (const InputError& error) {
    return messages(error.mistakes());
  }
  return {};
}

using Messages = std::vector<std::string>;

}  // namespace offcut::scenario
