#pragma once

#include <functional>
#include <span>
#include <vector>

#include "sim/training/aggregator.h"

namespace offcut::training {

/// Returns sum w_i change_i / sum w_i over the updates, in float64 and in their order. REQUIRES: at
/// least one update, and all changes of one size (std::invalid_argument otherwise).
std::vector<double> mean_change(std::span<const Update> updates,
                                const std::function<double(const Update&)>& weight);

/// Weights of updates: all the same, or the samples of the client.
double equal_weight(const Update& update);
double samples_weight(const Update& update);

/// Adds rate * change to the state's numbers from `first` to before `last`.
void add_change(State& state, const std::vector<double>& change, double rate, std::size_t first,
                std::size_t last);
void add_change(State& state, const std::vector<double>& change, double rate = 1);

}  // namespace offcut::training
