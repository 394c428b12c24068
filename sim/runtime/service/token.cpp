#include "sim/runtime/service/token.h"

#include "models/base/lower_case.h"
#include "sim/runtime/transport/same_token.h"

namespace offcut::runtime {

bool holds_token(std::string_view authorization, std::string_view token) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() < kScheme.size() ||
      lower_case(authorization.substr(0, kScheme.size())) != kScheme) {
    return false;
  }
  authorization.remove_prefix(kScheme.size());
  return !token.empty() && is_same_token(authorization, token);
}

}  // namespace offcut::runtime
