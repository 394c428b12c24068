// Follows a list schedule from one end of a layer to the next: a heap has the layers that run, by
// their ends, and another one those that could start, by their priority. Relies on layer ids being
// a topological order.

#include "partition/list_schedule.h"

#include <queue>

namespace offcut::partition {
namespace {

class ListSchedule {
 public:
  ListSchedule(const CostTable& costs, const std::vector<Seconds>& times,
               const std::vector<bool>& is_here)
      : times_(times),
        readers_(times.size()),
        waits_for_(times.size(), 0),
        path_(times.size()),
        ready_(Later{path_}) {
    for (const CrossingTensor& tensor : costs.tensors) {
      for (const LayerId reader : tensor.consumers) {
        if (tensor.producer && is_here[*tensor.producer] && is_here[reader]) {
          readers_[*tensor.producer].push_back(reader);
          ++waits_for_[reader];
        }
      }
    }
    for (LayerId layer = times.size(); layer-- > 0;) {
      for (const LayerId reader : readers_[layer]) {
        path_[layer] = std::max(path_[layer], path_[reader]);
      }
      path_[layer] += times[layer];
    }
    for (LayerId layer = 0; layer < times.size(); ++layer) {
      if (is_here[layer] && waits_for_[layer] == 0) {
        first_.push_back(layer);
      }
    }
  }

  Seconds length(std::size_t engines) {
    Seconds now;
    for (const LayerId layer : first_) {
      offer(layer);
    }
    while (true) {
      release_readers();
      for (; !ready_.empty() && running_.size() < engines; ready_.pop()) {
        running_.push({now + times_[ready_.top()], ready_.top()});
      }
      if (running_.empty()) {
        return now;
      }
      now = running_.top().end;
      for (; !running_.empty() && running_.top().end == now; running_.pop()) {
        done_.push_back(running_.top().layer);
      }
    }
  }

 private:
  struct Running {
    Seconds end;
    LayerId layer;

    bool operator<(const Running& other) const { return end > other.end; }
  };
  struct Later {
    const std::vector<Seconds>& path;

    bool operator()(LayerId a, LayerId b) const {
      return path[a] != path[b] ? path[a] < path[b] : a > b;
    }
  };

  /// Lets a layer start that waits for none, or end if it takes no time.
  void offer(LayerId layer) {
    if (times_[layer] > Seconds(0)) {
      ready_.push(layer);
    } else {
      done_.push_back(layer);
    }
  }

  /// Offers the layers that waited for those that are done.
  void release_readers() {
    while (!done_.empty()) {
      const LayerId layer = done_.back();
      done_.pop_back();
      for (const LayerId reader : readers_[layer]) {
        if (--waits_for_[reader] == 0) {
          offer(reader);
        }
      }
    }
  }

  const std::vector<Seconds>& times_;
  std::vector<std::vector<LayerId>> readers_;  // Once for each tensor.
  std::vector<std::size_t> waits_for_;         // Tensors that are still to be made.
  std::vector<Seconds> path_;                  // The longest path from the layer on.
  std::vector<LayerId> first_;                 // Layers that wait for none.
  std::vector<LayerId> done_;                  // Those whose readers don't know it yet.
  std::priority_queue<Running> running_;
  std::priority_queue<LayerId, std::vector<LayerId>, Later> ready_;
};

}  // namespace

Seconds schedule_end(const CostTable& costs, const std::vector<Seconds>& times,
                     const std::vector<bool>& is_here, std::size_t engines, Seconds begin) {
  if (engines > 1) {
    return begin + ListSchedule(costs, times, is_here).length(engines);
  }
  for (LayerId layer = 0; layer < times.size(); ++layer) {
    begin += is_here[layer] ? times[layer] : Seconds(0);
  }
  return begin;
}

}  // namespace offcut::partition
