// The fork and join of a request's work. A step of computing is a request of the pool that belongs
// to a strand, with an itinerary of its own, in which it is the tail of its machine: tails are
// neither rejected nor batched. Each step's itinerary is made once per class.

#include "sim/engine/teams/team_work.h"

namespace offcut::engine {

using partition::TeamPhase;
using partition::TeamStep;

TeamWork::TeamWork(const Simulation& simulation, Itineraries& itineraries, Computing& computing,
                   EventQueue& events, RequestPool& requests, const Observers& observers,
                   Listener& listener)
    : simulation_(simulation),
      itineraries_(itineraries),
      computing_(computing),
      events_(events),
      requests_(requests),
      observers_(observers),
      listener_(listener),
      links_(simulation, events, *this) {}

void TeamWork::start(Request* request) {
  TeamRequest* work = works_.take();
  *work = {.request = request};
  begin_phase(work);
}

void TeamWork::begin_phase(TeamRequest* work) {
  const std::vector<TeamPhase>& phases = work->request->route->itinerary->team;
  while (work->phase < phases.size() && phases[work->phase].empty()) {
    ++work->phase;
  }
  if (work->phase == phases.size()) {
    Request* request = work->request;
    works_.give_back(work);
    listener_.team_is_done(request);
    return;
  }
  const TeamPhase& phase = phases[work->phase];
  work->strands_left = phase.size();
  for (const partition::TeamStrand& strand : phase) {
    TeamRun* run = runs_.take();
    *run = {.work = work, .strand = &strand};
    go_on(run);
  }
}

void TeamWork::go_on(TeamRun* run) {
  if (run->next_step == run->strand->size()) {
    end(run);
    return;
  }
  const TeamStep& step = (*run->strand)[run->next_step++];
  if (step.kind == TeamStep::Kind::compute) {
    compute(run, step);
    return;
  }
  run->since = events_.now();
  links_.send(simulation_.teams->machine_of(run->work->request->record.device, step.machine,
                                            simulation_.sending_devices()),
              step.kind == TeamStep::Kind::send, step.bytes, run);
}

void TeamWork::team_carried(const void* subject, const TeamLinks::Carried& carried) {
  if (!observers_.span) {
    return;
  }
  const auto* run = static_cast<const TeamRun*>(subject);
  const RequestRecord& record = run->work->request->record;
  const Seconds latency = carried.is_done ? simulation_.teams->latency : Seconds(0);
  observers_.span({.kind = Span::Kind::team_message,
                   .outcome = carried.is_done ? Span::Outcome::done : Span::Outcome::unfinished,
                   .up = carried.up,
                   .number = record.request,
                   .request_class = record.request_class,
                   .device = record.device,
                   .which = carried.machine,
                   .bytes = carried.bytes,
                   .begin = carried.begin,
                   .work = carried.begin,
                   .left = carried.left,
                   .end = carried.left + latency,
                   .wait = carried.begin - Seconds(run->since)});
}

void TeamWork::team_delivered(void* subject) {
  auto* run = static_cast<TeamRun*>(subject);
  run->messages += Seconds(events_.now() - run->since);
  go_on(run);
}

void TeamWork::compute(TeamRun* run, const TeamStep& step) {
  const Request* request = run->work->request;
  const RequestRecord& record = request->record;
  Request* part = requests_.take();
  part->record = {.request = record.request,
                  .device = simulation_.teams->machine_of(record.device, step.machine,
                                                          simulation_.sending_devices()),
                  .request_class = record.request_class,
                  .arrival = record.arrival};
  part->route = route_of(request, step);
  part->stage = 0;
  part->tail = true;
  part->offered = false;
  part->team_run = run;
  computing_.submit(part);
}

void TeamWork::computed(Request* step) {
  TeamRun* run = step->team_run;
  run->wait += step->record.device_wait;
  run->compute += step->record.device_compute;
  step->team_run = nullptr;
  requests_.release(step);
  go_on(run);
}

void TeamWork::end(TeamRun* run) {
  TeamRequest* work = run->work;
  if (--work->strands_left > 0) {
    runs_.give_back(run);
    return;
  }
  RequestRecord& record = work->request->record;
  record.device_wait += run->wait;
  record.device_compute += run->compute;
  record.team += run->messages;
  if (work->request->parts != nullptr) {
    TierPart& part = work->request->parts->tiers[0];
    part.wait += run->wait;
    part.compute += run->compute;
  }
  runs_.give_back(run);
  ++work->phase;
  begin_phase(work);
}

const Route* TeamWork::route_of(const Request* request, const TeamStep& step) {
  const std::size_t request_class = request->record.request_class;
  const Route*& known = routes_[{request_class, &step}];
  if (known == nullptr) {
    Itinerary& part = parts_.emplace_back();
    part.stages.resize(simulation_.tiers.size());
    part.crossings.resize(simulation_.hops.size());
    part.stages.front().tail = step.time;
    part.stages.front().model = request->route->stage(0).model;
    known = itineraries_.route_of_part(request_class, part);
  }
  return known;
}

}  // namespace offcut::engine
