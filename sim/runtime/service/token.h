#pragma once

#include <string_view>

namespace offcut::runtime {

/// Returns whether a caller's header field "Authorization" holds the token, as "Bearer TOKEN". The
/// time depends on the lengths alone, so that nobody can guess the token letter by letter.
bool holds_token(std::string_view authorization, std::string_view token);

}  // namespace offcut::runtime
