// The life of requests: each goes out over tiers and hops, and its answer comes back to the device,
// which may have a tail of layers left to compute. Everything is driven by timers in SimGrid's
// maestro, without actors. The parts (Sources, Network, Computing, Recovery, ...) call back through
// their listeners, and Run is the listener of all.

#include <algorithm>
#include <simgrid/s4u.hpp>
#include <utility>

#include "sim/engine/activities.h"
#include "sim/engine/autoscalers.h"
#include "sim/engine/core/check.h"
#include "sim/engine/core/drop_reasons.h"
#include "sim/engine/core/itineraries.h"
#include "sim/engine/core/legs.h"
#include "sim/engine/core/reporter.h"
#include "sim/engine/core/request_pool.h"
#include "sim/engine/core/run_books.h"
#include "sim/engine/core/sources.h"
#include "sim/engine/core/spans.h"
#include "sim/engine/energy/energy_books.h"
#include "sim/engine/links/delays.h"
#include "sim/engine/links/interfaces.h"
#include "sim/engine/links/link_books.h"
#include "sim/engine/links/network.h"
#include "sim/engine/links/platform_rates.h"
#include "sim/engine/mobility/handovers.h"
#include "sim/engine/outages.h"
#include "sim/engine/recovery.h"
#include "sim/engine/run_end.h"
#include "sim/engine/series.h"
#include "sim/engine/side_messages.h"
#include "sim/engine/tasks/task_class.h"
#include "sim/engine/tasks/task_work.h"
#include "sim/engine/teams/team_work.h"
#include "sim/engine/tiers/computing.h"
#include "sim/engine/unfinished.h"
#include "sim/engine/updates/model_updates.h"
#include "sim/engine/withdrawal.h"

namespace offcut::engine {
namespace {

namespace s4u = simgrid::s4u;

class Run final : Sources::Listener,
                  Network::Listener,
                  Computing::Listener,
                  Recovery::Listener,
                  Radios::Listener,
                  Batteries::Listener,
                  TimeOuts::Listener,
                  TeamWork::Listener,
                  Handovers::Listener,
                  SideMessages::Listener,
                  TaskWork::Listener,
                  EventQueue::Handler {
 public:
  Run(const Simulation& simulation, const Observers& observers, Controller& controller,
      Director* director)
      : simulation_(simulation),
        groups_(simulation.groups),
        observers_(observers),
        reporter_(simulation.stop, observers),
        reasons_(simulation),
        attachment_(attachment_of(simulation.tiers, simulation.hops, simulation.groups)),
        legs_(simulation),
        itineraries_(simulation, legs_, controller),
        books_(simulation, legs_, attachment_),
        sources_(simulation, events_, *this),
        places_(attachment_),
        links_(simulation, legs_, places_),
        delays_(simulation, legs_, places_),
        network_(simulation, legs_, places_, events_, *this),
        time_outs_(simulation, events_, *this),
        computing_(simulation, places_, itineraries_.all(), events_, time_outs_, observers, *this),
        activities_(events_, network_, computing_),
        recovery_(simulation, legs_, places_, reasons_, events_, network_, computing_, *this),
        energy_(simulation, legs_, events_, *this, *this),
        autoscalers_(simulation, attachment_, events_, computing_, recovery_),
        outages_(simulation, attachment_, events_, links_, network_, computing_, energy_, recovery_,
                 observers),
        platform_(build_platform(simulation, legs_, attachment_, Network::needs_simgrid(simulation),
                                 Computing::simgrid_hosts(simulation, attachment_))),
        platform_rates_(platform_.changing, events_),
        interfaces_(legs_, groups_, attachment_.devices()),
        requests_(simulation, bool(observers.request_parts)),
        withdrawal_(links_, network_, computing_, recovery_, requests_),
        side_(controller, requests_, itineraries_, attachment_, legs_, events_, links_, energy_,
              *this),
        end_(simulation.stop, events_, sources_, books_, network_, computing_, activities_,
             recovery_, requests_),
        series_(simulation, observers, events_, books_, links_, computing_, energy_, end_) {
    network_.use(platform_, platform_rates_);
    platform_rates_.start();
    computing_.use(platform_);
    if (director != nullptr) {
      const TaskWork::Parts parts{legs_,   places_,   itineraries_, events_,
                                  links_,  network_,  computing_,   recovery_,
                                  energy_, requests_, withdrawal_,  end_};
      tasks_.emplace(simulation, parts, *director, static_cast<TaskWork::Listener&>(*this));
      energy_.follow_devices();
    }
    for (std::size_t group = 0; group < simulation.groups; ++group) {
      computing_.use(group, energy_.followers(group));
    }
    activities_.listen();
    if (simulation.updates) {
      updates_.emplace(simulation, legs_, places_, events_, network_, links_, books_, observers);
      updates_->listen(outages_, end_);
    }
    if (simulation.teams) {
      teams_.emplace(simulation, itineraries_, computing_, events_, requests_, observers,
                     static_cast<TeamWork::Listener&>(*this));
    }
    if (simulation.mobility) {
      const Handovers::Parts parts{legs_,    places_,    reasons_,  events_,  links_,
                                   network_, computing_, recovery_, requests_};
      handovers_.emplace(simulation, parts, observers, static_cast<Handovers::Listener&>(*this));
    }
  }

  RunRecord execute(s4u::Engine& engine) {
    side_.start();
    tasks_ ? tasks_->start() : void();
    sources_.start();
    outages_.start();
    energy_.start();
    series_.start();
    autoscalers_.start();
    end_.start();
    updates_ ? updates_->start() : void();
    engine.run();
    const Seconds duration = std::max(end_.duration(), energy_.latest());
    for (Request* request : requests_.in_use()) {
      energy_.ends(request, request->crossed, duration.si());
    }
    report_unfinished(duration.si());
    tasks_ ? tasks_->ends(duration) : void();
    series_.finish(duration.si());
    hand_over_unfinished(requests_, computing_, books_, reporter_, duration);
    RunRecord record = books_.close(duration, computing_.report(duration.si()));
    links_.close(duration.si(), end_.unfinished(), record.hops);
    updates_ ? updates_->close(record.hops) : void();
    record.teams = teams_ ? std::vector{teams_->close(duration.si())} : std::vector<HopUsage>();
    network_.close(record.hops);
    recovery_.close(record);
    energy_.close(duration.si(), record);
    record.handovers = handovers_ ? handovers_->close(duration.si()) : HandoverUsage();
    tasks_ ? tasks_->close(record) : void();
    return record;
  }

 private:
  /// Reports the spans of the messages that are on their links when the run ends.
  void report_unfinished(double end) const {
    const std::vector<Request*> all =
        observers_.span ? end_.unfinished() : std::vector<Request*>();
    for (const Request* request : all) {
      if (request->on_link) {
        report(request, Span::Outcome::unfinished, end, end);
      }
    }
  }

  void handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* subject) override {
    delivered(static_cast<Request*>(subject));
  }

  void arrives(std::size_t request_class, std::size_t device,
               const workload::RequestDetail& detail) override {
    Request* request = requests_.take();
    request->record = {.request = books_.arrives(request_class, device),
                       .device = device,
                       .request_class = request_class,
                       .arrival = Seconds(events_.now())};
    request->record.input = detail.input.value_or(request->record.request);
    request->own_bytes = detail.bytes;
    const std::size_t group = attachment_.group_of(device);
    request->route = itineraries_.route_of_arrival(request_class, device, group,
                                                   request->record.arrival, request->record.input);
    request->record.version = updates_ ? updates_->version_of(request).value_or(-1) : -1;
    time_outs_.arrives(request);
    const bool is_alone = !teams_ || request->route->itinerary->team.empty();
    is_alone ? enter_tier(group, request) : teams_->start(request);
  }

  bool is_device(std::size_t tier) const { return tier < groups_; }
  void does_not_arrive() override { end_.device_is_silent(); }

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
    request->offered = request->offered && !is_device(tier) && tier == request->moved_tier;
    submit(request);
  }

  void submit(Request* request) override {
    if (!handovers_ || !handovers_->holds_computation(request)) {
      computing_.submit(request);
    }
  }

  void computed(Request* request) override {
    if (request->gave_up) {
      requests_.release(request);
    } else if (request->of_tasks) {
      tasks_->computed(request);
    } else if (request->tail) {
      request->team_run != nullptr ? teams_->computed(request) : complete(request);
    } else {
      leave_tier(request->stage, request);
    }
  }

  void team_is_done(Request* request) override { send_down(0, request); }
  void rejected(Request* request) override {
    if (simulation_.classes[request->record.request_class].failures.local_when_rejected) {
      fall_back(request);
    } else {
      drop(request, reasons_.rejected(request->stage));
    }
  }

  void leave_tier(std::size_t tier, Request* request) {
    if (tier < request->route->farthest) {
      send(request->route->up[tier], true, request);
    } else {
      send_down(request->route->answer, request);
    }
  }

  // --- sending, from one end of a leg to the other

  /// The answer is on tier `tier` and has to go down to the device.
  void send_down(std::size_t tier, Request* request) {
    if (!is_device(tier)) {
      send(request->route->down[tier], false, request);
      return;
    }
    energy_.releases(request);
    if (request->route->stage(tier).tail > Seconds(0)) {
      request->tail = true;
      compute(tier, request);
    } else {
      complete(request);
    }
  }

  void send(std::size_t leg, bool up, Request* request) {
    const Crossing& crossing = request->route->crossing(leg);
    request->stage = leg;
    request->up = up;
    request->sending = true;
    request->retries = 0;
    request->bytes = up ? request->up_bytes(leg) : crossing.down_bytes;
    if (legs_.leaves_device(leg)) {
      (up ? request->record.upload_bytes : request->record.download_bytes) = request->bytes;
    }
    links_.record_message(request, events_.now());
    line_up(request);
  }

  void line_up(Request* request) override {
    request->since = events_.now();
    links_.record_line_up(request, request->since);
    if (!interfaces_.leaves_device(request)) {
      start_sending(request);
      return;
    }
    Interfaces::Line& device = interfaces_.line_of(request);
    time_outs_.joins_queue(request);
    device.to_send.push(request);
    if (!device.sending) {
      send_next(device);
    }
  }

  /// Returns false if the link is down: then the request recovers, or waits for a handover.
  bool start_sending(Request* request) {
    if (handovers_ && handovers_->holds_message(request)) {
      return false;
    }
    if (!network_.is_leg_up(request->stage, request->record.device)) {
      links_.record_lost(request, events_.now());
      cannot_go_on(request);
      return false;
    }
    if (!energy_.promotes(request)) {  // Otherwise promoted() follows.
      request->sent_from = events_.now();
      energy_.begins(request);
      network_.send(request);
    }
    return true;
  }

  void cannot_go_on(Request* request) {
    if (request->of_tasks) {
      tasks_->lost(request);
    } else {
      request->is_side() ? side_.ended(request, false) : recovery_.recover(request);
    }
  }

  void promoted(Request* request) override {
    Interfaces::Line& device = interfaces_.line_of(request);
    if (request->gave_up) {
      requests_.release(request);
    } else if (start_sending(request)) {
      return;
    }
    send_next(device);
  }

  void send_next(Interfaces::Line& device) {
    device.sending = true;
    while (!device.to_send.empty()) {
      Request* request = device.to_send.pop();
      if (request->gave_up) {
        requests_.release(request);
        continue;
      }
      time_outs_.leaves_queue(request);
      request->record.upload_wait += Seconds(events_.now() - request->since);
      links_.record_start(request, events_.now());
      request->since = events_.now();
      if (start_sending(request)) {
        return;
      }
    }
    device.sending = false;
  }

  void sent(Request* request) override {
    Interfaces::Line* device = interfaces_.line_if_any(request);
    const double now = events_.now();
    links_.record_sent(request, now);
    energy_.ends(request, request->bytes, now);
    request->record.sent = device != nullptr ? Seconds(now) : request->record.sent;
    if (request->gave_up) {
      report(request, Span::Outcome::done, now, now);
      requests_.release(request);
    } else if (request->is_side()) {
      report(request, Span::Outcome::done, now, now);
      books_.sent(request);
      side_.ended(request, true);
    } else {
      books_.sent(request);
      const double arrival = now + delays_.of(request, now);
      report(request, Span::Outcome::done, now, arrival);
      events_.schedule(arrival, *this, 0, 0, request);
      request->of_tasks ? tasks_->sent(request) : side_.transferred(request);
    }
    if (device != nullptr) {
      send_next(*device);
    }
  }

  /// Reports the span of a message whose last bit left at `left`, or which ended so then, to an
  /// observer that asks for it.
  void report(const Request* request, Span::Outcome outcome, double left, double arrival) const {
    if (observers_.span) {
      const std::size_t hop = legs_.hops(request->stage).front();
      Span span = span_of_message(request, places_.link_of(hop, request->record.device),
                                  Seconds(left));
      span.outcome = outcome_of(request, outcome);
      span.end = Seconds(arrival);
      observers_.span(span);
    }
  }

  void message_stalls(Request* request) override { energy_.stalls(request); }
  void message_goes_on(Request* request) override { energy_.goes_on(request); }

  void delivered(Request* request) {
    if (request->gave_up) {
      requests_.release(request);
      return;
    }
    if (request->of_tasks) {
      tasks_->arrived(request);
      return;
    }
    request->sending = false;
    request->add_crossing(Seconds(events_.now() - request->since));
    if (request->up) {
      enter_tier(legs_.to(request->stage), request);
    } else {
      send_down(legs_.from(request->stage), request);
    }
  }

  // --- failures

  void message_lost(Request* request) override {
    links_.record_lost(request, events_.now());
    energy_.ends(request, request->crossed, events_.now());
    report(request, Span::Outcome::lost, events_.now(), events_.now());
    Interfaces::Line* device = interfaces_.line_if_any(request);
    if (request->gave_up) {
      requests_.release(request);
    } else if (request->is_side()) {
      books_.message_lost(request);
      side_.ended(request, false);
    } else if (!handovers_ || !handovers_->takes(request)) {
      books_.message_lost(request);
      count_failure(request);
      cannot_go_on(request);
    }
    if (device != nullptr) {
      send_next(*device);
    }
  }

  void computation_lost(Request* request) override {
    if (request->gave_up) {
      requests_.release(request);
      return;
    }
    count_failure(request);
    cannot_go_on(request);
  }

  void no_machine(Request* request) override { cannot_go_on(request); }
  void count_failure(Request* request) {
    if (!request->of_tasks) {
      ++request->record.failures;
      books_.failure(request->record);
    }
  }

  void came_up(const FaultClock::Component& component) override {
    tasks_ ? tasks_->came_up(component) : void();
  }
  void failed_for_good() override { tasks_ ? tasks_->failed_for_good() : void(); }
  void moved(std::size_t device) override { tasks_ ? tasks_->moved(device) : void(); }

  void try_again(Request* request) override {
    if (request->gave_up) {
      requests_.release(request);
    } else if (request->sending) {
      line_up(request);
    } else {
      submit(request);
    }
  }

  void fall_back(Request* request) override {
    const RequestRecord& record = request->record;
    const std::size_t group = request->route->group;
    request->route = itineraries_.route_of_fallback(record.request_class, record.device, group,
                                                    Seconds(events_.now()));
    request->tail = false;
    request->sending = false;
    energy_.releases(request);
    if (!std::exchange(request->record.fell_back, true)) {
      books_.fell_back(request->record);
    }
    compute(group, request);
  }

  void go_to_site(Request* request, std::size_t site) override {
    request->record.failover = Failover::other_site;
    request->moved_tier = static_cast<std::uint32_t>(request->stage);
    request->moved_site = static_cast<std::uint32_t>(site);
    send(request->route->leg_to(request->stage), true, request);
  }

  void go_to_next_tier(Request* request) override {
    request->record.failover = Failover::next_tier;
    request->route = itineraries_.route_of_failover(*request->route, request->stage);
    leave_tier(request->stage, request);
  }

  void battery_low(std::size_t group, std::size_t at) override { outages_.battery_low(group, at); }

  void battery_empty(std::size_t group, std::size_t number) override {
    const std::size_t device = attachment_.first_device(group) + number;
    sources_.silence(device);
    std::vector<RequestList> lines = interfaces_.clear(device);
    for (Request* request : requests_.of_device(device)) {
      request->of_tasks    ? tasks_->give_up(request)
      : request->is_side() ? side_.give_up(request, withdrawal_, network_)
                           : give_up(request, reasons_.battery_empty());
    }
    requests_.release_all(lines);
    outages_.battery_empty(group, number);
    tasks_ ? tasks_->battery_empty(device) : void();
    end_.device_is_silent();
  }

  // --- ends

  void complete(Request* request) {
    request->record.ending = Ending::completed;
    request->record.exit = request->route->itinerary->exit;
    end(request);
  }

  void drop(Request* request, DropReason reason) override {
    if (request->of_tasks) {
      tasks_->lost(request);
      return;
    }
    request->record.ending = Ending::dropped;
    request->record.reason = reason;
    end(request);
  }

  void end(Request* request) {
    request->record.completion = Seconds(events_.now());
    books_.ends(request->record);
    if (request->is_on_air()) {  // It gave up.
      energy_.ends(request, network_.crossed(request), events_.now());
    }
    energy_.releases(request);
    reporter_.hand_over(request);
    const std::size_t request_class = request->record.request_class;
    const std::size_t device = request->record.device;
    const bool gave_up = request->gave_up;  // Then it is still somewhere.
    TimeOuts::ends(request);
    side_.request_ended(request);
    if (!gave_up) {
      requests_.release(request);
    }
    sources_.ended(request_class, device);
    if (gave_up) {
      withdrawal_.withdraw(request, events_.now());
    }
    reporter_.report_progress(books_.ended(), events_.now());
    end_.request_ended();
  }

  void time_is_out(Request* request) override { give_up(request, reasons_.timed_out()); }

  /// Drops a request, wherever it is.
  void give_up(Request* request, DropReason reason) override {
    if (request->of_tasks) {
      tasks_->give_up(request);
      return;
    }
    requests_.give_up(request);
    drop(request, reason);
  }

  const Simulation& simulation_;
  const std::size_t groups_;  // Of devices.
  const Observers& observers_;
  const Reporter reporter_;
  const DropReasons reasons_;
  const network::Attachment attachment_;
  const Legs legs_;
  Itineraries itineraries_;
  RunBooks books_;
  EventQueue events_;
  Sources sources_;
  network::Places places_;
  LinkBooks links_;
  Delays delays_;
  Network network_;
  TimeOuts time_outs_;
  Computing computing_;
  Activities activities_;
  Recovery recovery_;
  EnergyBooks energy_;
  Autoscalers autoscalers_;
  Outages outages_;
  const Platform platform_;
  PlatformRates platform_rates_;
  Interfaces interfaces_;
  RequestPool requests_;
  Withdrawal withdrawal_;
  SideMessages side_;
  std::optional<TaskWork> tasks_;
  std::optional<TeamWork> teams_;
  std::optional<Handovers> handovers_;
  std::optional<ModelUpdates> updates_;
  RunEnd end_;
  Series series_;
};

}  // namespace

RunRecord simulate(const Simulation& simulation, const Observers& observers, Controller& controller,
                   Director* director) {
  check(simulation, director != nullptr);
  s4u::Engine* engine = start_simgrid();
  // Never deleted either: SimGrid keeps a callback into it. It also prints a backtrace for each
  // unfinished flow that is freed, which would happen after an exception.
  const Simulation* all =
      director != nullptr ? new Simulation(with_tasks(simulation)) : &simulation;
  auto* run = new Run(*all, observers, controller, director);
  return run->execute(*engine);
}

}  // namespace offcut::engine
