#pragma once

#include <cstdint>
#include <vector>

#include "models/base/random.h"

namespace offcut::training {

/// Returns the numbers 0 to count - 1 in a random order (Fisher and Yates).
std::vector<std::size_t> random_order(std::size_t count, RandomStream& stream);

/// Returns so many different numbers below `count`, at most all of them, in a random order. The
/// cost is that of the numbers drawn (Floyd's algorithm), not of `count`.
std::vector<std::size_t> random_sample(std::size_t count, std::size_t drawn, RandomStream& stream);

/// Returns the places of so many different weights, at most of all that are above 0: each next one
/// is drawn with the probability of its weight among those that are left (Efraimidis, Spirakis,
/// Inf. Process. Lett. 97(5), 2006).
std::vector<std::size_t> weighted_sample(const std::vector<double>& weights, std::size_t drawn,
                                         RandomStream& stream);

/// Draws shares that add up to 1 from the Dirichlet distribution: Gamma variates over their sum. A
/// concentration of 0 gives the share 0. Valid for small concentrations, too, whose variates
/// underflow. REQUIRES: a concentration above 0.
std::vector<double> dirichlet_shares(const std::vector<double>& concentrations,
                                     RandomStream& stream);

/// Returns whole numbers that add up to `total`, as near to the shares of it as that allows: the
/// largest remainders get the rest, of equal ones the first. REQUIRES: the shares add up to 1.
std::vector<std::size_t> apportioned(const std::vector<double>& shares, std::size_t total);

}  // namespace offcut::training
