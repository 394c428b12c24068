// The life of requests: each walks outward over tiers and hops and its answer comes back, where the
// device may have a tail of layers left to run on it. Everything is driven from timers in SimGrid's
// maestro, without actors.

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <set>
#include <simgrid/s4u.hpp>
#include <stdexcept>

#include "sim/engine/computing.h"
#include "sim/engine/fault_clock.h"
#include "sim/engine/network.h"
#include "sim/engine/pool.h"

namespace offcut {
namespace {

namespace s4u = simgrid::s4u;

// Of one request; with services that are longer than machines stay up it would go on for ever.
constexpr std::uint16_t kMostFailures = 10'000;

struct Device {
  bool sending = false;
  RequestList to_send;
  std::int64_t arrived = 0, completed = 0, in_time = 0;
  double latencies = 0;
  double asked = -1;         // when its last request arrived
  std::int64_t at_once = 0;  // requests then, but one
};

/// What may drop requests, as indices of drop_reasons().
struct Reasons {
  std::vector<std::uint8_t> rejected, machine, link;  // by tier, tier, hop
  std::uint8_t failures = 0;
  std::vector<std::string> texts;

  explicit Reasons(const Simulation& simulation) {
    for (const Tier& tier : simulation.tiers) {
      rejected.push_back(next());
      if (tier.scheduling.admission) {
        texts.push_back(tier.name + " rejects");
      }
      machine.push_back(next());
      if (tier.faults.any()) {
        texts.push_back(tier.name + " failed");
      }
    }
    for (const Link& hop : simulation.hops) {
      link.push_back(next());
      if (hop.faults.any()) {
        texts.push_back(hop.name + " failed");
      }
    }
    failures = next();
    if (!texts.empty()) {
      texts.emplace_back("failed too often");
    }
  }

 private:
  std::uint8_t next() const { return static_cast<std::uint8_t>(texts.size()); }
};

/// Jain, Chiu, Hawe 1984: (sum x)^2 / (n sum x^2).
template <class Share>
double jain(const std::vector<Device>& devices, Share share) {
  double sum = 0, squares = 0, count = 0;
  for (const Device& device : devices) {
    if (const std::optional<double> x = share(device)) {
      sum += *x;
      squares += *x * *x;
      ++count;
    }
  }
  return squares > 0 ? sum * sum / (count * squares) : 1;
}

class Run final : Network::Listener,
                  Computing::Listener,
                  FaultClock::Listener,
                  EventQueue::Handler {
 public:
  Run(const Simulation& simulation, const Observers& observers)
      : simulation_(simulation),
        observers_(observers),
        reasons_(simulation),
        routes_(routes_of(simulation)),
        network_(simulation, events_, *this),
        computing_(simulation, routes_, events_, observers, *this),
        faults_(simulation, link_counts(), events_, *this),
        platform_(build_platform(simulation, Network::needs_simgrid(simulation),
                                 Computing::simgrid_hosts(simulation))),
        devices_(simulation.tiers[0].servers),
        parked_(simulation.tiers.size() + simulation.hops.size()) {
    network_.use(platform_);
    computing_.use(platform_);
    s4u::Activity::on_completion_cb(
        [this](const s4u::Activity& activity) { activity_ended(activity); });
    events_.when_idle([this] { idle(); });
    prepare_record();
  }

  RunRecord execute(s4u::Engine& engine) {
    start_sources();
    faults_.start();
    if (simulation_.stop.after) {
      events_.schedule_in_background(simulation_.stop.after->si(), *this, kStop);
    }
    engine.run();
    hand_over_unfinished();
    finish_record();
    check_conservation();
    return record_;
  }

 private:
  enum Kind : std::uint32_t { kDelivered, kRetry, kStop, kArrival };  // kArrival + the class

  struct Sources {  // of one class
    std::vector<ArrivalSource> all;
    RandomStream devices;  // which one asks, where there is one source for all
  };

  static std::vector<Route> routes_of(const Simulation& simulation) {
    std::vector<Route> routes;
    for (const RequestClass& of : simulation.classes) {
      routes.push_back(route_of(simulation, of));
    }
    return routes;
  }

  std::vector<std::size_t> link_counts() const {
    std::vector<std::size_t> counts;
    for (std::size_t hop = 0; hop < simulation_.hops.size(); ++hop) {
      counts.push_back(network_.link_count(hop));
    }
    return counts;
  }

  void prepare_record() {
    for (std::size_t i = 0; i < simulation_.hops.size(); ++i) {
      const Link& hop = simulation_.hops[i];
      record_.hops.push_back({.name = hop.name,
                              .links = network_.link_count(i),
                              .hop = hop.hop,
                              .up_is_ours = Network::is_ours(simulation_, i, true),
                              .down_is_ours = Network::is_ours(simulation_, i, false)});
    }
    for (const RequestClass& of : simulation_.classes) {
      record_.classes.push_back({.name = of.name});
    }
    for (const std::string& reason : reasons_.texts) {
      record_.drops.push_back({.reason = reason});
    }
  }

  void handle(std::uint32_t kind, std::uint32_t number, void* subject) override {
    switch (kind) {
      case kDelivered:
        delivered(static_cast<Request*>(subject));
        break;
      case kRetry:
        redo(static_cast<Request*>(subject));
        break;
      case kStop:
        stop();
        break;
      default:
        arrive(kind - kArrival, number);
    }
  }

  // --- arrivals

  void start_sources() {
    for (std::size_t i = 0; i < simulation_.classes.size(); ++i) {
      const RequestClass& of = simulation_.classes[i];
      const std::string name = of.name == "all" ? "arrivals" : "arrivals of " + of.name;
      Sources& sources = sources_.emplace_back();
      sources.devices = random_stream(simulation_.seed, name + ", device");
      for (std::size_t source = 0; source < (of.in_total ? 1 : devices_.size()); ++source) {
        sources.all.push_back(
            {.number = source, .stream = random_stream(simulation_.seed, name, source)});
      }
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      for (std::size_t source = 0; source < sources_[i].all.size(); ++source) {
        schedule_arrival(i, source);
      }
    }
  }

  /// In the background: arrivals that nobody waits for any more must not keep the run alive.
  void schedule_arrival(std::size_t request_class, std::size_t source) {
    const Seconds time = simulation_.classes[request_class].arrivals->next(
        Seconds(events_.now()), sources_[request_class].all[source]);
    if (time < kNever) {
      ++arrivals_to_come_;
      events_.schedule_in_background(time.si(), *this,
                                     kArrival + static_cast<std::uint32_t>(request_class),
                                     static_cast<std::uint32_t>(source));
    }
  }

  bool no_more_arrivals() const {
    return arrivals_to_come_ == 0 ||
           (simulation_.stop.requests && record_.arrived >= *simulation_.stop.requests);
  }

  void arrive(std::size_t request_class, std::size_t source) {
    const bool over = no_more_arrivals();
    --arrivals_to_come_;
    if (over) {
      return;
    }
    const RequestClass& of = simulation_.classes[request_class];
    Request* request = take_request();
    const std::size_t device = of.in_total
                                   ? boost::random::uniform_int_distribution<std::size_t>(
                                         0, devices_.size() - 1)(sources_[request_class].devices)
                                   : source;
    request->record = {.request = record_.arrived++,
                       .device = device,
                       .request_class = request_class,
                       .arrival = Seconds(events_.now())};
    ++record_.classes[request_class].arrived;
    ++devices_[device].arrived;
    if (of.closed_loop) {
      check_progress(devices_[device]);
    } else {
      schedule_arrival(request_class, source);
    }
    enter_tier(0, request);
  }

  /// A closed loop that does not think, and whose requests all end at once, never gets to the time
  /// at which the run ends.
  void check_progress(Device& device) const {
    constexpr std::int64_t kMost = 1'000'000;
    device.at_once = events_.now() > device.asked ? 0 : device.at_once + 1;
    device.asked = events_.now();
    if (simulation_.stop.after && device.at_once >= kMost) {
      throw std::runtime_error(fmt::format(
          "a device asks endlessly at {} s: its requests end at once and it does not think",
          device.asked));
    }
  }

  // --- computing

  const RequestClass& class_of(const Request* request) const {
    return simulation_.classes[request->record.request_class];
  }
  const Route& route(const Request* request) const {
    return routes_[request->record.request_class];
  }

  void enter_tier(std::size_t tier, Request* request) {
    if (class_of(request).stages[tier].used) {
      compute(tier, request);
    } else {
      leave_tier(tier, request);
    }
  }

  void compute(std::size_t tier, Request* request) {
    request->stage = tier;
    request->retries = 0;
    computing_.submit(request);
  }

  void computed(Request* request) override {
    if (request->part == Request::Part::plan) {
      leave_tier(request->stage, request);
    } else {
      complete(request);
    }
  }

  void rejected(Request* request) override {
    if (class_of(request).failures.local_when_rejected) {
      fall_back(request);
    } else {
      drop(request, reasons_.rejected[request->stage]);
    }
  }

  void leave_tier(std::size_t tier, Request* request) {
    if (tier < route(request).farthest) {
      send(tier, true, request);
    } else {
      send_down(route(request).answer, request);
    }
  }

  // --- sending: hop h lies between tiers h and h + 1

  /// The answer stands on tier `tier` and has to go down to the device.
  void send_down(std::size_t tier, Request* request) {
    if (tier > 0) {
      send(tier - 1, false, request);
    } else if (class_of(request).stages[0].tail > Seconds(0)) {
      request->part = Request::Part::tail;
      compute(0, request);
    } else {
      complete(request);
    }
  }

  void send(std::size_t hop, bool up, Request* request) {
    const Crossing& crossing = class_of(request).crossings[hop];
    request->stage = hop;
    request->up = up;
    request->sending = true;
    request->retries = 0;
    request->bytes = up ? crossing.up_bytes_of(request->record.request) : crossing.down_bytes;
    line_up(request);
  }

  static bool leaves_device(const Request* request) { return request->up && request->stage == 0; }

  void line_up(Request* request) {
    request->since = events_.now();
    if (!leaves_device(request)) {
      if (!starts(request)) {
        go_on_otherwise(request);
      }
      return;
    }
    Device& device = devices_[request->record.device];
    device.to_send.push(request);
    if (!device.sending) {
      send_next(device);
    }
  }

  /// False where the link is down.
  bool starts(Request* request) {
    const bool is_up = network_.is_up(request->stage, request->record.device);
    if (is_up) {
      network_.send(request);
    }
    return is_up;
  }

  void send_next(Device& device) {
    device.sending = true;
    while (!device.to_send.empty()) {
      Request* request = device.to_send.pop();
      request->record.upload_wait += Seconds(events_.now() - request->since);
      request->since = events_.now();
      if (starts(request)) {
        return;
      }
      go_on_otherwise(request);
    }
    device.sending = false;
  }

  void sent(Request* request) override {
    HopUsage& usage = record_.hops[request->stage];
    (request->up ? usage.up : usage.down) += request->bytes;
    ++(request->up ? usage.up_messages : usage.down_messages);
    events_.schedule(events_.now() + simulation_.hops[request->stage].hop.latency.si(), *this,
                     kDelivered, 0, request);
    if (leaves_device(request)) {
      send_next(devices_[request->record.device]);
    }
  }

  void delivered(Request* request) {
    const Seconds took(events_.now() - request->since);
    request->sending = false;
    if (request->up) {
      request->record.upload += took;
      enter_tier(request->stage + 1, request);
    } else {
      request->record.download += took;
      send_down(request->stage, request);
    }
  }

  // --- failures

  void message_lost(Request* request) override {
    ++record_.hops[request->stage].lost;
    count_failure(request);
    const bool leaves = leaves_device(request);
    Device& device = devices_[request->record.device];
    go_on_otherwise(request);
    if (leaves) {
      send_next(device);
    }
  }

  void computation_lost(Request* request) override {
    count_failure(request);
    go_on_otherwise(request);
  }

  void no_machine(Request* request) override { go_on_otherwise(request); }

  void count_failure(Request* request) {
    ++request->record.failures;
    ++record_.classes[request->record.request_class].failures;
  }

  /// What it was about to do can't be done, or came to nothing.
  void go_on_otherwise(Request* request) {
    const FailurePolicy& policy = class_of(request).failures;
    RequestRecord& record = request->record;
    record.lost += Seconds(events_.now() - request->since);
    request->since = events_.now();
    if (record.failures >= kMostFailures) {
      drop(request, reasons_.failures);
    } else if (request->retries < policy.retries) {
      const double times = std::pow(policy.factor, static_cast<double>(request->retries++));
      const double wait =
          policy.backoff > Seconds(0) ? policy.backoff.si() * times : 0;  // times: inf
      events_.schedule(events_.now() + wait, *this, kRetry, 0, request);
    } else if (policy.then == FailurePolicy::Then::wait || request->part == Request::Part::local) {
      wait(request);
    } else if (policy.then == FailurePolicy::Then::local) {
      fall_back(request);
    } else {
      drop(request,
           request->sending ? reasons_.link[request->stage] : reasons_.machine[request->stage]);
    }
  }

  bool can_go_on(const Request* request) const {
    const std::size_t device = request->record.device;
    return request->sending ? network_.is_up(request->stage, device)
                            : computing_.is_up(request->stage, device);
  }

  void wait(Request* request) {
    if (can_go_on(request)) {
      redo(request);
    } else {
      parked(request->sending, request->stage).push_back(request);
    }
  }

  bool nothing_parked() const {
    return std::all_of(parked_.begin(), parked_.end(),
                       [](const auto& requests) { return requests.empty(); });
  }

  std::vector<Request*>& parked(bool on_hop, std::size_t where) {
    return parked_[on_hop ? simulation_.tiers.size() + where : where];
  }

  void redo(Request* request) {
    request->record.lost += Seconds(events_.now() - request->since);
    if (request->sending) {
      line_up(request);
    } else {
      computing_.submit(request);
    }
  }

  void fall_back(Request* request) {
    request->part = Request::Part::local;
    request->sending = false;
    if (!request->record.fell_back) {
      request->record.fell_back = true;
      ++record_.classes[request->record.request_class].fell_back;
    }
    compute(0, request);
  }

  void tell(RunEvent::Kind machine, RunEvent::Kind link, const FaultClock::Thing& thing) const {
    if (observers_.event) {
      observers_.event({.kind = thing.is_link ? link : machine,
                        .time = Seconds(events_.now()),
                        .where = thing.where,
                        .which = thing.which});
    }
  }

  void goes_down(const FaultClock::Thing& thing) override {
    if (thing.is_link) {
      network_.link_down(thing.where, thing.which);
    } else {
      computing_.machine_down(thing.where, thing.which);
    }
    tell(RunEvent::Kind::machine_down, RunEvent::Kind::link_down, thing);
  }

  void comes_up(const FaultClock::Thing& thing) override {
    if (thing.is_link) {
      network_.link_up(thing.where, thing.which);
    } else {
      computing_.machine_up(thing.where, thing.which);
    }
    tell(RunEvent::Kind::machine_up, RunEvent::Kind::link_up, thing);
    std::vector<Request*>& waiting = parked(thing.is_link, thing.where);
    const auto ready = std::stable_partition(waiting.begin(), waiting.end(),
                                             [&](const Request* r) { return !can_go_on(r); });
    const std::vector<Request*> go_on(ready, waiting.end());
    waiting.erase(ready, waiting.end());
    for (Request* request : go_on) {
      redo(request);
    }
  }

  /// SimGrid says so of each once, and of what is cancelled twice: at once and when its clock goes
  /// on. It still uses the activity after this signal: it is freed at the next one.
  void activity_ended(const s4u::Activity& activity) {
    auto* request = activity.get_data<Request>();
    if (stopped_ || request == nullptr || request->activity.get() != &activity) {
      forget_cancelled(activity);
      return;
    }
    const bool is_lost = activity.get_state() != s4u::Activity::State::FINISHED;
    (is_lost ? cancelled_.emplace_back() : last_activity_) = std::move(request->activity);
    events_.activity_ended();
    if (request->sending) {
      network_.flow_ended(request, is_lost);
    } else {
      computing_.execution_ended(request, is_lost);
    }
  }

  void forget_cancelled(const s4u::Activity& activity) {
    const auto found = std::find_if(cancelled_.begin(), cancelled_.end(),
                                    [&](const auto& other) { return other.get() == &activity; });
    if (found != cancelled_.end()) {
      last_activity_ = std::move(*found);
      cancelled_.erase(found);
    }
  }

  // --- ends

  void complete(Request* request) {
    const RequestClass& of = class_of(request);
    RequestRecord& record = request->record;
    record.ending = Ending::completed;
    record.completion = Seconds(events_.now());
    const bool in_time = record.latency() <= of.deadline;
    ++record_.completed;
    ++record_.classes[record.request_class].completed;
    record_.classes[record.request_class].late += in_time ? 0 : 1;
    Device& device = devices_[record.device];
    ++device.completed;
    device.in_time += in_time ? 1 : 0;
    device.latencies += record.latency().si();
    end(request);
  }

  void drop(Request* request, std::uint8_t reason) {
    request->record.ending = Ending::dropped;
    request->record.reason = reason;
    request->record.completion = Seconds(events_.now());
    ++record_.dropped;
    ++record_.drops[reason].requests;
    ++record_.classes[request->record.request_class].dropped;
    end(request);
  }

  void end(Request* request) {
    record_.duration = Seconds(events_.now());
    if (observers_.request) {
      observers_.request(request->record);
    }
    const std::size_t request_class = request->record.request_class;
    const std::size_t device = request->record.device;
    release(request);
    if (simulation_.classes[request_class].closed_loop) {
      schedule_arrival(request_class, device);
    }
    report_progress();
  }

  /// Nothing happens any more by itself, but failures and the end of the run.
  void idle() {
    if (stopped_ || !no_more_arrivals()) {
      return;
    }
    if (record_.completed + record_.dropped < record_.arrived) {
      if (nothing_parked()) {  // else that goes on some day, and may fill a batch
        computing_.flush();
      }
    } else if (!simulation_.stop.after) {
      events_.clear();
    }
  }

  void stop() {
    stopped_ = true;
    record_.duration = *simulation_.stop.after;
    events_.clear();  // running flows end by themselves, unheard
  }

  void report_progress() {
    constexpr std::int64_t kEvery = 1024;
    const std::int64_t ended = record_.completed + record_.dropped;
    if (!observers_.progress || ended % kEvery != 0) {
      return;
    }
    const Stop& until = simulation_.stop;
    observers_.progress(until.requests
                            ? static_cast<double>(ended) / static_cast<double>(*until.requests)
                            : events_.now() / until.after->si());
  }

  void hand_over_unfinished() {
    std::vector<const Request*> unfinished;
    for (const Request& request : requests_.all()) {
      if (request.in_use) {
        unfinished.push_back(&request);
      }
    }
    std::sort(unfinished.begin(), unfinished.end(),
              [](const auto* a, const auto* b) { return a->record.request < b->record.request; });
    for (const Request* request : unfinished) {
      if (request->on_tier) {
        computing_.still_there(request, record_.duration.si());
      }
      if (observers_.request) {
        observers_.request(request->record);
      }
      ++record_.classes[request->record.request_class].in_flight;
    }
    record_.in_flight = static_cast<std::int64_t>(unfinished.size());
  }

  void finish_record() {
    record_.tiers = computing_.report(record_.duration.si());
    record_.fairness = jain(devices_, [](const Device& device) {
      return device.arrived > 0 ? std::optional(static_cast<double>(device.in_time) /
                                                static_cast<double>(device.arrived))
                                : std::nullopt;
    });
    record_.latency_fairness = jain(devices_, [](const Device& device) {
      return device.completed > 0
                 ? std::optional(device.latencies / static_cast<double>(device.completed))
                 : std::nullopt;
    });
  }

  void check_conservation() {
    const bool all_ended = !simulation_.stop.requests || record_.in_flight == 0;
    if (record_.arrived != record_.completed + record_.dropped + record_.in_flight || !all_ended) {
      throw std::logic_error(
          fmt::format("requests were lost: {} arrived, {} completed, {} dropped, {} in flight",
                      record_.arrived, record_.completed, record_.dropped, record_.in_flight));
    }
  }

  Request* take_request() {
    Request* request = requests_.take();
    request->in_use = true;
    request->part = Request::Part::plan;
    request->sending = false;
    return request;
  }

  void release(Request* request) {
    request->in_use = false;
    requests_.give_back(request);
  }

  const Simulation& simulation_;
  const Observers& observers_;
  const Reasons reasons_;
  const std::vector<Route> routes_;
  EventQueue events_;
  Network network_;
  Computing computing_;
  FaultClock faults_;
  const Platform platform_;
  std::vector<Device> devices_;
  std::vector<Sources> sources_;
  std::int64_t arrivals_to_come_ = 0;
  std::vector<std::vector<Request*>> parked_;  // by tier, then by hop
  Pool<Request> requests_;
  s4u::ActivityPtr last_activity_;
  std::vector<s4u::ActivityPtr> cancelled_;
  bool stopped_ = false;
  RunRecord record_;
};

void check(const Simulation& simulation) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) {
      throw std::invalid_argument(what);
    }
  };
  require(!simulation.tiers.empty() && simulation.hops.size() + 1 == simulation.tiers.size(),
          "there is a hop between any two tiers");
  require(simulation.stop.requests.has_value() != simulation.stop.after.has_value(),
          "a run stops after requests or after a time");
  for (std::size_t i = 0; i < simulation.tiers.size(); ++i) {
    const Tier& tier = simulation.tiers[i];
    require(tier.servers > 0 && tier.cores > 0 && tier.sites > 0 &&
                tier.servers % tier.sites == 0 && (i > 0 || tier.sites == 1),
            "a tier has servers, in equal numbers at its sites");
    require(i > 0 || !tier.scheduling.dispatch, "devices serve their own requests");
  }
  for (std::size_t i = 0; i < simulation.hops.size(); ++i) {
    const Link& hop = simulation.hops[i];
    require(!hop.site || (i == 0 && !hop.shared && hop.site->devices > 0),
            "a site's link is behind the devices' own links");
  }
  std::set<std::string> names;
  for (const RequestClass& of : simulation.classes) {
    require(names.insert(of.name).second, "classes have names of their own");
    require(of.stages.size() == simulation.tiers.size() &&
                of.crossings.size() == simulation.hops.size() && of.arrivals != nullptr &&
                !(of.closed_loop && of.in_total),
            "a class has stages, crossings and arrivals");
    for (const Stage& stage : of.stages) {
      require(!stage.service.empty(), "a stage says what one request takes");
      require(&stage == of.stages.data() || stage.tail == Seconds(0),
              "a tail is computed on the device");
    }
  }
}

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

std::vector<std::string> drop_reasons(const Simulation& simulation) {
  return Reasons(simulation).texts;
}

RunRecord simulate(const Simulation& simulation, const Observers& observers) {
  check(simulation);
  s4u::Engine* engine = start_engine();
  // Never deleted either: SimGrid keeps a callback into it, and prints a backtrace for each flow
  // that is dropped under way, which an exception would do.
  auto* run = new Run(simulation, observers);
  return run->execute(*engine);
}

std::string simgrid_version() { return OFFCUT_SIMGRID_VERSION; }

}  // namespace offcut
