#pragma once

namespace offcut::exec {

/// What computes the layers.
enum class MathEngine {
  reference,  // the same bits however a network is cut
  fast        // prepared segments: rounds differently, by at most 1e-5 of the largest output
};

}  // namespace offcut::exec
