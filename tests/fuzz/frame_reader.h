#pragma once

#include <string_view>

namespace offcut::fuzz {

/// Reads any bytes as messages of another tier: as they are, or with the right checksums. Aborts
/// if a message is read that does not have the bytes it was read from.
void read_any_frames(std::string_view bytes);

}  // namespace offcut::fuzz
