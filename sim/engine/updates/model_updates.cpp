// Pushes new weights from the last tier to the devices, and uploads data for training. Messages are
// requests to the network and to the books of links, with numbers below 0, and to nothing else.

#include "sim/engine/updates/model_updates.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/engine/core/spans.h"

namespace offcut::engine {
namespace {

constexpr std::size_t kNoDevice = std::numeric_limits<std::size_t>::max();

}  // namespace

std::optional<Seconds> UpdateSchedule::time_of(std::size_t n) const {
  if (n < at.size()) {
    return at[n];
  }
  return every ? std::optional(first + *every * static_cast<double>(n - at.size())) : std::nullopt;
}

ModelUpdates::ModelUpdates(const Simulation& simulation, const Legs& legs,
                           const network::Places& places, EventQueue& events, Network& network,
                           LinkBooks& links, RunBooks& books, const Observers& observers)
    : simulation_(simulation),
      updates_(*simulation.updates),
      legs_(legs),
      places_(places),
      events_(events),
      network_(network),
      links_(links),
      books_(books),
      observers_(observers),
      carried_(2 * simulation.hops.size()) {
  const network::Attachment& start = places.start();
  for (std::size_t tier = 0; tier < simulation.tiers.size(); ++tier) {
    const std::size_t count = is_device(tier) ? simulation.tiers[tier].servers : start.sites(tier);
    std::vector<std::size_t>& first = first_device_of_.emplace_back(count, kNoDevice);
    for (std::size_t device = start.devices(); device-- > 0;) {
      if (!is_device(tier)) {
        first[start.site_of(tier, device)] = device;
      } else if (start.group_of(device) == tier) {
        first[device - start.first_device(tier)] = device;
      }
    }
  }
  bool any_background = false;
  for (const ModelUpdate& update : updates_.models) {
    any_background = any_background || update.is_background;
    auto& of_tiers = versions_.emplace_back();
    auto& ways = ways_.emplace_back();
    for (const std::vector<std::size_t>& places_of_tier : first_device_of_) {
      of_tiers.emplace_back(places_of_tier.size(), 0);
      ways.emplace_back(places_of_tier.size());
    }
  }
  for (const DataUpload& upload : updates_.uploads) {
    any_background = any_background || upload.is_background;
    pending_.emplace_back(first_device_of_[upload.tier].size());
  }
  network.set_updates(*this, any_background ? this : nullptr);
}

void ModelUpdates::listen(Outages& outages, RunEnd& end) {
  outages.on_link_up([this](std::size_t /*hop*/, std::size_t /*link*/) { link_up(); });
  end.stop_also([this] { return unfinished(); });
}

void ModelUpdates::start() {
  for (std::size_t i = 0; i < updates_.models.size(); ++i) {
    schedule(kPush, i, updates_.models[i].schedule, 0);
  }
  for (std::size_t i = 0; i < updates_.uploads.size(); ++i) {
    schedule(kCollect, i, updates_.uploads[i].schedule, 0);
  }
}

/// Schedules the n-th push or upload.
void ModelUpdates::schedule(Kind kind, std::size_t index, const UpdateSchedule& times,
                            std::size_t n) {
  if (const auto time = times.time_of(n)) {
    Message* message = take();
    (kind == kPush ? message->model : message->upload) = index;
    message->version = static_cast<std::int32_t>(n + 1);
    events_.schedule_in_background(time->si(), *this, kind, 0, message);
  }
}

void ModelUpdates::handle(std::uint32_t kind, std::uint32_t /*number*/, void* subject) {
  auto* message = static_cast<Message*>(subject);
  const std::size_t index = message->model == kUpload ? message->upload : message->model;
  const std::int32_t version = message->version;
  switch (kind) {
    case kPush:
      finish(message);
      push(index, version);
      schedule(kPush, index, updates_.models[index].schedule, static_cast<std::size_t>(version));
      break;
    case kCollect:
      finish(message);
      for (std::size_t place = 0; place < pending_[index].size(); ++place) {
        const bool serves = first_device_of_[updates_.uploads[index].tier][place] != kNoDevice;
        if (serves && pending_[index][place]++ == 0) {
          collect(index, place);
        }
      }
      schedule(kCollect, index, updates_.uploads[index].schedule,
               static_cast<std::size_t>(version));
      break;
    case kArrived:
      arrived(message);
      break;
    default:
      loaded(message);
  }
}

// --- ways

/// Returns the size of a push to a site of the tier, or to a device: what the tiers on this side
/// need.
Bytes ModelUpdates::bytes_for(std::size_t model, std::size_t tier) const {
  const std::vector<Bytes>& bytes = updates_.models[model].bytes;
  if (is_device(tier)) {
    return bytes[tier];
  }
  Bytes sum;
  for (std::size_t nearer = 0; nearer <= tier; ++nearer) {
    sum += bytes[nearer];
  }
  return sum;
}

void ModelUpdates::push(std::size_t model, std::int32_t version) {
  const std::size_t last = simulation_.tiers.size() - 1;
  for (std::int32_t& held : versions_[model][last]) {
    held = std::max(held, version);
  }
  Message pushed;
  pushed.model = model;
  pushed.version = version;
  report(RunEvent::Kind::model_pushed, last, 0, pushed);
  for (std::size_t site = 0; last >= simulation_.groups && site < first_device_of_[last].size();
       ++site) {
    push_to(model, version, last, site);
  }
}

/// Sends a version on, from a site of a later tier to the nearer tier.
void ModelUpdates::push_to(std::size_t model, std::int32_t version, std::size_t tier,
                           std::size_t from_site) {
  const bool to_devices = tier == simulation_.groups;
  const std::size_t first = to_devices ? 0 : tier - 1;
  for (std::size_t next = first; next < (to_devices ? simulation_.groups : tier); ++next) {
    const std::size_t places =
        bytes_for(model, next) > Bytes(0) ? first_device_of_[next].size() : 0;
    for (std::size_t place = 0; place < places; ++place) {
      const std::size_t device = first_device_of_[next][place];
      if (device != kNoDevice && places_.start().site_of(tier, device) == from_site) {
        push_one(model, version, next, place);
      }
    }
  }
}

/// Sends a version to a site or device, unless another one is under way to it.
void ModelUpdates::push_one(std::size_t model, std::int32_t version, std::size_t tier,
                            std::size_t place) {
  Way& way = ways_[model][tier][place];
  if (way.is_taken) {
    way.next = std::max(way.next, version);
    return;
  }
  way.is_taken = true;
  Message* message = take();
  message->model = model;
  message->version = version;
  message->target = place;
  message->background = updates_.models[model].is_background;
  send(message, tier, false, first_device_of_[tier][place], bytes_for(model, tier));
}

void ModelUpdates::collect(std::size_t upload, std::size_t place) {
  const DataUpload& data = updates_.uploads[upload];
  Message* message = take();
  message->upload = upload;
  message->target = place;
  message->background = data.is_background;
  send(message, data.tier, true, first_device_of_[data.tier][place], data.bytes);
}

// --- messages

ModelUpdates::Message* ModelUpdates::take() {
  if (unused_.empty()) {
    unused_.push_back(&messages_.emplace_back());
  }
  Message* message = unused_.back();
  unused_.pop_back();
  message->record = {};
  message->record.request = -++sent_;
  message->of_updates = true;
  message->model = kUpload;
  message->sending = true;
  message->gave_up = false;
  message->parked = false;
  message->is_present = false;
  message->is_live = true;
  return message;
}

void ModelUpdates::finish(Message* message) {
  message->is_live = false;
  unused_.push_back(message);
}

template <class Visit>
void ModelUpdates::each_link(const Request* request, Visit visit) const {
  const std::size_t device = request->record.device;
  const std::size_t direction = request->up ? 0 : 1;
  legs_.each_hop(request->stage, [&](std::size_t hop) {
    const auto key = [&](std::size_t link, bool is_uplink) {
      return ((static_cast<std::uint64_t>(hop) * 2 + direction) * 2 + (is_uplink ? 1 : 0)) << 40 |
             static_cast<std::uint64_t>(link);
    };
    visit(key(places_.link_of(hop, device), false));
    if (simulation_.hops[hop].site) {
      visit(key(request->uplink, true));
    }
  });
}

/// Begins a message over a hop.
void ModelUpdates::send(Message* message, std::size_t hop, bool up, std::size_t device,
                        Bytes bytes) {
  message->record.device = device;
  message->stage = hop;
  message->up = up;
  message->bytes = message->piece = bytes;
  message->unsent = message->crossed = Bytes(0);
  message->is_started = false;
  message->waits_for_link = false;
  message->on_link = false;
  links_.record_message(message, events_.now());
  message->since = events_.now();
  links_.record_line_up(message, events_.now());
  if (message->background) {
    each_link(message, [&](std::uint64_t key) { busy_[key].background.push_back(message); });
  }
  try_to_send(message);
}

bool ModelUpdates::is_free(const Message* message) {
  bool is_free = true;
  each_link(message, [&](std::uint64_t key) { is_free = is_free && busy_[key].requests == 0; });
  return is_free;
}

/// Sends a message, or what is left of it, unless a link is down or taken.
void ModelUpdates::try_to_send(Message* message) {
  if (!network_.is_leg_up(message->stage, message->record.device)) {
    if (message->is_present) {
      links_.record_lost(message, events_.now());
    }
    message->waits_for_link = true;
    return;
  }
  if (message->waits_for_link) {
    message->waits_for_link = false;
    message->since = events_.now();
    links_.record_line_up(message, events_.now());
  }
  if (message->background && !is_free(message)) {
    message->parked = true;
    return;
  }
  message->parked = false;
  if (message->is_started) {
    network_.resume(message);
  } else {
    message->is_started = true;
    network_.send_plain(message);
  }
}

void ModelUpdates::sent(Request* request) {
  auto* message = static_cast<Message*>(request);
  links_.record_sent(message, events_.now());
  report_span(message, Span::Outcome::done, legs_.arrival_delay(message->stage));
  books_.sent(message);
  Carried& carried = carried_of(message);
  carried.bytes += message->bytes;
  ++carried.messages;
  if (message->background) {
    each_link(message, [&](std::uint64_t key) { std::erase(busy_[key].background, message); });
  }
  events_.schedule_in_background(events_.now() + legs_.arrival_delay(message->stage), *this,
                                 kArrived, 0, message);
}

void ModelUpdates::message_lost(Request* request) {
  auto* message = static_cast<Message*>(request);
  links_.record_lost(message, events_.now());
  report_span(message, Span::Outcome::lost, 0);
  books_.message_lost(message);
  carried_of(message).part += message->crossed;
  message->is_started = false;
  message->waits_for_link = true;
}

void ModelUpdates::arrived(Message* message) {
  const std::size_t hop = message->stage;
  if (message->up) {
    const std::size_t tier = legs_.to(hop);
    if (tier + 1 < simulation_.tiers.size()) {
      send(message, tier, true, message->record.device, message->bytes);
      return;
    }
    const std::size_t upload = message->upload;
    const std::size_t place = message->target;
    report(RunEvent::Kind::data_uploaded, updates_.uploads[upload].tier, place, *message);
    finish(message);
    if (--pending_[upload][place] > 0) {
      collect(upload, place);
    }
    return;
  }
  const std::size_t tier = legs_.from(hop);
  if (!is_device(tier)) {
    push_to(message->model, message->version, tier, message->target);
  }
  const Bytes own = updates_.models[message->model].bytes[tier];
  const double time = simulation_.tiers[tier].load_rate().time_for(events_.now(), own.si());
  events_.schedule_in_background(events_.now() + time, *this, kLoaded, 0, message);
  Way& way = ways_[message->model][tier][message->target];
  way.is_taken = false;
  if (const std::int32_t next = std::exchange(way.next, 0); next > 0) {
    push_one(message->model, next, tier, message->target);
  }
}

/// The device, or all machines of the site, serve the version from now on.
void ModelUpdates::loaded(Message* message) {
  const std::size_t tier = legs_.from(message->stage);
  std::int32_t& held = versions_[message->model][tier][message->target];
  if (message->version > held && updates_.models[message->model].bytes[tier] > Bytes(0)) {
    held = message->version;
    report(RunEvent::Kind::model_updated, tier, message->target, *message);
  }
  finish(message);
}

// --- the messages of requests

void ModelUpdates::begins(const Request* request) {
  std::vector<Message*> paused;
  each_link(request, [&](std::uint64_t key) {
    Busy& busy = busy_[key];
    if (busy.requests++ == 0) {
      paused.insert(paused.end(), busy.background.begin(), busy.background.end());
    }
  });
  for (Message* message : paused) {
    if (message->on_link && !message->parked) {
      message->parked = network_.pause(message);
    }
  }
}

void ModelUpdates::ends(const Request* request) {
  std::vector<Message*> waiting;
  each_link(request, [&](std::uint64_t key) {
    Busy& busy = busy_[key];
    if (--busy.requests == 0) {
      waiting.insert(waiting.end(), busy.background.begin(), busy.background.end());
    }
  });
  for (Message* message : waiting) {
    if (message->parked && !message->waits_for_link) {
      try_to_send(message);
    }
  }
}

/// Sends again what was lost on a link that is up now.
void ModelUpdates::link_up() {
  for (Message& message : messages_) {
    if (message.is_live && message.waits_for_link) {
      try_to_send(&message);
    }
  }
}

// --- versions, and the end

std::optional<std::int32_t> ModelUpdates::version_of(const Request* request) const {
  for (std::size_t i = 0; i < updates_.models.size(); ++i) {
    const ModelUpdate& update = updates_.models[i];
    if (!std::binary_search(update.classes.begin(), update.classes.end(),
                            request->record.request_class)) {
      continue;
    }
    const std::size_t device = request->record.device;
    const std::size_t last = simulation_.tiers.size() - 1;
    std::int32_t version = versions_[i][last].front();
    for (std::size_t level = 0; level < request->route->itinerary->stages.size(); ++level) {
      const std::size_t tier = number_of(level, request->route->group, simulation_.groups);
      const bool gets_it = tier != last && update.bytes[tier] > Bytes(0);
      if (gets_it && request->route->itinerary->stages[level].used) {
        const std::size_t place = is_device(tier) ? device - places_.start().first_device(tier)
                                                  : places_.site_of(tier, device);
        version = std::min(version, versions_[i][tier][place]);
      }
    }
    return version;
  }
  return std::nullopt;
}

void ModelUpdates::report(RunEvent::Kind kind, std::size_t tier, std::size_t place,
                          const Message& message) {
  if (observers_.event) {
    observers_.event({.kind = kind,
                      .time = Seconds(events_.now()),
                      .where = tier,
                      .which = place,
                      .request_class = message.model == kUpload
                                           ? 0
                                           : updates_.models[message.model].classes.front(),
                      .version = message.version});
  }
}

/// Reports the span of a message that leaves its link, to an observer that asks for it.
void ModelUpdates::report_span(const Message* message, Span::Outcome outcome, double delay) const {
  if (!observers_.span) {
    return;
  }
  const std::size_t hop = legs_.hops(message->stage).front();
  Span span = span_of_message(message, places_.link_of(hop, message->record.device),
                              Seconds(events_.now()));
  span.outcome = outcome;
  span.end += Seconds(delay);
  observers_.span(span);
}

std::vector<Request*> ModelUpdates::unfinished() {
  std::vector<Request*> found;
  for (Message& message : messages_) {
    if (message.is_live && (message.is_present || message.on_link)) {
      found.push_back(&message);
    }
  }
  return found;
}

/// REQUIRES: Network::stop() has counted what crossed of unfinished messages.
void ModelUpdates::close(std::vector<HopUsage>& hops) {
  for (const Message& message : messages_) {
    if (message.is_live && message.on_link) {
      carried_of(&message).part += message.crossed;
    }
  }
  for (std::size_t hop = 0; hop < hops.size(); ++hop) {
    const Carried& up = carried_[2 * hop];
    const Carried& down = carried_[2 * hop + 1];
    hops[hop].up_traffic.update_bytes = up.bytes;
    hops[hop].up_traffic.update_messages = up.messages;
    hops[hop].up_traffic.update_part = up.part;
    hops[hop].down_traffic.update_part = down.part;
    hops[hop].down_traffic.update_bytes = down.bytes;
    hops[hop].down_traffic.update_messages = down.messages;
  }
}

}  // namespace offcut::engine
