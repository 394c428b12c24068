#pragma once

namespace offcut::exec {

/// The implementation that computes the layers.
enum class MathEngine {
  reference,  // The same bits however a network is cut.
  fast        // Prepared segments: rounds differently, by at most 1e-5 of the largest output.
};

}  // namespace offcut::exec
