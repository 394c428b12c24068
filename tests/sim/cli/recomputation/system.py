"""The system of a scenario as plain numbers: machines, links, classes, and the path of each class under a plan."""
import csv
import dataclasses
import math
import pathlib
import re

UNITS = {"s": 1, "ms": 1e-3, "B": 1, "kB": 1e3, "MB": 1e6, "B/s": 1, "kB/s": 1e3, "MB/s": 1e6, "kbit/s": 125, "Mbit/s": 125e3,
         "W": 1, "mW": 1e-3, "/s": 1, "J": 1, "kJ": 1e3}
DEVICE = 0  # The number of the devices' tier.


def quantity(value, default=0.0):
    """Returns a value of a scenario in SI units, with bytes for data."""
    if value is None:
        return default
    if isinstance(value, (int, float)):
        return float(value)
    number, unit = re.fullmatch(r"([0-9.e+-]+) ?(.*)", value).groups()
    return float(number) * UNITS[unit]


def rows(file):
    file = pathlib.Path(file)
    if not file.exists():
        return []
    with open(file, encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


@dataclasses.dataclass
class Tier:
    name: str
    machines: int
    cores: int
    sites: int
    dispatch: bool
    price: float
    idle: float | None
    busy: float | None
    pue: float
    capacity: float  # Of the admission policy `bounded-queue`.
    admits: bool  # It has an admission policy.
    batch: int  # The largest batch.
    has_noise: bool
    memory: float  # For models. Infinite: all are in memory.
    load_rate: float
    cold_start: dict | None
    devices_per_site: int

    @property
    def queues(self):
        return self.machines if self.dispatch else self.sites

    def site_of(self, device):
        return device // self.devices_per_site

    def queue_of(self, machine):
        return machine if self.dispatch else machine // (self.machines // self.sites)


@dataclasses.dataclass
class Hop:
    name: str
    rate: dict  # By direction.
    latency: float
    links: int
    devices_per_uplink: int  # 0 without uplinks.
    uplinks: int
    uplink_rate: dict
    price: float
    radio: dict | None

    def link_of(self, device):
        return device if self.links > 1 else 0

    def idle_time(self, up, size):
        """Returns how long a message by itself takes until its last bit has left."""
        return size / min(self.rate[up], self.uplink_rate.get(up, math.inf))


@dataclasses.dataclass
class Class:
    name: str
    model: str
    deadline: float
    on_failure: dict
    when_rejected: str
    timeout: float


@dataclasses.dataclass
class Path:
    """The way of a request under a plan: the time on each tier, and the bytes on each hop."""
    used: list
    service: list
    up: list
    down: list
    farthest: int  # The tier to which messages go.
    answer: int  # The tier from which the answer comes.
    parameters: list  # Bytes, by tier.

    def message_bytes(self, hop, up, own):
        """Returns the size of a message of a request that brings `own` bytes, if it does: tiers without layers relay them."""
        if not up:
            return self.down[hop]
        return self.up[hop] if own is None or any(self.used[1:hop + 1]) else own


def radio_of(settings):
    if settings is None:
        return None
    phases = settings.get("tail", [])
    phases = phases if isinstance(phases, list) else [phases]
    time_and_power = lambda phase: (quantity(phase.get("time")), quantity(phase.get("power")))
    per_byte = lambda key: quantity(settings[key]) * 8 / 1e6  # W per Mbit/s are J per Mbit.
    return {"per_byte": {True: per_byte("per-mbit-up"), False: per_byte("per-mbit-down")}, "base": quantity(settings["base"]),
            "promotion": time_and_power(settings.get("promotion", {})), "tails": [time_and_power(phase) for phase in phases]}


@dataclasses.dataclass
class Model:
    """The ends of a network."""
    outputs: dict  # The bytes of the layers that no layer reads.
    input_bytes: int
    readers: list  # The layers that read the input.


class System:
    """`sections` are those of the scenario, `models` the ends of its networks by name."""

    def __init__(self, sections, models):
        self.sections, self.models = sections, models
        devices = next(iter(sections["tiers"].values())).get("count", 1)
        self.tiers = [self._tier(name, made, devices) for name, made in sections["tiers"].items()]
        self.devices = devices
        self.hops = [self._hop(i, name, made) for i, (name, made) in enumerate(sections.get("network", {}).items())]
        workload = sections["workload"]
        only = next(iter(models))
        self.classes = {name: self._class(name, made, only) for name, made in workload.get("classes", {"all": workload}).items()}
        self.outages = {name: self._outages(made.get("outages", [])) for name, made in sections.get("failures", {}).items()}
        self.fails_at_random = any("up" in made for made in sections.get("failures", {}).values())

    def _tier(self, name, made, devices):
        policies = self.sections.get("scheduling", {}).get(name, {})
        is_first = name == next(iter(self.sections["tiers"]))
        sites = devices if is_first else made.get("sites", 1)
        power = made.get("power", {})
        batch = policies.get("batch", {})
        admission = policies.get("admission", {})
        return Tier(name, made.get("count", 1), made.get("cores", 1), sites, "dispatch" in policies, made.get("price", 0),
                    quantity(power.get("idle"), None), quantity(power.get("busy"), None), power.get("pue", 1),
                    admission.get("capacity", math.inf) if isinstance(admission, dict) else math.inf, bool(admission),
                    batch.get("max", batch.get("size", 1)), made.get("noise", {}).get("kind", "none") != "none",
                    quantity(made.get("model-memory"), math.inf), quantity(made.get("model-load"), 1e9), made.get("cold-start"),
                    1 if is_first else -(-devices // sites))

    def _hop(self, number, name, made):
        payload = made.get("payload", 1)
        rate = lambda settings: {up: quantity(settings[key]) * payload for up, key in ((True, "up"), (False, "down"))}
        site = made.get("site")
        return Hop(name, rate(made), quantity(made["latency"]), self.devices if number == 0 and not made.get("shared") else 1,
                   site["devices"] if site else 0, -(-self.devices // site["devices"]) if site else 0, rate(site) if site else {},
                   made.get("price", 0), radio_of(made.get("radio")))

    def _class(self, name, made, only):
        policy = {"retries": 0, "backoff": "0 s", "factor": 2, "then": "wait"} | made.get("on-failure", {})
        timeout = None if isinstance(made.get("timeout"), dict) else made.get("timeout")  # Of others the naive simulation knows nothing.
        return Class(name, made.get("model", only), quantity(made.get("deadline"), math.inf), policy,
                     made.get("when-rejected", "drop"), quantity(timeout, math.inf))

    @staticmethod
    def _outages(made):
        """Returns (number, from, until). Outages of one component must not touch."""
        number = lambda outage: outage.get("machine", outage.get("link"))
        return [(number(outage), quantity(outage["from"]), quantity(outage.get("until"), math.inf)) for outage in made]

    def tier_number(self, name):
        return [tier.name for tier in self.tiers].index(name)

    def path(self, plan, model):
        """Returns the path of a model's requests, from the rows of plan.csv of one run."""
        layers = [row for row in plan if row["model"] == model]
        assert layers, model
        count = len(self.tiers)
        path = Path([False] * count, [0.0] * count, [0] * (count - 1), [0] * (count - 1), 0, 0, [0] * count)
        model = self.models[model]
        if all(row["operator"] != "input" for row in layers):  # It crosses as it is.
            for hop in range(max(self.tier_number(row["tier"]) for row in layers if row["layer"] in model.readers)):
                path.up[hop] += model.input_bytes
        for row in layers:
            tier = self.tier_number(row["tier"])
            if row["operator"] != "input":
                path.used[tier] = True
                path.service[tier] += float(row["compute_s"])
                path.parameters[tier] += int(row["parameter_bytes"])
                path.farthest = max(path.farthest, tier)
            last = self.tier_number(row["crosses_to"]) if row["crosses_to"] else tier
            for hop in range(tier, last):
                path.up[hop] += int(row["crossing_bytes"])
            for hop in range(tier if row["layer"] in model.outputs else 0):
                path.down[hop] += model.outputs[row["layer"]]
                path.answer = max(path.answer, hop + 1)
        return path
