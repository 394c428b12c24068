#include "sim/runtime/service/token.h"

#include <cstddef>

#include "models/base/lower_case.h"

namespace offcut::runtime {

bool holds_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size() ||
      lower_case(authorization.substr(0, kScheme.size())) != kScheme) {
    return false;
  }
  authorization.remove_prefix(kScheme.size());
  volatile unsigned char difference = authorization.size() == token.size() ? 0 : 1;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char given = i < authorization.size() ? authorization[i] : '\0';
    difference = static_cast<unsigned char>(difference | (given ^ token[i]));
  }
  return difference == 0 && !token.empty();
}

}  // namespace offcut::runtime
