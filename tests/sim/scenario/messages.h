#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "models/base/error.h"

namespace offcut::scenario {

/// "line:column message" of each error, without the file.
inline std::vector<std::string> messages(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> texts;
  for (const Diagnostic& diagnostic : diagnostics) {
    texts.push_back(fmt::format("{}:{} {}", diagnostic.place.line, diagnostic.place.column,
                                diagnostic.message));
  }
  return texts;
}

/// The messages of an InputError that `f` throws; empty where it throws none.
template <class F>
std::vector<std::string> messages_of(F f) {
  try {
    f();
  } catch (const InputError& error) {
    return messages(error.diagnostics());
  }
  return {};
}

using Messages = std::vector<std::string>;

}  // namespace offcut::scenario
