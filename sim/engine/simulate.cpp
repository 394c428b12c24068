// The life of requests: each goes out over tiers and hops, and its answer comes back to the device,
// which may have a tail of layers left to compute. Everything is driven by timers in SimGrid's
// maestro, without actors. The parts (Sources, Network, Computing, FaultClock, Recovery) call back
// through their listeners, and Run is the listener of all of them.

#include <simgrid/s4u.hpp>
#include <unordered_map>
#include <utility>

#include "sim/engine/core/check.h"
#include "sim/engine/core/drop_reasons.h"
#include "sim/engine/core/fault_clock.h"
#include "sim/engine/core/itineraries.h"
#include "sim/engine/core/pool.h"
#include "sim/engine/core/run_books.h"
#include "sim/engine/core/sources.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/recovery.h"
#include "sim/engine/tiers/computing.h"

namespace offcut::engine {
namespace {

namespace s4u = simgrid::s4u;

/// The messages that a device has to send, one after another.
struct Sender {
  bool sending = false;
  RequestList to_send;
};

class Run final : Sources::Listener,
                  Network::Listener,
                  Computing::Listener,
                  FaultClock::Listener,
                  Recovery::Listener,
                  Radios::Listener,
                  EventQueue::Handler {
 public:
  Run(const Simulation& simulation, const Observers& observers, Controller& controller)
      : simulation_(simulation),
        observers_(observers),
        reasons_(simulation),
        attachment_(attachment_of(simulation.tiers, simulation.hops)),
        itineraries_(simulation, controller),
        books_(simulation, attachment_),
        sources_(simulation, events_, *this),
        places_(attachment_),
        network_(simulation, places_, events_, *this),
        computing_(simulation, places_, itineraries_.all(), events_, observers, *this),
        faults_(simulation, attachment_, events_, *this),
        recovery_(simulation, places_, reasons_, events_, network_, computing_, *this),
        energy_(simulation, events_, *this),
        platform_(build_platform(simulation, attachment_, Network::needs_simgrid(simulation),
                                 Computing::simgrid_hosts(simulation, attachment_))),
        senders_(simulation.tiers[0].servers) {
    network_.use(platform_);
    computing_.use(platform_);
    s4u::Activity::on_completion_cb(
        [this](const s4u::Activity& activity) { activity_ended(activity); });
    events_.when_idle([this] { idle(); });
  }

  RunRecord execute(s4u::Engine& engine) {
    sources_.start();
    faults_.start();
    if (simulation_.stop.after) {
      events_.schedule_in_background(simulation_.stop.after->si(), *this, kStop);
    }
    engine.run();
    hand_over_unfinished();
    RunRecord record = books_.close(duration_, computing_.report(duration_.si()));
    record.energy = energy_.close(duration_.si(), record.tiers);
    for (std::size_t i = 0; i < record.hops.size(); ++i) {
      record.hops[i].up_is_ours = Network::is_ours(simulation_, i, true);
      record.hops[i].down_is_ours = Network::is_ours(simulation_, i, false);
    }
    return record;
  }

 private:
  enum Kind : std::uint32_t { kDelivered, kStop };

  void handle(std::uint32_t kind, std::uint32_t /*number*/, void* subject) override {
    if (kind == kDelivered) {
      delivered(static_cast<Request*>(subject));
    } else {
      stop();
    }
  }

  void arrives(std::size_t request_class, std::size_t device) override {
    Request* request = take_request();
    request->record = {.request = books_.arrives(request_class, device),
                       .device = device,
                       .request_class = request_class,
                       .arrival = Seconds(events_.now())};
    request->route = itineraries_.route_of_arrival(request_class, device, request->record.arrival);
    enter_tier(0, request);
  }

  // --- computing

  void enter_tier(std::size_t tier, Request* request) {
    if (request->route->stage(tier).used) {
      compute(tier, request);
    } else {
      leave_tier(tier, request);
    }
  }

  void compute(std::size_t tier, Request* request) {
    request->stage = tier;
    request->retries = 0;
    request->offered = false;
    computing_.submit(request);
  }

  void computed(Request* request) override {
    if (request->tail) {
      complete(request);
    } else {
      leave_tier(request->stage, request);
    }
  }

  void rejected(Request* request) override {
    if (simulation_.classes[request->record.request_class].failures.local_when_rejected) {
      fall_back(request);
    } else {
      drop(request, reasons_.rejected(request->stage));
    }
  }

  void leave_tier(std::size_t tier, Request* request) {
    if (tier < request->route->farthest) {
      send(tier, true, request);
    } else {
      send_down(request->route->answer, request);
    }
  }

  // --- sending: hop h lies between tiers h and h + 1

  /// The answer is on tier `tier` and has to go down to the device.
  void send_down(std::size_t tier, Request* request) {
    if (tier > 0) {
      send(tier - 1, false, request);
      return;
    }
    energy_.releases(request);
    if (request->route->stage(0).tail > Seconds(0)) {
      request->tail = true;
      compute(0, request);
    } else {
      complete(request);
    }
  }

  void send(std::size_t hop, bool up, Request* request) {
    const Crossing& crossing = request->route->crossing(hop);
    request->stage = hop;
    request->up = up;
    request->sending = true;
    request->retries = 0;
    request->bytes = up ? crossing.up_bytes_of(request->record.request) : crossing.down_bytes;
    if (hop == 0) {
      (up ? request->record.upload_bytes : request->record.download_bytes) = request->bytes;
    }
    line_up(request);
  }

  static bool leaves_device(const Request* request) { return request->up && request->stage == 0; }

  void line_up(Request* request) {
    request->since = events_.now();
    if (!leaves_device(request)) {
      if (!start_sending(request)) {
        recovery_.recover(request);
      }
      return;
    }
    Sender& device = senders_[request->record.device];
    device.to_send.push(request);
    if (!device.sending) {
      send_next(device);
    }
  }

  /// Returns false if the link is down.
  bool start_sending(Request* request) {
    const bool is_up = network_.is_up(request->stage, request->record.device);
    if (is_up && !energy_.promotes(request)) {
      energy_.begins(request);
      network_.send(request);
    }
    return is_up;
  }

  void promoted(Request* request) override {
    if (!start_sending(request)) {
      recovery_.recover(request);
      send_next(senders_[request->record.device]);
    }
  }

  void send_next(Sender& device) {
    device.sending = true;
    while (!device.to_send.empty()) {
      Request* request = device.to_send.pop();
      request->record.upload_wait += Seconds(events_.now() - request->since);
      request->since = events_.now();
      if (start_sending(request)) {
        return;
      }
      recovery_.recover(request);
    }
    device.sending = false;
  }

  void sent(Request* request) override {
    books_.sent(request);
    energy_.ends(request, false);
    events_.schedule(events_.now() + simulation_.hops[request->stage].hop.latency.si(), *this,
                     kDelivered, 0, request);
    if (leaves_device(request)) {
      send_next(senders_[request->record.device]);
    }
  }

  void delivered(Request* request) {
    const Seconds duration(events_.now() - request->since);
    request->sending = false;
    if (request->up) {
      request->record.upload += duration;
      enter_tier(request->stage + 1, request);
    } else {
      request->record.download += duration;
      send_down(request->stage, request);
    }
  }

  // --- failures

  void message_lost(Request* request) override {
    books_.message_lost(request);
    energy_.ends(request, true);
    count_failure(request);
    const bool leaves = leaves_device(request);
    Sender& device = senders_[request->record.device];
    recovery_.recover(request);
    if (leaves) {
      send_next(device);
    }
  }

  void computation_lost(Request* request) override {
    count_failure(request);
    recovery_.recover(request);
  }

  void no_machine(Request* request) override { recovery_.recover(request); }

  void count_failure(Request* request) {
    ++request->record.failures;
    books_.failure(request->record);
  }

  void try_again(Request* request) override {
    if (request->sending) {
      line_up(request);
    } else {
      computing_.submit(request);
    }
  }

  void fall_back(Request* request) override {
    const RequestRecord& record = request->record;
    request->route =
        itineraries_.route_of_fallback(record.request_class, record.device, Seconds(events_.now()));
    request->tail = false;
    request->sending = false;
    energy_.releases(request);
    if (!request->record.fell_back) {
      request->record.fell_back = true;
      books_.fell_back(request->record);
    }
    compute(0, request);
  }

  void report(RunEvent::Kind machine, RunEvent::Kind link,
              const FaultClock::Component& component) const {
    if (observers_.event) {
      observers_.event({.kind = component.is_link ? link : machine,
                        .time = Seconds(events_.now()),
                        .where = component.position,
                        .which = component.index});
    }
  }

  void goes_down(const FaultClock::Component& component) override {
    if (component.is_link) {
      network_.link_down(component.position, component.index);
    } else {
      computing_.machine_down(component.position, component.index);
      energy_.machine_down(component.position);
    }
    report(RunEvent::Kind::machine_down, RunEvent::Kind::link_down, component);
  }

  void comes_up(const FaultClock::Component& component) override {
    if (component.is_link) {
      network_.link_up(component.position, component.index);
    } else {
      computing_.machine_up(component.position, component.index);
      energy_.machine_up(component.position);
    }
    report(RunEvent::Kind::machine_up, RunEvent::Kind::link_up, component);
    recovery_.comes_up(component);
  }

  /// SimGrid gives this signal once for each activity, and twice for a cancelled one: at once, and
  /// when its clock goes on. It still uses the activity after the signal, so the activity is freed
  /// at the next one.
  void activity_ended(const s4u::Activity& activity) {
    auto* request = activity.get_data<Request>();
    if (stopped_ || request == nullptr || request->activity.get() != &activity) {
      forget_cancelled(activity);
      return;
    }
    const bool is_lost = activity.get_state() != s4u::Activity::State::FINISHED;
    (is_lost ? cancelled_[&activity] : last_activity_) = std::move(request->activity);
    events_.activity_ended();
    if (request->sending) {
      network_.flow_ended(request, is_lost);
    } else {
      computing_.execution_ended(request, is_lost);
    }
    events_.look_for_idle();
  }

  void forget_cancelled(const s4u::Activity& activity) {
    if (const auto found = cancelled_.find(&activity); found != cancelled_.end()) {
      last_activity_ = std::move(found->second);
      cancelled_.erase(found);
    }
  }

  // --- ends

  void complete(Request* request) {
    request->record.ending = Ending::completed;
    request->record.completion = Seconds(events_.now());
    books_.completed(request->record);
    end(request);
  }

  void drop(Request* request, DropReason reason) override {
    request->record.ending = Ending::dropped;
    request->record.reason = reason;
    request->record.completion = Seconds(events_.now());
    books_.dropped(request->record);
    end(request);
  }

  void end(Request* request) {
    duration_ = Seconds(events_.now());
    energy_.releases(request);
    if (observers_.request) {
      observers_.request(request->record);
    }
    const std::size_t request_class = request->record.request_class;
    const std::size_t device = request->record.device;
    release(request);
    sources_.ended(request_class, device);
    report_progress();
  }

  /// Nothing is left to happen but failures and the end of the run.
  void idle() {
    if (stopped_ || !sources_.is_over()) {
      return;
    }
    if (!books_.all_ended()) {
      if (!recovery_.any_waits()) {  // A request that waits goes on later, and may fill a batch.
        computing_.flush();
      }
    } else if (!simulation_.stop.after) {
      events_.clear();
    }
  }

  void stop() {
    stopped_ = true;
    duration_ = *simulation_.stop.after;
    events_.clear();  // Running flows end by themselves, and their signals are ignored.
  }

  void report_progress() {
    constexpr std::int64_t kEvery = 1024;
    if (!observers_.progress || books_.ended() % kEvery != 0) {
      return;
    }
    const Stop& until = simulation_.stop;
    observers_.progress(until.requests ? static_cast<double>(books_.ended()) /
                                             static_cast<double>(*until.requests)
                                       : events_.now() / until.after->si());
  }

  void hand_over_unfinished() {
    std::vector<Request*> unfinished;
    for (Request& request : requests_.all()) {
      if (request.in_use) {
        unfinished.push_back(&request);
      }
    }
    for (const Request* request : in_order_of_arrival(std::move(unfinished))) {
      if (request->on_tier) {
        computing_.count_unfinished(request, duration_.si());
      }
      books_.in_flight(request->record);
      if (observers_.request) {
        observers_.request(request->record);
      }
    }
  }

  Request* take_request() {
    Request* request = requests_.take();
    request->in_use = true;
    request->tail = false;
    request->sending = false;
    return request;
  }

  void release(Request* request) {
    request->in_use = false;
    requests_.give_back(request);
  }

  const Simulation& simulation_;
  const Observers& observers_;
  const DropReasons reasons_;
  const network::Attachment attachment_;
  Itineraries itineraries_;
  RunBooks books_;
  EventQueue events_;
  Sources sources_;
  network::Places places_;
  Network network_;
  Computing computing_;
  FaultClock faults_;
  Recovery recovery_;
  EnergyBooks energy_;
  const Platform platform_;
  std::vector<Sender> senders_;
  Pool<Request> requests_;
  s4u::ActivityPtr last_activity_;
  std::unordered_map<const s4u::Activity*, s4u::ActivityPtr> cancelled_;
  bool stopped_ = false;
  Seconds duration_;
};

}  // namespace

RunRecord simulate(const Simulation& simulation, const Observers& observers) {
  FixedPlans plans(simulation);
  return simulate(simulation, observers, plans);
}

RunRecord simulate(const Simulation& simulation, const Observers& observers,
                   Controller& controller) {
  check(simulation);
  s4u::Engine* engine = start_simgrid();
  // Never deleted either: SimGrid keeps a callback into it. It also prints a backtrace for each
  // unfinished flow that is freed, which would happen after an exception.
  auto* run = new Run(simulation, observers, controller);
  return run->execute(*engine);
}

}  // namespace offcut::engine
