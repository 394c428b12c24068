// The time of a pipeline's step without an engine: the pieces of work and the messages are visited
// in the order of their times: a device's messages wait for each other, and all others share links.

#include "sim/training/pipeline_time.h"

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>

#include "models/base/error.h"
#include "sim/training/task_book.h"

namespace offcut::training {
namespace {

class PipelineRun {
 public:
  PipelineRun(const PipelineTimes& times, const std::vector<std::vector<PipelineWork>>& orders)
      : times_(times), orders_(orders), stages_(orders.size()) {
    for (std::size_t stage = 0; stage < orders.size(); ++stage) {
      stages_[stage].arrived[0].resize(times.forward[stage].size(), stage == 0);
      stages_[stage].arrived[1].resize(times.forward[stage].size(),
                                       stage + 1 == orders.size() || !times.goes_back[stage]);
    }
  }

  TimeParts run() {
    for (std::size_t stage = 0; stage < orders_.size(); ++stage) {
      begin_work(stage, {});
    }
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      if (event.hop == kWork) {
        end_work(event);
      } else if (event.hop == kShared) {
        end_flow(event);
      } else {
        send(event);
      }
    }
    return last_.parts(Seconds(0), end_);
  }

 private:
  static constexpr std::size_t kWork = static_cast<std::size_t>(-1);
  static constexpr std::size_t kShared = static_cast<std::size_t>(-2);
  /// A stage's work ends, a message is at the beginning of its hop, or the first one of those that
  /// share a link leaves it.
  struct Event {
    Seconds time;
    std::size_t number = 0;
    std::size_t stage = 0;  // That works, or that the message is for.
    PipelineWork work;
    std::size_t hop = kWork;
    std::size_t line = 0;  // Of a shared link, and its version when this was foreseen.
    std::size_t version = 0;
    Way way = {};                               // To the event.
    bool operator<(const Event& other) const {  // The earliest one is on top.
      return std::tie(other.time, other.number) < std::tie(time, number);
    }
  };
  struct Stage {
    std::size_t next = 0;
    bool is_busy = false;
    std::vector<bool> arrived[2];  // By micro-batch: of work forward, and back.
  };

  /// A message on a shared link.
  struct Flow {
    Seconds since;
    Seconds left;   // Until its last byte has left, alone on the link.
    Seconds after;  // From then on until it arrives.
    Event arrival;
  };
  struct SharedLink {
    std::vector<Flow> flows;
    Seconds since;
    std::size_t version = 0;

    void advance(Seconds now) {
      for (Flow& flow : flows) {
        flow.left -= (now - since) / static_cast<double>(flows.size());
      }
      since = now;
    }
    auto first() {
      return std::min_element(flows.begin(), flows.end(),
                              [](const Flow& a, const Flow& b) { return a.left < b.left; });
    }
  };

  void foresee(std::size_t line, SharedLink& link) {
    ++link.version;
    if (!link.flows.empty()) {
      const Seconds left = std::max(Seconds(0), link.first()->left);
      push({.time = link.since + static_cast<double>(link.flows.size()) * left,
            .hop = kShared,
            .line = line,
            .version = link.version});
    }
  }

  void end_flow(const Event& event) {
    SharedLink& link = shared_[event.line];
    if (link.version != event.version) {
      return;  // Another message came or left.
    }
    link.advance(event.time);
    const auto first = link.first();
    Flow flow = *first;
    link.flows.erase(first);
    push_arrival(flow.arrival, flow.since, event.time + flow.after);
    foresee(event.line, link);
  }

  void push(Event event) {
    event.number = numbers_++;
    events_.push(event);
  }

  /// Lets a message arrive. Its wait for others on its way is communication, too.
  void push_arrival(Event event, Seconds begin, Seconds time) {
    event.time = time;
    event.way = event.way.with(Way::Kind::message, begin, time);
    push(std::move(event));
  }

  /// Begins the next work of the stage if its tensors are there, after the event.
  void begin_work(std::size_t index, const Event& after) {
    Stage& stage = stages_[index];
    if (stage.is_busy || stage.next == orders_[index].size()) {
      return;
    }
    const PipelineWork work = orders_[index][stage.next];
    if (!stage.arrived[work.is_forward ? 0 : 1][work.micro]) {
      return;
    }
    stage.is_busy = true;
    const auto& service = work.is_forward ? times_.forward[index] : times_.back[index];
    const Seconds end = after.time + service[work.micro];
    push({.time = end,
          .stage = index,
          .work = work,
          .way = after.way.with(Way::Kind::computing, after.time, end)});
  }

  void end_work(const Event& event) {
    Stage& stage = stages_[event.stage];
    stage.is_busy = false;
    ++stage.next;
    if (stage.next == orders_[event.stage].size()) {
      const Seconds end = event.time + times_.update[event.stage];
      if (end > end_) {
        end_ = end;
        last_ = event.way.with(Way::Kind::computing, event.time, end);
      }
    }
    if (event.work.is_forward && event.stage + 1 < stages_.size()) {
      push_message(event, event.stage + 1);
    } else if (!event.work.is_forward && event.stage > 0 && times_.goes_back[event.stage - 1]) {
      push_message(event, event.stage - 1);
    }
    begin_work(event.stage, event);
  }

  void push_message(const Event& event, std::size_t to) {
    push({.time = event.time, .stage = to, .work = event.work, .hop = 0, .way = event.way});
  }

  void send(const Event& event) {
    const auto& hops = event.work.is_forward ? times_.up[event.stage - 1][event.work.micro]
                                             : times_.down[event.stage][event.work.micro];
    if (event.hop == hops.size()) {
      stages_[event.stage].arrived[event.work.is_forward ? 0 : 1][event.work.micro] = true;
      begin_work(event.stage, event);
      return;
    }
    const PipelineHop& hop = hops[event.hop];
    Event next = event;
    ++next.hop;
    if (hop.shares) {
      SharedLink& link = shared_[hop.line];
      link.advance(event.time);
      link.flows.push_back({.since = event.time,
                            .left = hop.leaves,
                            .after = hop.arrives - hop.leaves,
                            .arrival = next});
      foresee(hop.line, link);
      return;
    }
    Seconds& free = lines_[hop.line];
    const Seconds begin = std::max(free, event.time);
    free = begin + hop.leaves;
    push_arrival(next, event.time, begin + hop.arrives);
  }

  const PipelineTimes& times_;
  const std::vector<std::vector<PipelineWork>>& orders_;
  std::vector<Stage> stages_;
  std::priority_queue<Event> events_;
  std::map<std::size_t, Seconds> lines_;  // When each is free.
  std::map<std::size_t, SharedLink> shared_;
  std::size_t numbers_ = 0;
  Seconds end_;
  Way last_;  // To the end.
};

/// The hops from a place to the next one, or back.
class Ways {
 public:
  explicit Ways(const System& system) : system_(system) {}

  std::vector<PipelineHop> way(const Place& from, const Place& to, Bytes bytes) {
    std::vector<PipelineHop> hops;
    if (from.device == to.device) {
      add(from.device, from.level, to.level, bytes, hops);
      return hops;
    }
    const std::size_t meeting = meeting_level(system_, from.device, to.device);
    if (meeting == 0) {
      throw InputError({}, "devices that exchange messages need a common tier on their ways");
    }
    add(from.device, 0, meeting, bytes, hops);
    add(to.device, meeting, 0, bytes, hops);
    return hops;
  }

 private:
  void add(std::size_t device, std::size_t from, std::size_t to, Bytes bytes,
           std::vector<PipelineHop>& hops) {
    const bool up = from < to;
    for (std::size_t level = from; level != to; level = up ? level + 1 : level - 1) {
      engine::Message message{
          .device = device, .hop = up ? level : level - 1, .up = up, .bytes = bytes};
      const Seconds arrives = system_.idle_time(message);
      message.bytes = Bytes(0);
      const bool is_own = message.hop == 0;
      const std::size_t place = is_own ? device : system_.site_of(device, message.hop);
      const auto line = lines_.try_emplace({place, message.hop, up}, lines_.size()).first->second;
      hops.push_back({.line = line,
                      .arrives = arrives,
                      .leaves = arrives - system_.idle_time(message),
                      .shares = !(is_own && up)});
    }
  }

  const System& system_;
  std::map<std::tuple<std::size_t, std::size_t, bool>, std::size_t> lines_;
};

}  // namespace

TimeParts time_of_pipeline(const PipelineTimes& times,
                           const std::vector<std::vector<PipelineWork>>& orders) {
  return PipelineRun(times, orders).run();
}

PipelineTimes times_of_pipeline(const Job& job, const PipelinePlan& plan, const System& system,
                                const std::vector<std::int64_t>& sizes) {
  PipelineTimes times;
  Ways ways(system);
  for (std::size_t stage = 0; stage < plan.stages(); ++stage) {
    const Place& place = plan.places[stage];
    times.forward.emplace_back();
    times.back.emplace_back();
    times.up.emplace_back();
    times.down.emplace_back();
    times.goes_back.push_back(plan.goes_back(stage));
    StepParts parts;
    for (const std::int64_t size : sizes) {
      parts = job.times->of(system.group_of(place.device), place.level, size, plan.layers[stage]);
      times.forward.back().push_back(parts.forward);
      times.back.back().push_back(times.goes_back.back() ? parts.backward : Seconds(0));
      if (stage + 1 < plan.stages()) {
        const auto count = static_cast<double>(size);
        times.up.back().push_back(
            ways.way(place, plan.places[stage + 1], count * plan.activations[stage]));
        times.down.back().push_back(
            ways.way(plan.places[stage + 1], place, count * plan.slopes[stage]));
      }
    }
    times.update.push_back(parts.update);
  }
  return times;
}

}  // namespace offcut::training
