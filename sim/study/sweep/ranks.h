#pragma once

#include <cstddef>
#include <string>

#include "sim/study/sweep/farm_process.h"
#include "sim/study/sweep/rank_channel.h"

namespace offcut::study {

// One rank, number 0, has the jobs and receives all outcomes; each rank, that one included, runs
// jobs in a farm. A rank asks for a job more than it can run, so that it need not wait for the
// next.

/// Tells rank 0 whether this rank is ready, and returns whether all are. On rank 0, `errors`
/// receives the errors of other ranks, each once, in the order of ranks.
bool all_are_ready(RankChannel& channel, const std::string& error, std::string& errors);

/// On rank 0: hands the jobs to all ranks until there are no more. `parallel` is the number of jobs
/// that the farm runs at a time.
void lead_ranks(RankChannel& channel, JobSource& source, FarmProcess& farm, std::size_t parallel);

/// On any other rank: does the jobs that rank 0 sends until it says that there are no more.
void follow(RankChannel& channel, FarmProcess& farm, std::size_t parallel);

}  // namespace offcut::study
