#pragma once

#include <cstddef>

namespace offcut {

using LayerId = std::size_t;   // The index of a layer in its graph.
using TensorId = std::size_t;  // The index of a tensor in its graph.

}  // namespace offcut
