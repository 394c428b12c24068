#pragma once

#include <string>

namespace offcut {

/// Returns a number for a message: "0.1", "-3", "NaN" (whatever its sign), "infinity", "-infinity".
std::string number_text(double value);

}  // namespace offcut
