"""The history of a run: who was where from when to when. Tables are sums over it. It comes from requests.csv for a run in which
every request is answered without a loss, or from the naive simulation."""
import collections
import dataclasses
import math


@dataclasses.dataclass
class Visit:
    """A request on a tier: in a queue from `joined`, on a core from `began`, computed once the model is loaded, gone at `left`."""
    request: int
    tier: int
    queue: int
    machine: int
    of_class: str
    joined: float
    began: float = math.inf
    left: float = math.inf
    work: float = 0  # The predicted time.
    is_fresh: bool = True  # Not repeated after a failure.
    is_done: bool = False
    counts: bool = False  # It was done before its request ended.
    is_lost: bool = False
    preparation: float = 0  # A cold start and loading the model, after `began`.


@dataclasses.dataclass
class Computation:
    """A core that is busy with a batch, or with one request."""
    tier: int
    queue: int
    machine: int
    of_class: str
    began: float
    ended: float = math.inf
    is_done: bool = False
    cold: float = 0  # The time of a cold start, after `began`.
    loading: float = 0  # The time of loading the model, after that.


@dataclasses.dataclass
class Attempt:
    """A message in the line of its device from `lined`, on its link from `started`, off it at `left`."""
    lined: float
    started: float = math.inf
    left: float = math.inf
    crossed: float = 0  # Bytes.
    is_lost: bool = False  # With its link.
    promotion: float = 0  # Of the radio, after `started`.


@dataclasses.dataclass
class Message:
    request: int
    hop: int
    up: bool
    device: int
    size: int
    ready: float
    attempts: list = dataclasses.field(default_factory=list)
    is_carried: bool = False


@dataclasses.dataclass
class History:
    duration: float
    visits: list = dataclasses.field(default_factory=list)
    computations: list = dataclasses.field(default_factory=list)
    messages: list = dataclasses.field(default_factory=list)
    awake: list = dataclasses.field(default_factory=list)  # (device, from, until): its radio waits for an answer.
    rejected: dict = dataclasses.field(default_factory=dict)  # By tier.
    events: list = dataclasses.field(default_factory=list)  # (time, event, place, number, class).
    decisions: list = dataclasses.field(default_factory=list)  # The rows of decisions.csv.
    requests: list = dataclasses.field(default_factory=list)  # Dictionaries with numbers in place of the texts of requests.csv.


def is_traceable(requests):
    """Returns whether the rows of requests.csv tell where each request was at each time."""
    return all(row["outcome"] == "completed" and float(row["lost_s"]) == 0 and row["fell_back"] == "0" for row in requests)


def history_of(system, paths, requests, duration):
    """Returns the history of a run whose requests are traceable. `paths` are those of the classes."""
    history = History(duration, requests=requests)
    for row in sorted(requests, key=lambda row: int(row["request"])):
        _follow(system, paths[row["class"]], row, history)
    _join_batches(system, history)
    if system.hops[0].radio:
        _promote(system.hops[0].radio, history)
    return history


def _promote(radio, history):
    """Finds the messages before which a radio slept: it has rested for longer than its tails take."""
    tails = sum(time for time, _ in radio["tails"])
    for message in history.messages:
        if message.hop == 0 and message.up:
            started = message.attempts[0].started
            before = [until for device, begin, until in history.awake if device == message.device and begin < started]
            if not before or max(before) + tails <= started:
                message.attempts[0].promotion = radio["promotion"][0]


def _follow(system, path, row, history):
    """Adds where the request was: tier by tier outwards, and hop by hop back."""
    now, device = float(row["arrival_s"]), int(row["device"])
    radio_from = None
    for number, tier in enumerate(system.tiers[:path.farthest + 1]):
        if path.used[number]:
            wait, compute = ((float(row["device_wait_s"]), float(row["device_compute_s"])) if number == 0 else
                             (float(row[f"{tier.name}.wait_s"]), float(row[f"{tier.name}.compute_s"])))
            machine = device if number == 0 else int(row[f"{tier.name}.server"])
            visit = Visit(int(row["request"]), number, tier.queue_of(machine), machine, row["class"], now, now + wait, now + wait + compute,
                          path.service[number], is_done=True, counts=True)
            history.visits.append(visit)
            now = visit.left
        if number < path.farthest:
            waited = float(row["upload_wait_s"]) if number == 0 else 0
            radio_from = now + waited if number == 0 else radio_from
            now = _cross(system.hops[number], number, True, path, row, now, waited, history)
    for number in reversed(range(path.answer)):
        now = _cross(system.hops[number], number, False, path, row, now, 0, history)
    if radio_from is not None:
        history.awake.append((device, radio_from, now))


def _cross(hop, number, up, path, row, now, waited, history):
    size = path.message_bytes(number, up, int(row["upload_bytes"]))
    taken = float(row[f"{hop.name}.{'up' if up else 'down'}_s"])
    started, left = now + waited, now + waited + taken - hop.latency
    attempt = Attempt(now, started, left, size)
    history.messages.append(Message(int(row["request"]), number, up, int(row["device"]), size, now, [attempt], True))
    return left + hop.latency


def _join_batches(system, history):
    """Visits of one class that begin and end together on a machine are a batch on one core. The best batch of a class says which
    work it offers; without batches and noise, all of its computations take equally long."""
    batches = collections.defaultdict(list)
    for visit in history.visits:
        size = system.tiers[visit.tier].batch
        key = (visit.tier, visit.machine, visit.of_class, round(visit.began, 9), round(visit.left, 9))
        batches[key if size > 1 else (*key, visit.request)].append(visit)
    shares = collections.defaultdict(lambda: math.inf)
    for (tier, _, of_class, *_), visits in batches.items():
        visit = visits[0]
        shares[tier, of_class] = min(shares[tier, of_class], (visit.left - visit.began) / len(visits))
        history.computations.append(Computation(tier, visit.queue, visit.machine, of_class, visit.began, visit.left, True))
    for visit in history.visits:
        if not system.tiers[visit.tier].has_noise:
            visit.work = shares[visit.tier, visit.of_class]
