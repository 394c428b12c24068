#pragma once

#include <functional>
#include <vector>

#include "sim/training/strategy.h"
#include "sim/training/task_book.h"

namespace offcut::training {

/// Brings the data to the clients, and when all have theirs, the model: Loading says from where. A
/// phase's total is the sum of its clients' times, T = sum T_i(D_i), and its longest is that of the
/// last client. Links that are down delay it. Calls `then` with no records if nothing is to load.
void load(TaskBook& book, const Job& job, const std::vector<std::size_t>& clients,
          std::function<void(std::vector<LoadingRecord>)> then);

/// Returns the time of all phases in an idle system.
Seconds time_of_loading(const Job& job, const System& system,
                        const std::vector<std::size_t>& clients);

/// Returns the bytes of a client's samples, or of its features of them.
Bytes bytes_of_data(const Job& job, std::size_t client);

}  // namespace offcut::training
