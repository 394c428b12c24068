#pragma once

#include <stdexcept>
#include <string>

#include "partition/problem.h"

namespace offcut::partition {

/// Returns the message with which check() refuses the problem; empty if it does not.
inline std::string complaint(const Problem& problem) {
  try {
    problem.check();
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace offcut::partition
