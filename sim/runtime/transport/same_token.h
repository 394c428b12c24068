#pragma once

#include <cstddef>
#include <string_view>

namespace offcut::runtime {

/// Returns whether two tokens are equal. The time depends on the lengths alone, so that nobody can
/// guess the expected one letter by letter.
inline bool is_same_token(std::string_view given, std::string_view expected) {
  volatile unsigned char difference = given.size() == expected.size() ? 0 : 1;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const char other = i < given.size() ? given[i] : '\0';
    difference = static_cast<unsigned char>(difference | (other ^ expected[i]));
  }
  return difference == 0;
}

}  // namespace offcut::runtime
