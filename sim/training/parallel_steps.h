#pragma once

#include <memory>

#include "sim/training/strategy.h"

namespace offcut::training {

/// Where the gradients of a step are added up.
enum class GradientSum { server, ring, tree };

/// Steps of data parallelism, in which all clients have the same state. A client that is lost
/// before its gradient is there is left out of the step's mean; a ring or a tree that breaks loses
/// the step. A client that missed a step fetches the state from the server's level.
std::unique_ptr<Strategy> make_parallel_steps(const Job& job, GradientSum sum);

}  // namespace offcut::training
