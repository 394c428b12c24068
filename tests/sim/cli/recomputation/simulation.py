"""A naive simulation with failures, for first-in first-out queues without batches and without noise. It knows no other offcut code
than the pages of docs, and is as slow as it is plain: every change of a link counts the bytes of all its messages."""
import dataclasses
import heapq
import itertools
import math

from recomputation.history import Attempt, Computation, History, Message, Visit
from recomputation.system import DEVICE, quantity
from recomputation.tables import failures


@dataclasses.dataclass(eq=False)
class Request:
    number: int
    device: int
    of_class: str
    arrival: float
    path: object
    own_bytes: int | None = None
    outcome: str = "in flight"
    completion: float = math.inf
    parts: dict = dataclasses.field(default_factory=dict)
    lost: float = 0
    failures: int = 0
    fell_back: bool = False
    tries: int = 0  # Repetitions of the present step.
    is_offered: bool = False
    since: float = 0
    moved: tuple = ()  # The tier whose other site computes it, and that site.
    failover: str = ""
    visit: Visit | None = None
    message: Message | None = None
    next_step: object = None  # What it does again after a failure.
    radio_from: float | None = None
    upload_bytes: int = 0
    download_bytes: int = 0

    def add(self, part, time):
        self.parts[part] = self.parts.get(part, 0.0) + time

    @property
    def has_ended(self):
        return self.outcome != "in flight"


class Queue:
    """A queue of a tier: its machines, those of them that are up, and the requests that wait."""

    def __init__(self, machines, cores, model):
        self.first_model = model
        self.model = dict.fromkeys(machines, model)  # In memory, if there is room for one.
        self.used = dict.fromkeys(machines, -math.inf)  # When it was last busy.
        self.up = {machine: True for machine in machines}
        self.free = [machine for machine in machines for _ in range(cores)]
        self.waiting = []
        self.computing = []  # (request, computation)


class Link:
    """A link in one direction. All messages on it get equal parts of its rate."""

    def __init__(self, rate):
        self.rate, self.flows, self.since, self.version = rate, {}, 0.0, 0

    def settle(self, now):
        for request in self.flows:
            self.flows[request] -= self.rate / len(self.flows) * (now - self.since)
        self.since = now


class Simulation:
    """`paths` are those of the classes, `alone` the times of the whole models on a device, by class, and `arrivals` the requests
    as (time, device, class, bytes), in order."""

    def __init__(self, system, paths, alone, arrivals):
        self.system, self.paths, self.alone = system, paths, alone
        self.now, self.events, self.numbers = 0.0, [], itertools.count()
        self.history = History(0)
        self.requests, self.expected = [], len(arrivals)
        self.queues = []
        for number, tier in enumerate(system.tiers):
            of_queue = tier.machines // tier.queues
            first = next(iter(system.classes.values())).model
            self.queues.append([Queue(range(i * of_queue, (i + 1) * of_queue), tier.cores, first) for i in range(tier.queues)])
        self.turns = {}  # Of round-robin dispatch, by tier and site.
        # Where devices share uplinks, these must be slower than their own links, which then make no difference.
        self.links = {(hop, up, link): Link(min(made.rate[up], made.uplink_rate.get(up, math.inf)))
                      for hop, made in enumerate(system.hops) for up in (True, False) for link in range(made.uplinks or made.links)}
        self.link_up = {(hop, link): True for hop, made in enumerate(system.hops) for link in range(made.links)}
        self.lines = [[] for _ in range(system.devices)]
        self.sending = [None] * system.devices
        self.parked = {}
        self.radios = [{"on_air": 0, "waiting": 0, "promoting": False, "rests_since": -math.inf} for _ in range(system.devices)]
        self.stop_at = quantity(system.sections["stop"].get("after"), math.inf)
        for time, *of_request in arrivals:
            self.at(time, self.arrives, *of_request)
        for name, outages in system.outages.items():
            for which, begin, end in outages:
                self.at(begin, self.goes_down, name, which)
                if end < math.inf:
                    self.at(end, self.comes_up, name, which)

    def at(self, time, function, *arguments):
        heapq.heappush(self.events, (time, next(self.numbers), function, arguments))

    def run(self):
        while self.events and self.events[0][0] <= self.stop_at:
            self.now, _, function, arguments = heapq.heappop(self.events)
            function(*arguments)
            if self.stop_at == math.inf and len(self.requests) == self.expected and all(one.has_ended for one in self.requests):
                break
        history = self.history
        history.duration = self.now if self.stop_at == math.inf else self.stop_at
        for link in self.links.values():
            link.settle(history.duration)
            for request, left in link.flows.items():
                self.attempt_of(request).crossed = request.message.size - left
        for request in self.requests:
            if request.radio_from is not None:
                history.awake.append((request.device, request.radio_from, math.inf))
        history.requests = [self.row(request) for request in self.requests]
        history.events = sorted([*failures(self.system, history.duration), *history.events], key=lambda event: event[0])
        return history

    # --- requests

    def arrives(self, device, of_class, own_bytes):
        request = Request(len(self.requests), device, of_class, self.now, self.paths[of_class], own_bytes)
        self.requests.append(request)
        after = self.system.classes[of_class].timeout
        if after < math.inf:
            self.at(self.now + after, self.time_is_out, request)
        self.enter_tier(request, DEVICE)

    def enter_tier(self, request, tier):
        request.tries, request.is_offered = 0, request.is_offered and request.moved[:1] == (tier,)
        self.submit(request, tier) if request.path.used[tier] else self.leave_tier(request, tier)

    def leave_tier(self, request, tier):
        if tier < request.path.farthest:
            self.send(request, tier, True)
        else:
            self.send_back(request, request.path.answer)

    def send_back(self, request, tier):
        if tier > 0:
            self.send(request, tier - 1, False)
        else:
            self.end(request, "completed")

    def end(self, request, outcome):
        request.outcome, request.completion = outcome, self.now
        if outcome == "dropped: timed out":
            self.withdraw(request)
        self.release_radio(request)

    def time_is_out(self, request):
        if not request.has_ended:
            self.end(request, "dropped: timed out")

    def withdraw(self, request):
        """Takes a request that gave up out of its queue, line or link."""
        for waiting in self.parked.values():
            if request in waiting:
                waiting.remove(request)
        for queues in self.queues:
            for queue in queues:
                if request in queue.waiting:
                    queue.waiting.remove(request)
                    request.visit.left = self.now
        message = request.message
        if message is None or message.attempts[-1].left < math.inf:
            return
        attempt = message.attempts[-1]
        line = self.lines[request.device]
        attempt.left = self.now
        if request in line:
            line.remove(request)
        elif request in self.link_of(message).flows:
            self.take_off(request)
            self.free_sender(request)

    # --- tiers

    def submit(self, request, number):
        tier = self.system.tiers[number]
        request.since, request.next_step = self.now, lambda: self.submit(request, number)
        site = self.site_of(number, request)
        queue = self.choose_queue(number, site)
        if queue is None:
            self.recover(request, (tier.name, site))
            return
        own = self.queues[number][queue]
        is_admitted = request.fell_back or bool(not own.waiting and own.free) or len(own.waiting) < tier.capacity
        if tier.dispatch or tier.admits:
            self.decide(request, number, site, queue, is_admitted)
        if not is_admitted:
            self.history.rejected[number] = self.history.rejected.get(number, 0) + 1
            if self.system.classes[request.of_class].when_rejected == "local":
                self.fall_back(request)
            else:
                self.end(request, f"dropped: {tier.name} rejects")
            return
        request.visit = Visit(request.number, number, queue, -1, request.of_class, self.now, work=request.path.service[number],
                              is_fresh=not request.is_offered)
        request.is_offered = True
        self.history.visits.append(request.visit)
        own.waiting.append(request)
        self.serve(number, queue)

    def decide(self, request, number, site, queue, is_admitted):
        """Notes a dispatch or an admission."""
        tier = self.system.tiers[number]
        of_site = tier.queues // tier.sites
        states = []
        for other in range(site * of_site, (site + 1) * of_site):
            own = self.queues[number][other]
            states.append(f"{other}:{len(own.waiting)}/{len(own.computing)}" if any(own.up.values()) else f"{other}:down")
        self.history.decisions.append({
            "time_s": self.now, "request": request.number, "class": request.of_class, "tier": tier.name, "server": queue,
            "admitted": int(is_admitted), "alternatives": " ".join(states)})

    def choose_queue(self, number, site):
        tier = self.system.tiers[number]
        of_site = tier.queues // tier.sites
        queues = range(site * of_site, (site + 1) * of_site)
        is_up = lambda queue: any(self.queues[number][queue].up.values())
        if not any(map(is_up, queues)):
            return None
        turn = self.turns.get((number, site), 0)
        while not is_up(queues[turn % of_site]):
            turn += 1
        self.turns[number, site] = turn % of_site + 1
        return queues[turn % of_site]

    def serve(self, number, queue):
        own = self.queues[number][queue]
        while own.waiting and own.free:
            request, machine = own.waiting.pop(0), own.free.pop()
            request.visit.began, request.visit.machine = self.now, machine
            computation = Computation(number, queue, machine, request.of_class, self.now)
            self.prepare(own, machine, request, computation)
            request.visit.preparation = computation.cold + computation.loading
            self.history.computations.append(computation)
            own.computing.append((request, computation))
            self.at(self.now + request.visit.preparation + request.path.service[number], self.served, request, computation)

    def prepare(self, own, machine, request, computation):
        """Starts a cold machine, and loads the model of the request. Only for machines with one core and room for one model."""
        tier, of_class = self.system.tiers[computation.tier], self.system.classes[request.of_class]
        report = lambda event, name: self.history.events.append((self.now, event, tier.name, machine, name))
        cold = tier.cold_start
        keeps_warm = cold is None or machine % (tier.machines // tier.sites) < cold.get("keep", 0)
        if not keeps_warm and self.now - own.used[machine] > quantity(cold["idle-after"]):
            computation.cold = quantity(cold["time"])
            own.model[machine] = own.first_model
            report("cold start", "")
        if tier.memory < math.inf and own.model[machine] != of_class.model:
            first_class = lambda model: next(name for name, made in self.system.classes.items() if made.model == model)
            report("model evicted", first_class(own.model[machine]))
            report("model loading", first_class(of_class.model))
            own.model[machine] = of_class.model
            computation.loading = request.path.parameters[computation.tier] / tier.load_rate

    def served(self, request, computation):
        own = self.queues[computation.tier][computation.queue]
        if (request, computation) not in own.computing:
            return  # It was lost.
        own.computing.remove((request, computation))
        own.free.append(computation.machine)
        own.used[computation.machine] = self.now
        visit = request.visit
        computation.ended = visit.left = self.now
        computation.is_done = visit.is_done = True
        self.serve(computation.tier, computation.queue)
        if request.has_ended:
            return  # It gave up meanwhile.
        visit.counts = True
        computes = visit.began + visit.preparation
        request.add((computation.tier, "wait"), computes - visit.joined)
        request.add((computation.tier, "compute"), visit.left - computes)
        request.parts[computation.tier, "server"] = computation.machine
        self.leave_tier(request, computation.tier)

    # --- hops

    def send(self, request, hop, up):
        size = request.path.message_bytes(hop, up, request.own_bytes)
        request.tries = 0
        request.message = Message(request.number, hop, up, request.device, size, self.now)
        self.history.messages.append(request.message)
        if hop == 0:
            setattr(request, "upload_bytes" if up else "download_bytes", size)
        self.line_up(request)

    def leaves_device(self, message):
        return message.hop == 0 and message.up

    def link_of(self, message):
        hop = self.system.hops[message.hop]
        link = message.device // hop.devices_per_uplink if hop.uplinks else hop.link_of(message.device)
        return self.links[message.hop, message.up, link]

    def attempt_of(self, request):
        return request.message.attempts[-1]

    def line_up(self, request):
        request.since, request.next_step = self.now, lambda: self.line_up(request)
        request.message.attempts.append(Attempt(self.now))
        if not self.leaves_device(request.message):
            self.start_sending(request)
            return
        self.lines[request.device].append(request)
        if self.sending[request.device] is None:
            self.send_next(request.device)

    def send_next(self, device):
        self.sending[device] = self
        while self.lines[device]:
            request = self.lines[device].pop(0)
            request.add("upload_wait", self.now - request.since)
            request.since = self.now
            if self.start_sending(request):
                self.sending[device] = request
                return
        self.sending[device] = None

    def free_sender(self, request):
        if self.sending[request.device] is request:
            self.send_next(request.device)

    def start_sending(self, request):
        """Returns whether the link is up."""
        message, attempt = request.message, self.attempt_of(request)
        hop = self.system.hops[message.hop]
        attempt.started = self.now
        if not self.link_up[message.hop, hop.link_of(message.device)]:
            attempt.left = self.now
            self.recover(request, (hop.name, hop.link_of(message.device)))
            return False
        attempt.promotion = self.promotion(request)
        if attempt.promotion:
            self.at(self.now + attempt.promotion, self.promoted, request, attempt)
        else:
            self.begin_transfer(request)
        return True

    def promoted(self, request, attempt):
        self.radios[request.device]["promoting"] = False
        hop = self.system.hops[0]
        if request.has_ended:
            self.sending[request.device] = None
            self.send_next(request.device)
        elif not self.link_up[0, hop.link_of(request.device)]:
            attempt.left, attempt.started = self.now, self.now
            self.recover(request, (hop.name, hop.link_of(request.device)))
            self.send_next(request.device)
        else:
            self.begin_transfer(request)

    def begin_transfer(self, request):
        link = self.link_of(request.message)
        if request.message.hop == 0:
            self.radios[request.device]["on_air"] += 1
        link.settle(self.now)
        link.flows[request] = request.message.size
        self.schedule_transfer(link)

    def schedule_transfer(self, link):
        link.version += 1
        if link.flows:
            first = min(link.flows, key=lambda request: (link.flows[request], request.number))
            self.at(self.now + link.flows[first] * len(link.flows) / link.rate, self.transferred, link, link.version, first)

    def take_off(self, request):
        link = self.link_of(request.message)
        link.settle(self.now)
        left = link.flows.pop(request)
        attempt = self.attempt_of(request)
        attempt.left, attempt.crossed = self.now, request.message.size - left
        self.schedule_transfer(link)
        if request.message.hop == 0:
            self.radios[request.device]["on_air"] -= 1
            self.look_whether_rests(request.device)

    def transferred(self, link, version, request):
        if link.version != version:
            return
        self.take_off(request)
        message = request.message
        self.attempt_of(request).crossed = message.size
        message.is_carried = True
        self.at(self.now + self.system.hops[message.hop].latency, self.delivered, request)
        if self.leaves_device(message):
            self.free_sender(request)

    def delivered(self, request):
        if request.has_ended:
            return
        message = request.message
        request.add((message.hop, message.up), self.now - request.since)
        if message.up:
            self.enter_tier(request, message.hop + 1)
        else:
            self.send_back(request, message.hop)

    # --- radios

    def promotion(self, request):
        """Wakes the device's radio if it sleeps. Returns how long that takes."""
        made = self.system.hops[0].radio
        if made is None or not self.leaves_device(request.message):
            return 0
        radio = self.radios[request.device]
        rests = not (radio["on_air"] or radio["waiting"] or radio["promoting"])
        sleeps = rests and self.now - radio["rests_since"] >= sum(time for time, _ in made["tails"])
        if request.radio_from is None:
            request.radio_from = self.now
            radio["waiting"] += 1
        radio["promoting"] = sleeps and made["promotion"][0] > 0
        return made["promotion"][0] if sleeps else 0

    def release_radio(self, request):
        if request.radio_from is not None:
            self.history.awake.append((request.device, request.radio_from, self.now))
            self.radios[request.device]["waiting"] -= 1
            request.radio_from = None
            self.look_whether_rests(request.device)

    def look_whether_rests(self, device):
        radio = self.radios[device]
        if not (radio["on_air"] or radio["waiting"] or radio["promoting"]):
            radio["rests_since"] = self.now

    # --- failures

    def goes_down(self, name, which):
        names = [hop.name for hop in self.system.hops]
        if name in names:
            hop = names.index(name)
            self.link_up[hop, which] = False
            lost = [request for (of_hop, _, _), link in self.links.items() if of_hop == hop for request in link.flows
                    if self.system.hops[hop].link_of(request.device) == which]
            for request in sorted(lost, key=lambda request: request.number):
                self.take_off(request)
                self.attempt_of(request).is_lost = True
                request.failures += 1
                self.recover(request, (name, which))
                if self.leaves_device(request.message):
                    self.free_sender(request)
            return
        number = self.system.tier_number(name)
        own = self.queues[number][self.system.tiers[number].queue_of(which)]
        own.up[which] = False
        own.model[which], own.used[which] = own.first_model, -math.inf
        own.free = [machine for machine in own.free if machine != which]
        lost = [request for request, computation in own.computing if computation.machine == which]
        for request, computation in list(own.computing):
            if computation.machine == which:
                computation.ended = self.now
                own.computing.remove((request, computation))
        if not any(own.up.values()):
            lost += own.waiting
            own.waiting = []
        for request in sorted(lost, key=lambda request: request.number):
            request.visit.left, request.visit.is_lost = self.now, True
            if request.has_ended:
                continue
            request.failures += 1
            self.recover(request, (name, self.site_of(number, request)))

    def site_of(self, number, request):
        if request.moved[:1] == (number,):
            return request.moved[1]
        return request.device if number == DEVICE else self.system.tiers[number].site_of(request.device)

    def comes_up(self, name, which):
        names = [hop.name for hop in self.system.hops]
        if name in names:
            self.link_up[names.index(name), which] = True
            self.go_on((name, which))
            return
        number = self.system.tier_number(name)
        tier = self.system.tiers[number]
        own = self.queues[number][tier.queue_of(which)]
        own.up[which] = True
        own.free += [which] * tier.cores
        self.serve(number, tier.queue_of(which))
        self.go_on((name, which // (tier.machines // tier.sites)))

    def go_on(self, obstacle):
        for request in self.parked.pop(obstacle, []):
            self.try_again(request)

    def recover(self, request, obstacle):
        policy = self.system.classes[request.of_class].on_failure
        request.lost += self.now - request.since
        request.since = self.now
        if request.tries < policy["retries"]:
            pause = quantity(policy["backoff"]) * policy["factor"] ** request.tries
            request.tries += 1
            self.at(self.now + pause, self.try_again, request)
        elif policy["then"] == "wait" or request.fell_back:
            self.wait(request, obstacle)
        elif policy["then"] == "other-site":
            self.go_to_other_site(request, obstacle)
        elif policy["then"] == "local":
            self.fall_back(request)
        else:
            self.end(request, f"dropped: {obstacle[0]} failed")

    def wait(self, request, obstacle):
        if self.is_up(obstacle):
            self.try_again(request)
        else:
            self.parked.setdefault(obstacle, []).append(request)

    def go_to_other_site(self, request, obstacle):
        """Sends the request again, to the next site that has a machine, if no machine of its own is up."""
        tiers = [tier.name for tier in self.system.tiers]
        number = tiers.index(obstacle[0]) if obstacle[0] in tiers[1:] else DEVICE
        sites = self.system.tiers[number].sites
        others = [(obstacle[1] + i) % sites for i in range(1, sites)] if number != DEVICE else []
        site = next((other for other in others if self.is_up((obstacle[0], other))), None)
        if site is None or self.is_up(obstacle):
            self.wait(request, obstacle)
            return
        request.failover, request.moved = "other-site", (number, site)
        self.send(request, number - 1, True)

    def is_up(self, obstacle):
        name, which = obstacle
        names = [hop.name for hop in self.system.hops]
        if name in names:
            return self.link_up[names.index(name), which]
        number = self.system.tier_number(name)
        of_site = self.system.tiers[number].queues // self.system.tiers[number].sites
        return any(any(queue.up.values()) for queue in self.queues[number][which * of_site:(which + 1) * of_site])

    def try_again(self, request):
        if request.has_ended:
            return
        request.lost += self.now - request.since
        request.next_step()

    def fall_back(self, request):
        count = len(self.system.tiers)
        time = self.alone[request.of_class]
        request.path = dataclasses.replace(request.path, used=[True] + [False] * (count - 1), service=[time] + [0.0] * (count - 1),
                                           farthest=0, answer=0)
        request.fell_back = True
        self.release_radio(request)
        self.enter_tier(request, DEVICE)

    # --- results

    def row(self, request):
        """Returns the request as a row of requests.csv. Times are empty without an answer."""
        done = request.outcome == "completed"
        part = lambda key: request.parts.get(key, 0.0) if done else ""
        total = lambda keys: math.fsum(request.parts.get(key, 0.0) for key in keys) if done else ""
        later, hops = range(1, len(self.system.tiers)), range(len(self.system.hops))
        sent = done and not request.fell_back
        row = {"request": request.number, "device": request.device, "outcome": request.outcome, "arrival_s": request.arrival,
               "completion_s": request.completion if request.has_ended else "",
               "latency_s": request.completion - request.arrival if done else "", "device_wait_s": part((0, "wait")),
               "device_compute_s": part((0, "compute")), "upload_wait_s": part("upload_wait"),
               "upload_s": total((hop, True) for hop in hops), "server_wait_s": total((tier, "wait") for tier in later),
               "server_compute_s": total((tier, "compute") for tier in later), "download_s": total((hop, False) for hop in hops),
               "upload_bytes": request.upload_bytes if sent else "", "download_bytes": request.download_bytes if sent else "",
               "input": "", "label": "", "predicted": "", "class": request.of_class, "lost_s": request.lost,
               "failures": request.failures, "fell_back": str(int(request.fell_back)), "failover": request.failover}
        for tier in later:
            name = self.system.tiers[tier].name
            row |= {f"{name}.wait_s": part((tier, "wait")), f"{name}.compute_s": part((tier, "compute")),
                    f"{name}.server": request.parts.get((tier, "server"), "")}
        for hop in hops:
            name = self.system.hops[hop].name
            row |= {f"{name}.up_s": part((hop, True)), f"{name}.down_s": part((hop, False))}
        return row
