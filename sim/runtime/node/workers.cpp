// The cores of a node as threads. Each thread has prepared parts of its own, since a prepared part
// serves one thread, and a queue of at most one batch, since the station gives a core one batch at
// a time. Results go back through Loop::post().

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <future>
#include <mutex>
#include <thread>

#include "models/base/random.h"
#include "models/graph/random_input.h"
#include "sim/runtime/node/computer.h"

namespace offcut::runtime {
namespace {

constexpr int kMeasuredRuns = 5;

}  // namespace

/// A thread, which runs the actions that it is given in order.
struct Workers::Thread {
  std::vector<ReadyPart> parts;  // By cut. Used by the thread alone.
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::function<void()>> actions;
  bool ends = false;
  std::thread thread;  // Last: it uses all the others.

  Thread() : thread([this] { run(); }) {}
  ~Thread() {
    {
      const std::lock_guard lock(mutex);
      ends = true;
    }
    changed.notify_one();
    thread.join();
  }
  void give(std::function<void()> action) {
    {
      const std::lock_guard lock(mutex);
      actions.push_back(std::move(action));
    }
    changed.notify_one();
  }
  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return ends || !actions.empty(); });
      if (ends) {
        return;
      }
      std::vector<std::function<void()>> now;
      now.swap(actions);
      lock.unlock();
      for (const auto& action : now) {
        action();
      }
      lock.lock();
    }
  }
};

Workers::Workers(std::vector<Part> cuts, const Settings& settings, Loop& loop,
                 const Registry<codec::CodecKind>& codecs)
    : settings_(settings), loop_(loop) {
  for (Part& part : cuts) {
    parts_.push_back(std::make_unique<const BatchedPart>(std::move(part), settings.largest_batch));
  }
  std::vector<std::future<void>> ready;
  for (std::size_t core = 0; core < std::max<std::size_t>(settings.cores, 1); ++core) {
    Thread& thread = *threads_.emplace_back(std::make_unique<Thread>());
    auto task = std::make_shared<std::packaged_task<void()>>([this, &thread, &codecs] {
      for (const auto& part : parts_) {
        thread.parts.emplace_back(*part, settings_.engine, codecs);
      }
    });
    ready.push_back(task->get_future());
    thread.give([task] { (*task)(); });
    ready.back().wait();  // One after the other: kernels are chosen by time.
  }
  for (std::future<void>& one : ready) {
    one.get();
  }
}

Workers::~Workers() = default;

void Workers::compute(std::size_t core, Batch batch, std::function<void(ComputedBatch)> done) {
  Thread& thread = *threads_[core];
  thread.give([this, &thread, batch = std::move(batch), done = std::move(done)]() mutable {
    ComputedBatch computed;
    computed.start = loop_.now();
    computed.outputs = thread.parts[batch.cut].run(batch.requests, *batch.onward);
    computed.end = loop_.now();
    batch.requests.clear();
    loop_.post([done = std::move(done), computed = std::move(computed)]() mutable {
      done(std::move(computed));
    });
  });
}

std::vector<std::vector<Seconds>> Workers::measure() {
  std::vector<std::vector<Seconds>> times(parts_.size());
  for (std::size_t cut = 0; cut < parts_.size(); ++cut) {
    const Part& part = parts_[cut]->part();
    times[cut].assign(settings_.largest_batch, Seconds(0));
    if (part.graph == nullptr) {
      continue;
    }
    PartInput input;
    for (const TensorId id : part.graph->inputs()) {
      input.push_back({part.graph->tensor(id).name,
                       random_input(*part.graph, id, random_stream(1, "measured inputs", id)),
                       nullptr});
    }
    std::set<std::string> onward;
    for (const TensorSpec& output : part.outputs()) {
      onward.insert(output.name);
    }
    for (std::size_t size = 1; size <= settings_.largest_batch; ++size) {
      std::promise<std::vector<double>> measured;
      threads_.front()->give([&] {
        std::vector<double> runs;
        const std::vector<PartInput> requests(size, input);
        for (int run = 0; run < kMeasuredRuns; ++run) {
          const Seconds start = loop_.now();
          threads_.front()->parts[cut].run(requests, onward);
          runs.push_back((loop_.now() - start).si());
        }
        measured.set_value(std::move(runs));
      });
      std::vector<double> runs = measured.get_future().get();
      std::nth_element(runs.begin(), runs.begin() + kMeasuredRuns / 2, runs.end());
      times[cut][size - 1] = Seconds(runs[kMeasuredRuns / 2]);
    }
  }
  return times;
}

}  // namespace offcut::runtime
