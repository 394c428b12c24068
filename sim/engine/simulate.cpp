// The event loop: a request walks outward over tiers and hops and its answer comes back, where the
// device may have a tail of layers left to run on it. Everything
// is driven from timers in SimGrid's maestro, without actors; SimGrid owns the clock and shares the
// links between flows.

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <boost/random/lognormal_distribution.hpp>
#include <cmath>
#include <deque>
#include <simgrid/s4u.hpp>
#include <stdexcept>

#include "sim/engine/event_queue.h"
#include "sim/engine/platform.h"
#include "sim/engine/simulation.h"

namespace offcut {
namespace {

namespace s4u = simgrid::s4u;

struct Request {
  RequestRecord record;
  double since = 0;      // when its present stage began
  std::size_t hop = 0;   // of its flow
  bool up = true;        // direction of its flow
  bool is_back = false;  // with its answer; the tail is left
  bool in_use = false;
  std::optional<std::size_t> served_on;  // the tier that computes it right now
  s4u::CommPtr flow;
  Request* next = nullptr;  // in a queue, or in the list of free ones
};

/// First come, first served, linked through the requests: a thousand idle queues cost nothing.
class Fifo {
 public:
  bool empty() const { return first_ == nullptr; }
  void push(Request* request) {
    request->next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = request;
    last_ = request;
  }
  Request* pop() {
    Request* request = first_;
    first_ = request->next;
    return request;
  }

 private:
  Request* first_ = nullptr;
  Request* last_ = nullptr;
};

/// One queue before a number of like servers.
struct Station {
  std::size_t free = 1;
  Fifo queue;
  RandomStream noise;
};

struct Device {
  Station compute;
  RandomStream arrivals;
  bool sending = false;
  Fifo to_send;
};

double draw(const Noise& noise, RandomStream& stream) {
  switch (noise.kind) {
    case Noise::Kind::lognormal: {
      // Mean 1 and the asked coefficient of variation: sigma^2 = ln(1 + cv^2), mu = -sigma^2 / 2.
      const double variance = std::log1p(noise.cv * noise.cv);
      return boost::random::lognormal_distribution<double>(-variance / 2,
                                                           std::sqrt(variance))(stream);
    }
    case Noise::Kind::exponential:
      return boost::random::exponential_distribution<double>(1)(stream);
    case Noise::Kind::none:
      break;
  }
  return 1;
}

class Run {
 public:
  Run(const Simulation& simulation, const RequestSink& sink, const ProgressSink& progress)
      : simulation_(simulation),
        sink_(sink),
        progress_(progress),
        events_([this](const EventQueue::Event& event) { handle(event); }),
        ends_(build_platform(simulation)) {
    s4u::Activity::on_completion_cb(
        [this](const s4u::Activity& activity) { flow_ended(activity); });
    prepare_stations();
    for (const TierLoad& tier : simulation.tiers) {
      record_.tiers.push_back({.name = tier.name, .servers = tier.servers});
      farthest_ = tier.used ? record_.tiers.size() - 1 : farthest_;
    }
    for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
      const HopLoad& hop = simulation.hops[i];
      record_.hops.push_back({.name = hop.name, .links = ends_[i].near.size(), .hop = hop.hop});
      farthest_ = hop.goes_up ? i + 1 : farthest_;
      highest_answer_ = hop.comes_down ? i + 1 : highest_answer_;
    }
  }

  RunRecord execute(s4u::Engine& engine) {
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      schedule_arrival(i, simulation_.arrivals->first(devices_[i].arrivals).si());
    }
    if (simulation_.stop.after) {
      events_.schedule(simulation_.stop.after->si(), kStop, 0, nullptr);
    }
    engine.run();
    hand_over_unfinished();
    check_conservation();
    return record_;
  }

 private:
  enum Kind : std::uint32_t { kArrival, kServed, kDelivered, kStop };

  void prepare_stations() {
    const std::uint64_t seed = simulation_.seed;
    for (std::size_t i = 0; i < simulation_.tiers.front().servers; ++i) {
      devices_.push_back({.compute = {.noise = random_stream(seed, "compute noise, device", i)},
                          .arrivals = random_stream(seed, "arrivals", i)});
    }
    for (std::size_t tier = 1; tier < simulation_.tiers.size(); ++tier) {
      servers_.push_back({.free = simulation_.tiers[tier].servers,
                          .noise = random_stream(seed, "compute noise, tier", tier)});
    }
  }

  void handle(const EventQueue::Event& event) {
    auto* request = static_cast<Request*>(event.subject);
    switch (event.kind) {
      case kArrival:
        arrive(event.number);
        break;
      case kServed:
        served(event.number, request);
        break;
      case kDelivered:
        delivered(request);
        break;
      default:
        stop();
    }
  }

  // --- arrivals

  void schedule_arrival(std::size_t device, double time) {
    events_.schedule(time, kArrival, static_cast<std::uint32_t>(device), nullptr);
  }

  void schedule_next_arrival(std::size_t device) {
    schedule_arrival(device,
                     events_.now() + simulation_.arrivals->gap(devices_[device].arrivals).si());
  }

  void arrive(std::size_t device) {
    if (simulation_.stop.requests && record_.arrived >= *simulation_.stop.requests) {
      return;
    }
    Request* request = take_request();
    request->record = {
        .request = record_.arrived++, .device = device, .arrival = Seconds(events_.now())};
    if (!simulation_.closed_loop) {
      schedule_next_arrival(device);
    }
    enter_tier(0, request);
  }

  // --- computing

  Station& station(std::size_t tier, const Request* request) {
    return tier == 0 ? devices_[request->record.device].compute : servers_[tier - 1];
  }

  void enter_tier(std::size_t tier, Request* request) {
    if (!simulation_.tiers[tier].used) {
      leave_tier(tier, request);
      return;
    }
    queue_up(tier, request);
  }

  void queue_up(std::size_t tier, Request* request) {
    request->since = events_.now();
    Station& at = station(tier, request);
    if (at.free > 0) {
      --at.free;
      serve(tier, at, request);
    } else {
      at.queue.push(request);
    }
  }

  void serve(std::size_t tier, Station& at, Request* request) {
    const TierLoad& load = simulation_.tiers[tier];
    const Seconds waited(events_.now() - request->since);
    const Seconds service =
        (request->is_back ? load.tail : load.service) * draw(load.noise, at.noise);
    RequestRecord& record = request->record;
    (tier == 0 ? record.device_wait : record.server_wait) += waited;
    (tier == 0 ? record.device_compute : record.server_compute) += service;
    record_.tiers[tier].waited += waited;
    ++record_.tiers[tier].served;
    request->since = events_.now();
    request->served_on = tier;
    events_.schedule(events_.now() + service.si(), kServed, static_cast<std::uint32_t>(tier),
                     request);
  }

  void served(std::size_t tier, Request* request) {
    record_.tiers[tier].busy += Seconds(events_.now() - request->since);
    request->served_on.reset();
    Station& at = station(tier, request);
    if (at.queue.empty()) {
      ++at.free;
    } else {
      serve(tier, at, at.queue.pop());
    }
    if (request->is_back) {
      complete(request);
    } else {
      leave_tier(tier, request);
    }
  }

  void leave_tier(std::size_t tier, Request* request) {
    if (tier < farthest_) {
      send_up(tier, request);
    } else {
      send_down(highest_answer_, request);
    }
  }

  // --- sending: hop h lies between tiers h and h + 1

  void send_up(std::size_t hop, Request* request) {
    request->since = events_.now();
    request->hop = hop;
    request->up = true;
    if (hop > 0) {
      start_flow(request);
      return;
    }
    Device& device = devices_[request->record.device];
    if (device.sending) {
      device.to_send.push(request);
    } else {
      device.sending = true;
      start_flow(request);
    }
  }

  /// The answer stands on tier `tier` and has to go down to the device.
  void send_down(std::size_t tier, Request* request) {
    if (tier == 0 && simulation_.tiers[0].tail > Seconds(0)) {
      request->is_back = true;
      queue_up(0, request);
      return;
    }
    if (tier == 0) {
      complete(request);
      return;
    }
    request->since = events_.now();
    request->hop = tier - 1;
    request->up = false;
    start_flow(request);
  }

  void start_flow(Request* request) {
    if (request->up && request->hop == 0) {
      request->record.upload_wait += Seconds(events_.now() - request->since);
      request->since = events_.now();
    }
    const HopLoad& hop = simulation_.hops[request->hop];
    const Bytes bytes = request->up ? hop.up_bytes_of(request->record.request) : hop.down_bytes;
    if (bytes == Bytes(0)) {
      flow_done(request);
      return;
    }
    const HopEnds& ends = ends_[request->hop];
    s4u::Host* near = ends.near[ends.near.size() == 1 ? 0 : request->record.device];
    request->flow =
        s4u::Comm::sendto_init(request->up ? near : ends.far, request->up ? ends.far : near);
    request->flow->set_payload_size(static_cast<std::uint64_t>(bytes.si()))->set_data(request);
    request->flow->start();
  }

  void flow_ended(const s4u::Activity& activity) {
    auto* request = activity.get_data<Request>();
    if (stopped_ || request == nullptr || request->flow.get() != &activity) {
      return;
    }
    if (activity.get_state() != s4u::Activity::State::FINISHED) {
      throw std::logic_error("a flow failed though no link ever does");
    }
    // SimGrid still uses the Comm after this signal: it is freed at the next one.
    last_flow_ = std::move(request->flow);
    flow_done(request);
  }

  /// The last bit has left the sender.
  void flow_done(Request* request) {
    HopUsage& usage = record_.hops[request->hop];
    const HopLoad& hop = simulation_.hops[request->hop];
    (request->up ? usage.up : usage.down) +=
        request->up ? hop.up_bytes_of(request->record.request) : hop.down_bytes;
    ++(request->up ? usage.up_messages : usage.down_messages);
    events_.schedule(events_.now() + hop.hop.latency.si(), kDelivered, 0, request);
    if (request->up && request->hop == 0) {
      Device& device = devices_[request->record.device];
      if (device.to_send.empty()) {
        device.sending = false;
      } else {
        start_flow(device.to_send.pop());
      }
    }
  }

  void delivered(Request* request) {
    const Seconds took(events_.now() - request->since);
    if (request->up) {
      request->record.upload += took;
      enter_tier(request->hop + 1, request);
    } else {
      request->record.download += took;
      send_down(request->hop, request);
    }
  }

  // --- ends

  void complete(Request* request) {
    ++record_.completed;
    record_.duration = Seconds(events_.now());
    request->record.completed = true;
    request->record.completion = Seconds(events_.now());
    sink_(request->record);
    if (simulation_.closed_loop) {
      schedule_next_arrival(request->record.device);
    }
    release(request);
    report_progress();
  }

  void stop() {
    stopped_ = true;
    record_.duration = *simulation_.stop.after;
    for (const Request& request : requests_) {
      if (request.served_on) {
        record_.tiers[*request.served_on].busy += Seconds(events_.now() - request.since);
      }
    }
    events_.clear();  // running flows end by themselves, unheard
  }

  void report_progress() {
    constexpr std::int64_t kEvery = 1024;
    if (!progress_ || record_.completed % kEvery != 0) {
      return;
    }
    const Stop& until = simulation_.stop;
    progress_(until.requests
                  ? static_cast<double>(record_.completed) / static_cast<double>(*until.requests)
                  : events_.now() / until.after->si());
  }

  void hand_over_unfinished() {
    std::vector<const RequestRecord*> unfinished;
    for (const Request& request : requests_) {
      if (request.in_use) {
        unfinished.push_back(&request.record);
      }
    }
    std::sort(unfinished.begin(), unfinished.end(),
              [](const auto* a, const auto* b) { return a->request < b->request; });
    for (const RequestRecord* record : unfinished) {
      sink_(*record);
    }
    record_.in_flight = static_cast<std::int64_t>(unfinished.size());
  }

  void check_conservation() {
    const bool all_answered = !simulation_.stop.requests || record_.in_flight == 0;
    if (record_.arrived != record_.completed + record_.dropped + record_.in_flight ||
        !all_answered) {
      throw std::logic_error(
          fmt::format("requests were lost: {} arrived, {} completed, {} dropped, {} in flight",
                      record_.arrived, record_.completed, record_.dropped, record_.in_flight));
    }
  }

  Request* take_request() {
    Request* request = free_;
    if (request != nullptr) {
      free_ = request->next;
    } else {
      request = &requests_.emplace_back();
    }
    request->in_use = true;
    request->is_back = false;
    return request;
  }

  void release(Request* request) {
    request->in_use = false;
    request->next = free_;
    free_ = request;
  }

  const Simulation& simulation_;
  const RequestSink& sink_;
  const ProgressSink& progress_;
  EventQueue events_;
  std::vector<HopEnds> ends_;
  std::vector<Device> devices_;
  std::vector<Station> servers_;    // of tiers 1, 2, ...
  std::size_t farthest_ = 0;        // tier that the request goes out to
  std::size_t highest_answer_ = 0;  // tier from which the answer comes back
  std::deque<Request> requests_;    // stable addresses
  Request* free_ = nullptr;
  s4u::CommPtr last_flow_;
  bool stopped_ = false;
  RunRecord record_;
};

/// Settings under which a flow takes exactly size / bandwidth, shared max-min (SimGrid's defaults
/// model TCP). Precision: the default of 1e-5 s would merge events that are 10 us apart.
s4u::Engine* start_engine() {
  if (s4u::Engine::is_initialized()) {
    throw std::logic_error("a process can run one simulation: SimGrid's clock is global");
  }
  const std::string contexts = OFFCUT_CONTEXTS;
  static std::vector<std::string> arguments = {"offcut",
                                               "--log=root.thresh:error",
                                               "--cfg=contexts/factory:" + contexts,
                                               "--cfg=network/model:CM02",
                                               "--cfg=network/crosstraffic:0",
                                               "--cfg=network/TCP-gamma:0",
                                               "--cfg=surf/precision:1e-9"};
  static std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  int argc = static_cast<int>(arguments.size());
  // Never deleted: SimGrid tears down global state in an order of its own, and the process ends
  // after this anyway.
  return new s4u::Engine(&argc, argv.data());
}

}  // namespace

RunRecord simulate(const Simulation& simulation, const RequestSink& sink,
                   const ProgressSink& progress) {
  s4u::Engine* engine = start_engine();
  // Never deleted either: SimGrid keeps a callback into it, and prints a backtrace for each flow
  // that is dropped under way, which an exception would do.
  auto* run = new Run(simulation, sink, progress);
  return run->execute(*engine);
}

std::string simgrid_version() { return OFFCUT_SIMGRID_VERSION; }

}  // namespace offcut
