// The links of teams serve messages in the order in which they were sent, so the time at which a
// message has left is known when it is sent. Each message has an event for that time, and one for
// its arrival if there is a latency.

#include "sim/engine/teams/team_links.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/engine/core/laws.h"
#include "sim/engine/core/verdict.h"

namespace offcut::engine {

TeamLinks::TeamLinks(const Simulation& simulation, EventQueue& events, Listener& listener)
    : teams_(*simulation.teams),
      name_(fmt::format("{0}-{0}", simulation.tiers[0].name)),
      events_(events),
      listener_(listener) {
  up_.lines.resize(simulation.tiers[0].servers);
  down_.lines.resize(simulation.tiers[0].servers);
}

void TeamLinks::send(std::size_t machine, bool up, Bytes bytes, void* subject) {
  const double now = events_.now();
  const double time = (bytes / teams_.bandwidth).si();
  Direction& direction = up ? up_ : down_;
  Line& line = direction.lines[machine];
  const double begins = std::max(now, line.free);
  line.backlog = begins - now;
  line.free = begins + time;
  line.offered += bytes.si();
  ++line.messages;
  direction.integrate(now);
  ++direction.present;
  direction.most = std::max(direction.most, ++line.present);
  direction.last = now;
  Message* message = messages_.take();
  *message = {.subject = subject,
              .machine = machine,
              .up = up,
              .bytes = bytes,
              .since = now,
              .begins = begins,
              .under_way = true};
  events_.schedule(line.free, *this, kSent, 0, message);
}

void TeamLinks::handle(std::uint32_t kind, std::uint32_t /*number*/, void* subject) {
  auto* message = static_cast<Message*>(subject);
  if (kind == kSent) {
    sent(message);
    report(*message, events_.now());
    if (teams_.latency > Seconds(0)) {
      events_.schedule(events_.now() + teams_.latency.si(), *this, kThere, 0, message);
      return;
    }
  }
  void* const delivered = message->subject;
  messages_.give_back(message);
  listener_.team_delivered(delivered);
}

void TeamLinks::sent(Message* message) {
  const double now = events_.now();
  Direction& direction = message->up ? up_ : down_;
  direction.integrate(now);
  --direction.present;
  --direction.lines[message->machine].present;
  direction.carried += message->bytes;
  ++direction.messages;
  direction.sojourns += now - message->since;
  direction.waited += message->begins - message->since;
  message->under_way = false;
}

void TeamLinks::report(const Message& message, double left) const {
  listener_.team_carried(message.subject, {.machine = message.machine,
                                           .up = message.up,
                                           .bytes = message.bytes,
                                           .begin = Seconds(message.begins),
                                           .left = Seconds(left),
                                           .is_done = !message.under_way});
}

LinkLoad TeamLinks::load_of(const Direction& direction, double end) const {
  LinkLoad load{.most = direction.most};
  JudgedLoad all;
  const double rate = teams_.bandwidth.si();
  for (const Line& line : direction.lines) {
    const double capacity = rate * direction.last;
    const JudgedLoad own{.requests = line.messages,
                         .backlog = line.backlog,
                         .offered = line.offered,
                         .capacity = capacity};
    load.saturated += is_overloaded_alone(own, end) ? 1 : 0;
    load.worst = std::max(load.worst, capacity > 0 ? line.offered / capacity : 0);
    all.requests += line.messages;
    all.offered += line.offered;
    all.capacity += capacity;
    all.backlog += std::max(0.0, line.free - direction.last);
  }
  all.backlog /= static_cast<double>(direction.lines.size());
  load.offered = Bytes(all.offered);
  load.capacity = Bytes(all.capacity);
  load.verdict = load.saturated > 0 ? Verdict::overloaded : judge(all, end);
  return load;
}

HopUsage TeamLinks::close(double end) {
  HopUsage usage{.name = name_, .links = up_.lines.size()};
  usage.hop = {.up = teams_.bandwidth, .down = teams_.bandwidth, .latency = teams_.latency};
  usage.up = up_.carried;
  usage.down = down_.carried;
  usage.up_messages = up_.messages;
  usage.down_messages = down_.messages;
  usage.up_is_ours = usage.down_is_ours = usage.up_one_at_a_time = true;
  for (const Message& message : messages_.all()) {
    if (message.under_way) {
      (message.up ? up_ : down_).sojourns += end - message.since;
      if (message.begins < end) {
        report(message, end);
      }
    }
  }
  for (Direction* direction : {&up_, &down_}) {
    direction->integrate(end);
    check_law(name_ + (direction == &up_ ? " up" : " down"), "Little's law",
              direction->message_time, direction->sojourns, end);
    Traffic& traffic = direction == &up_ ? usage.up_traffic : usage.down_traffic;
    traffic.waited = Seconds(direction->waited);
    traffic.mean_messages = end > 0 ? direction->message_time / end : 0;
    traffic.left = direction->present;
  }
  usage.up_load = load_of(up_, end);
  usage.down_load = load_of(down_, end);
  return usage;
}

}  // namespace offcut::engine
