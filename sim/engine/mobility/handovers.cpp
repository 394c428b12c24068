// Handovers of devices. Each device has one event for its next move; a request that can't go on is
// listed at its device until the interruption is over, or has an event of its own. When it goes on,
// it is asked again where its data is, since its device may have moved on.

#include "sim/engine/mobility/handovers.h"

#include <algorithm>

namespace offcut::engine {

Handovers::Handovers(const Simulation& simulation, const Parts& parts, const Observers& observers,
                     Listener& listener)
    : simulation_(simulation),
      mobility_(*simulation.mobility),
      parts_(parts),
      observers_(observers),
      listener_(listener),
      devices_(parts.places.start().devices()) {
  place_devices();
  count_models();
}

// --- moves

/// Places the devices, and schedules their first moves.
void Handovers::place_devices() {
  const network::Attachment& attachment = parts_.places.start();
  for (std::size_t number = 0; number < devices_.size(); ++number) {
    Device& device = devices_[number];
    device.place = static_cast<std::uint32_t>(attachment.place_of(number));
    device.walk = mobility_.movement->walk(number, simulation_.seed);
    expect_move(static_cast<std::uint32_t>(number));
    while (device.walk != nullptr && device.next.time <= Seconds(0)) {
      device.place = static_cast<std::uint32_t>(device.next.place);
      parts_.places.move_to(number, device.place);
      expect_move(static_cast<std::uint32_t>(number));
    }
    schedule_move(number);
  }
}

/// Takes the next move of a device; without one, its walk is over.
void Handovers::expect_move(std::uint32_t number) {
  Device& device = devices_[number];
  const auto next = device.walk != nullptr ? device.walk->next() : std::nullopt;
  if (next) {
    device.next = *next;
  } else {
    device.walk.reset();
  }
}

void Handovers::schedule_move(std::size_t number) {
  if (devices_[number].walk != nullptr) {
    parts_.events.schedule_in_background(devices_[number].next.time.si(), *this, kMove,
                                         static_cast<std::uint32_t>(number));
  }
}

void Handovers::handle(std::uint32_t kind, std::uint32_t number, void* subject) {
  if (kind == kReady) {
    go_on(static_cast<Request*>(subject));
    return;
  }
  if (kind == kEnd) {
    if (parts_.events.now() >= devices_[number].until) {  // Otherwise another one has begun.
      end(number);
    }
    return;
  }
  const std::size_t place = devices_[number].next.place;
  expect_move(number);
  schedule_move(number);
  move(number, place);
}

void Handovers::move(std::size_t number, std::size_t place) {
  Device& device = devices_[number];
  const std::size_t from = device.place;
  if (place == from) {
    return;
  }
  const double now = parts_.events.now();
  if (device.is_interrupted) {
    usage_.interruption += Seconds(now - device.since);
    report(RunEvent::Kind::handover_ends, number, from);
  }
  ++usage_.handovers;
  device.from = device.place;
  device.is_interrupted = true;
  device.since = now;
  device.until = now + mobility_.interruption.si();
  report(RunEvent::Kind::handover_begins, number, place);
  std::vector<Request*> lost;
  cut_off(number, lost);
  parts_.places.move_to(number, place);
  parts_.network.moved(number);
  device.place = static_cast<std::uint32_t>(place);
  leave_sites(number, from);
  for (Request* request : lost) {
    go_on(request);
  }
  parts_.events.schedule_in_background(device.until, *this, kEnd,
                                       static_cast<std::uint32_t>(number));
  listener_.moved(number);
}

/// Loses the messages on the device's link, or drops their requests.
void Handovers::cut_off(std::size_t number, std::vector<Request*>& lost) {
  for (Request* request : parts_.requests.of_device(number)) {
    if (!request->on_link || !parts_.legs.leaves_device(request->stage)) {
      continue;
    }
    if (mobility_.under_way == Mobility::UnderWay::drop && !request->is_side()) {
      listener_.give_up(request, parts_.reasons.handover());
    } else {
      cut_off_ = &lost;
      parts_.network.withdraw(request);
      cut_off_ = nullptr;
    }
  }
}

bool Handovers::takes(Request* request) {
  if (cut_off_ == nullptr) {
    return false;
  }
  cut_off_->push_back(request);
  return true;
}

/// The device has left the sites of its place before; what is there of it is treated.
void Handovers::leave_sites(std::size_t number, std::size_t from) {
  Device& device = devices_[number];
  const network::Attachment& attachment = parts_.places.start();
  const std::size_t group = attachment.group_of(number);
  bool changes = false;
  for (std::size_t tier = simulation_.groups; tier < attachment.tiers(); ++tier) {
    changes = changes || attachment.site_at(tier, group, from) !=
                             attachment.site_at(tier, group, device.place);
  }
  if (changes && mobility_.state > Bytes(0)) {
    device.state_ready =
        std::max(parts_.events.now(), device.state_ready) + crossing(mobility_.state);
  }
  for (Request* request : parts_.requests.of_device(number)) {
    const bool is_there = (request->on_tier || request->parked) && !request->sending;
    if (is_there && request->stage >= simulation_.groups && is_away(request, request->stage)) {
      leave_site(request);
    }
  }
}

/// Treats a request at a site that its device has left.
void Handovers::leave_site(Request* request) {
  if (mobility_.under_way == Mobility::UnderWay::drop) {
    listener_.give_up(request, parts_.reasons.handover());
  } else if (mobility_.under_way == Mobility::UnderWay::finish) {
    stay(request);
  } else if (request->parked) {
    parts_.recovery.wait_no_longer(request);
  } else if (!request->computing) {
    parts_.computing.take_back(request);
    go_on(request);
  }
}

void Handovers::end(std::size_t number) {
  Device& device = devices_[number];
  usage_.interruption += Seconds(parts_.events.now() - device.since);
  device.is_interrupted = false;
  report(RunEvent::Kind::handover_ends, number, device.place);
  for (Request* request : in_order_of_arrival(std::exchange(device.waiting, {}))) {
    parts_.events.release();
    go_on(request);
  }
}

// --- requests

std::size_t Handovers::site_at(std::size_t tier, const Request* request, std::size_t place) const {
  return parts_.places.start().site_at(tier, request->route->group, place);
}

/// Returns whether the data of a request on a tier is at another site than that of its device.
bool Handovers::is_away(const Request* request, std::size_t tier) const {
  const bool failed_over =
      request->record.failover == Failover::other_site && request->moved_tier == tier;
  return !failed_over && request->place != kAnyPlace &&
         site_at(tier, request, request->place) !=
             parts_.places.site_of(tier, request->record.device);
}

/// The request is computed at the site where its data is.
void Handovers::stay(Request* request) {
  request->moved_tier = static_cast<std::uint32_t>(request->stage);
  request->moved_site =
      static_cast<std::uint32_t>(site_at(request->stage, request, request->place));
}

/// The time since its stage began counts as handover.
void Handovers::count(Request* request) {
  request->record.handover += Seconds(parts_.events.now() - request->since);
  request->since = parts_.events.now();
}

/// The request can't go on before this time.
void Handovers::hold(Request* request, double until) {
  parts_.events.schedule(until, *this, kReady, 0, request);
}

void Handovers::go_on(Request* request) {
  count(request);
  listener_.try_again(request);
}

/// The message does not begin. It is no longer present on its link.
void Handovers::take_over(Request* request) {
  parts_.links.record_lost(request, parts_.events.now());
  count(request);
}

/// Lets the data of the request follow its device, or drops it.
void Handovers::carry(Request* request, std::size_t tier) {
  if (mobility_.under_way == Mobility::UnderWay::drop) {
    listener_.drop(request, parts_.reasons.handover());
    return;
  }
  ++usage_.taken_along;
  request->place = devices_[request->record.device].place;
  request->moved_tier = request->moved_tier == tier ? 0 : request->moved_tier;
  hold(request, parts_.events.now() + crossing(request->bytes));
}

bool Handovers::holds_message(Request* request) {
  Device& device = devices_[request->record.device];
  if (!parts_.legs.leaves_device(request->stage)) {
    request->place = kAnyPlace;
    return false;
  }
  if (!request->up) {
    const std::size_t tier = parts_.legs.to(request->stage);
    request->place = request->place == kAnyPlace ? device.place : request->place;
    if (is_away(request, tier)) {
      take_over(request);
      carry(request, tier);
      return true;
    }
  }
  if (device.is_interrupted) {
    take_over(request);
    parts_.events.hold();
    device.waiting.push_back(request);
    return true;
  }
  request->place = device.place;
  return false;
}

bool Handovers::holds_computation(Request* request) {
  if (request->stage < simulation_.groups) {
    return false;
  }
  const Device& device = devices_[request->record.device];
  const double now = parts_.events.now();
  request->since = now;
  if (request->place == kAnyPlace) {
    request->place = device.place;
  }
  if (is_away(request, request->stage)) {
    if (mobility_.under_way != Mobility::UnderWay::finish) {
      carry(request, request->stage);
      return true;
    }
    stay(request);
    return false;
  }
  const bool has_sites = parts_.places.start().sites(request->stage) > 1;
  const double ready = std::max(has_sites ? device.state_ready : 0, model_ready(request));
  if (ready > now) {
    hold(request, ready);
    return true;
  }
  return false;
}

// --- the backbone

/// Counts what crosses the backbone, and returns how long that takes.
double Handovers::crossing(Bytes bytes) {
  usage_.backbone += bytes;
  return (mobility_.latency + bytes / mobility_.backbone).si();
}

/// Notes the models that each site has at the start.
void Handovers::count_models() {
  const network::Attachment& attachment = parts_.places.start();
  for (std::size_t i = 0; mobility_.pulls_models && i < simulation_.classes.size(); ++i) {
    const std::vector<std::size_t>& from = simulation_.classes[i].from;
    for (std::size_t device = 0; device < devices_.size(); ++device) {
      const std::size_t group = attachment.group_of(device);
      if (!from.empty() && std::find(from.begin(), from.end(), group) == from.end()) {
        continue;
      }
      for (std::size_t tier = simulation_.groups; tier < attachment.tiers(); ++tier) {
        const Site site{tier, parts_.places.site_of(tier, device)};
        models_[{site, model_of(i)}] = 0;
      }
    }
  }
}

/// Returns when the model of the request is at its site, which pulls it if it has to.
double Handovers::model_ready(const Request* request) {
  const Stage& stage = request->route->stage(request->stage);
  const Bytes weights = stage.model;
  if (!mobility_.pulls_models || weights == Bytes(0) || request->moved_tier == request->stage) {
    return 0;
  }
  const RequestRecord& record = request->record;
  const Site site{request->stage, parts_.places.site_of(request->stage, record.device)};
  const auto [found, is_new] = models_.try_emplace({site, model_of(record.request_class)}, 0);
  if (is_new) {
    ++usage_.pulls;
    found->second = parts_.events.now() + crossing(weights);
  }
  return found->second;
}

// --- results

void Handovers::report(RunEvent::Kind kind, std::size_t number, std::size_t to) const {
  if (!observers_.event) {
    return;
  }
  const std::size_t group = parts_.places.start().group_of(number);
  observers_.event({.kind = kind,
                    .time = Seconds(parts_.events.now()),
                    .where = group,
                    .which = number - parts_.places.start().first_device(group),
                    .from = devices_[number].from,
                    .to = to});
}

HandoverUsage Handovers::close(double end) const {
  HandoverUsage usage = usage_;
  for (const Device& device : devices_) {
    usage.interruption += Seconds(device.is_interrupted ? std::max(end - device.since, 0.0) : 0);
  }
  return usage;
}

}  // namespace offcut::engine
