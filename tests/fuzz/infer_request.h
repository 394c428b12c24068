#pragma once

#include <string_view>

namespace offcut::fuzz {

/// Reads any bytes as the body of an inference request, of which the first three say where its JSON
/// ends. Aborts if a request is accepted that is no JSON, or that does not come back when its
/// tensors are written and read again.
void read_any_request(std::string_view bytes);

}  // namespace offcut::fuzz
