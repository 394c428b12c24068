#pragma once

#include <string>

namespace offcut::engine {

/// Checks a law of queueing theory: `a` and `b`, in seconds, are equal, up to the rounding of sums
/// over times up to `scale`. Throws std::logic_error, which names the law and the resource, if they
/// are not.
void check_law(const std::string& resource, const char* law, double a, double b, double scale);

}  // namespace offcut::engine
