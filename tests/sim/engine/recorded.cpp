#include "recorded.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <type_traits>

#include "analysis/statistics/run_summary.h"
#include "sim/study/isolate.h"
#include "tests/parameters.h"

namespace offcut::engine {
namespace {

static_assert(std::is_trivially_copyable_v<RequestRecord>);

/// Memory that parent and child share, in which the child leaves its requests. It costs nothing
/// until it is used.
class Board {
 public:
  Board()
      : memory_(mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {
    if (memory_ == MAP_FAILED) {
      throw std::runtime_error("no memory for the requests");
    }
  }
  ~Board() { munmap(memory_, kBytes); }
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  void put(std::size_t i, const RequestRecord& request) {
    if (i >= kMost) {
      throw std::out_of_range("more requests than a test can record");
    }
    std::memcpy(static_cast<RequestRecord*>(memory_) + i, &request, sizeof request);
  }
  std::vector<RequestRecord> take(std::size_t count) const {
    const auto* first = static_cast<const RequestRecord*>(memory_);
    return {first, first + count};
  }

 private:
  static constexpr std::size_t kMost = 1'100'000;
  static constexpr std::size_t kBytes = kMost * sizeof(RequestRecord);
  void* memory_;
};

}  // namespace

std::vector<Recorded> record_all(const std::vector<Simulation>& simulations) {
  std::vector<std::unique_ptr<Board>> boards;
  std::vector<study::IsolatedJob> jobs;
  for (const Simulation& simulation : simulations) {
    Board* board = boards.emplace_back(std::make_unique<Board>()).get();
    jobs.emplace_back([&simulation, board](const ProgressSink& progress) {
      std::size_t count = 0;
      analysis::RunSummary summary;
      summary.record =
          simulate(simulation,
                   {.request = [&](const RequestRecord& request) { board->put(count++, request); },
                    .progress = progress});
      return fmt::format("{} {}", count, analysis::to_json(summary));
    });
  }
  std::vector<Recorded> all;
  for (const std::string& text : study::run_isolated(jobs, 2)) {
    const std::size_t blank = text.find(' ');
    analysis::RunSummary summary;
    analysis::from_json(text.substr(blank + 1), summary);
    all.push_back({summary.record, boards[all.size()]->take(std::stoul(text.substr(0, blank)))});
  }
  return all;
}

Recorded record(const Simulation& simulation) { return record_all({simulation}).front(); }

Recorded record(const OneClass& simulation) { return record(Simulation(simulation)); }

std::vector<double> arrivals_of(const Recorded& recorded, std::size_t device) {
  std::vector<double> times;
  for (const RequestRecord& request : recorded.requests) {
    if (request.device == device) {
      times.push_back(request.arrival.si());
    }
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::unique_ptr<workload::Arrivals> make_arrivals(
    const std::string& name, std::initializer_list<std::pair<const char*, double>> parameters) {
  Registry<workload::ArrivalKind> registry;
  workload::register_arrivals(registry);
  const workload::ArrivalKind& kind = *registry.find(name);
  return kind.make(defaults_but(kind.parameters, parameters));
}

}  // namespace offcut::engine
