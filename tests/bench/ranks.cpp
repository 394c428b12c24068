// Measures how well ranks are kept busy: each runs jobs that only sleep. Start it by mpirun, with
// many more ranks than processors: mpirun --oversubscribe -np 64 bench_ranks.
#include "sim/study/sweep/ranks.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <thread>

namespace offcut::bench {
namespace {

/// So many jobs, whose outcomes are counted.
class Jobs : public study::JobSource {
 public:
  explicit Jobs(std::uint64_t count) : count_(count) {}

  std::optional<std::uint64_t> next() override {
    return next_ < count_ ? std::optional(next_++) : std::nullopt;
  }
  bool expects_more() const override { return finished_ < count_; }
  void finished(std::uint64_t /*job*/, study::JobOutcome outcome) override {
    finished_ += outcome.error.empty() ? 1U : 0U;
  }

 private:
  std::uint64_t count_, next_ = 0, finished_ = 0;
};

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  using namespace offcut;
  using Clock = std::chrono::steady_clock;
  CLI::App app("Efficiency of ranks whose jobs sleep");
  std::uint64_t per_rank = 20;
  int milliseconds = 500;
  app.add_option("--jobs", per_rank, "Jobs of each rank")->capture_default_str();
  app.add_option("--sleep", milliseconds, "Milliseconds of each job")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  study::FarmProcess farm(
      {.run =
           [&](std::uint64_t) {
             std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
             return std::string("done");
           }},
      1);
  const auto channel = study::open_mpi_channel();
  std::string errors;
  study::all_are_ready(*channel, "", errors);
  const auto start = Clock::now();
  if (channel->rank() != 0) {
    study::follow(*channel, farm, 1);
  } else {
    const auto ranks = static_cast<std::uint64_t>(channel->size());
    bench::Jobs jobs(ranks * per_rank);
    study::lead_ranks(*channel, jobs, farm, 1);
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    const double ideal = static_cast<double>(per_rank) * milliseconds / 1e3;
    fmt::print("{} ranks, {} jobs of {} ms: {:.3f} s, efficiency {:.3f}\n", ranks, ranks * per_rank,
               milliseconds, wall, ideal / wall);
  }
  channel->finish();
  return 0;
}
