"""One function for each result file. Each returns, by the key of a row, the cells that it expects; None is an empty cell."""
import collections
import dataclasses
import itertools
import math

from recomputation.system import DEVICE, quantity

VERDICTS = ["stable", "backlogged", "overloaded"]
FEWEST_ARRIVALS, ENOUGH_ARRIVALS = 10, 100
BACKLOG_OF_DURATION = 0.05
DEVIATIONS = 4
LATENCY_PARTS = ["device_wait", "device_compute", "upload_wait", "upload", "server_wait", "server_compute", "download", "lost"]


# --- sums over time

def overlap(begin, end, start, stop):
    return max(0.0, min(end, stop) - max(begin, start))


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values) if values else None


def quantile(values, q):
    """Returns the quantile with linear interpolation between order statistics (type 7)."""
    values = sorted(values)
    if not values:
        return None
    place = q * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (place - low) * (values[high] - values[low])


def most_at_once(intervals):
    """Returns the largest number of intervals [from, until) that have a time in common."""
    changes = sorted(change for begin, end in intervals if end > begin for change in ((begin, 1), (end, -1)))  # Ends come first.
    return max(itertools.accumulate(change for _, change in changes), default=0)


def jain(values):
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1


def downtime(outages, number, until):
    """Returns for how long a component was down until a time."""
    return math.fsum(overlap(begin, end, 0, until) for which, begin, end in outages if which == number)


# --- verdicts

def verdict(arrivals, backlog, offered, capacity, duration):
    """`backlog` is the seconds that the resource needs for what waits when the last of its work comes."""
    if arrivals < FEWEST_ARRIVALS or backlog <= BACKLOG_OF_DURATION * duration:
        return "stable"
    if arrivals < ENOUGH_ARRIVALS:
        return "overloaded" if is_clear(arrivals, offered, capacity) else "stable"
    return "overloaded" if 0 < capacity < offered else "backlogged"


def is_clear(arrivals, offered, capacity):
    return 0 < capacity * (1 + DEVIATIONS / math.sqrt(arrivals)) < offered


def is_overloaded_alone(arrivals, backlog, offered, capacity, duration):
    return (verdict(arrivals, backlog, offered, capacity, duration) == "overloaded"
            and is_clear(arrivals, offered, capacity))


def decisive_load(all_, worst, saturated):
    return worst if saturated and all_ <= 1 else all_


# --- tiers.csv

def tiers(system, history):
    return {(tier.name,): tier_row(system, history, number) for number, tier in enumerate(system.tiers)}


def tier_row(system, history, number):
    tier, end = system.tiers[number], history.duration
    visits = [visit for visit in history.visits if visit.tier == number]
    computations = [one for one in history.computations if one.tier == number]
    served = [visit for visit in visits if visit.is_done]
    busy = busy_time(history, number)
    cores = tier.machines * tier.cores
    up_time = machine_up_time(system, number, end)
    batches = sum(one.is_done for one in computations)
    row = {"servers": cores, "requests_served": len(served), "busy_s": busy, "utilisation": busy / (cores * end),
           "wait_mean_s": mean(visit.began + visit.preparation - visit.joined for visit in served), "batches": batches,
           "batch_size_mean": len(served) / batches if batches else None,
           "rejected": history.rejected.get(number, 0), "lost": sum(visit.is_lost for visit in visits),
           "offered_s": math.fsum(visit.work for visit in visits if visit.is_fresh),
           "blocked_s": math.fsum(blocked(visit, computations) for visit in served),
           "most_waiting": max((most_at_once((visit.joined, min(visit.began, visit.left, end)) for visit in visits
                                             if visit.queue == queue) for queue in range(tier.queues)), default=0),
           "jobs_mean": math.fsum(overlap(visit.joined, visit.left, 0, end) for visit in visits) / end,
           "in_flight": sum(visit.left > end for visit in visits), "queues": tier.queues,
           "energy_j": None if tier.busy is None else
                       tier.pue * (tier.busy * busy / tier.cores + tier.idle * (up_time - busy / tier.cores)),
           "money": tier.price * tier.machines * end / 3600 if tier.price else None,
           "machines_mean": tier.machines, "machines_most": tier.machines, "machine_starts": 0,
           "machine_hours": tier.machines * end / 3600}
    row |= preparations(tier, history, computations)
    return row | tier_loads(system, number, visits, row["loading_s"] + row["cold_start_s"], end)


def preparations(tier, history, computations):
    """Returns the loads of models and the cold starts."""
    count = lambda event: sum(one[1:3] == (event, tier.name) for one in history.events)
    cold = [(one.began, one.began + one.cold, one) for one in computations]
    loading = [(one.began + one.cold, one.began + one.cold + one.loading, one) for one in computations]
    time = lambda parts: math.fsum(overlap(begin, until, 0, min(one.ended, history.duration)) for begin, until, one in parts)
    return {"loads": count("model loading"), "loading_s": time(loading), "cold_starts": count("cold start"), "cold_start_s": time(cold)}


def machine_up_time(system, number, end):
    tier = system.tiers[number]
    outages = system.outages.get(tier.name, [])
    return math.fsum(end - downtime(outages, machine, end) for machine in range(tier.machines))


def blocked(visit, computations):
    """Returns for how long, while the request waited, a core of its queue computed another class."""
    others = sorted((one.began, one.ended) for one in computations if one.queue == visit.queue and one.of_class != visit.of_class)
    total, seen = 0.0, visit.joined
    for began, ended in others:  # Their union.
        total += overlap(max(began, seen), ended, visit.joined, visit.began)
        seen = max(seen, ended)
    return total


def tier_loads(system, number, visits, prepared, end):
    """Returns the offered loads and the verdict. What cores spent on `prepared`, loading and cold starts, counts for the verdict."""
    tier = system.tiers[number]
    if not visits:
        return {"offered_load": 0, "offered_load_worst": 0, "queues_overloaded": 0, "verdict": "stable", "decisive_load": 0}
    last = max(visit.joined for visit in visits)
    capacity = tier.cores * machine_up_time(system, number, last)
    cores = tier.machines * tier.cores
    offered = math.fsum(visit.work for visit in visits if visit.is_fresh)
    loads = []
    overloaded = 0
    for queue in range(tier.queues):
        own = [visit for visit in visits if visit.queue == queue]
        if not own:
            continue
        work = math.fsum(visit.work for visit in own if visit.is_fresh)
        loads.append(work * tier.queues / capacity if capacity else 0)
        overloaded += is_overloaded_alone(len(own), waiting_work(own) * tier.queues / cores, work + prepared / tier.queues,
                                          capacity / tier.queues, end)
    judged = verdict(len(visits), waiting_work(visits) / cores, offered + prepared, capacity, end)
    load = offered / capacity if capacity else 0
    whole = (offered + prepared) / capacity if capacity else 0
    return {"offered_load": load, "offered_load_worst": max(loads), "queues_overloaded": overloaded,
            "verdict": "overloaded" if overloaded else judged, "decisive_load": decisive_load(whole, max(loads), overloaded)}


def waiting_work(visits):
    """Returns the work that waits when the last of the visits begins, without it."""
    last = max(visits, key=lambda visit: visit.joined)
    return math.fsum(visit.work for visit in visits
                     if visit is not last and visit.joined <= last.joined < min(visit.began, visit.left))


# --- links.csv

def links(system, history):
    return {(hop.name, "up" if up else "down"): link_row(system, history, number, up)
            for number, hop in enumerate(system.hops) for up in (True, False)}


def link_row(system, history, number, up):
    hop, end = system.hops[number], history.duration
    messages = [message for message in history.messages if (message.hop, message.up) == (number, up)]
    attempts = [attempt for message in messages for attempt in message.attempts]
    carried = [message for message in messages if message.is_carried]
    size = sum(message.size for message in carried)
    crossed = math.fsum(attempt.crossed for attempt in attempts)
    row = {"links": hop.links, "bandwidth_bytes_per_s": hop.rate[up], "latency_s": hop.latency, "messages": len(carried), "bytes": size,
           "utilisation": crossed / (hop.links * hop.rate[up] * end), "hop_lost": sum(attempt.is_lost for attempt in attempts),
           "offered_bytes": sum(message.size for message in messages),
           "wait_mean_s": mean(message_wait(hop, message) for message in carried),
           "most_messages": most_on_a_link(messages, hop.link_of, end),
           "messages_mean": math.fsum(overlap(attempt.lined, attempt.left, 0, end) for attempt in attempts) / end,
           "messages_left": sum(attempt.left > end for attempt in attempts),
           "served_by": "offcut" if system.sections.get("engine", {}).get("own-links", True) else "SimGrid",
           "service": "one at a time" if number == 0 and up and hop.links > 1 else "shared"}
    own = link_loads(system, number, messages, up, hop.link_of, hop.links, hop.rate[up], end)
    site = dict.fromkeys(["site_links", "site_bandwidth_bytes_per_s", "site_utilisation", "site_offered_load",
                          "site_offered_load_worst", "site_most_messages", "site_verdict", "site_links_overloaded"])
    if hop.uplinks:
        uplink_of = lambda device: device // hop.devices_per_uplink
        loads = link_loads(system, None, messages, up, uplink_of, hop.uplinks, hop.uplink_rate[up], end)
        acquit(own, loads)
        site = {"site_links": hop.uplinks, "site_bandwidth_bytes_per_s": hop.uplink_rate[up],
                "site_utilisation": crossed / (hop.uplinks * hop.uplink_rate[up] * end),
                "site_most_messages": most_on_a_link(messages, uplink_of, end)}
        site |= {f"site_{name}": value for name, value in loads.items()}
    return row | own | site


def message_wait(hop, message):
    """Returns its waits in the line of its device, and what its last transfer took beyond that on idle links."""
    lines = math.fsum(attempt.started - attempt.lined for attempt in message.attempts)
    last = message.attempts[-1]
    return lines + last.left - last.started - last.promotion - hop.idle_time(message.up, message.size)


def most_on_a_link(messages, link_of, end):
    by_link = collections.defaultdict(list)
    for message in messages:
        by_link[link_of(message.device)] += [(attempt.lined, min(attempt.left, end)) for attempt in message.attempts]
    return max(map(most_at_once, by_link.values()), default=0)


def present_bytes(messages, now, last):
    """Returns the bytes that wait or are under way at the time at which the message `last` is ready, without it."""
    return math.fsum(message.size for message in messages if message is not last
                     and any(attempt.lined <= now < attempt.left for attempt in message.attempts))


def link_loads(system, number, messages, up, link_of, count, rate, end):
    if not messages:
        return {"offered_load": 0, "offered_load_worst": 0, "links_overloaded": 0, "verdict": "stable"}
    outages = system.outages.get(system.hops[number].name, []) if number is not None else []
    last = max(messages, key=lambda message: message.ready)
    capacities = [rate * (last.ready - downtime(outages, link, last.ready)) for link in range(count)]
    loads, overloaded = [], 0
    for link in range(count):
        own = [message for message in messages if link_of(message.device) == link]
        if own:
            offered, own_last = sum(message.size for message in own), max(own, key=lambda message: message.ready)
            loads.append(offered / capacities[link] if capacities[link] else 0)
            backlog = present_bytes(own, own_last.ready, own_last) / rate
            overloaded += is_overloaded_alone(len(own), backlog, offered, capacities[link], end)
    offered, capacity = sum(message.size for message in messages), math.fsum(capacities)
    judged = verdict(len(messages), present_bytes(messages, last.ready, last) / (rate * count), offered, capacity, end)
    return {"offered_load": offered / capacity if capacity else 0, "offered_load_worst": max(loads), "links_overloaded": overloaded,
            "verdict": "overloaded" if overloaded else judged}


def acquit(own, site):
    """Of a link and its uplink, the one with the lower load does not answer for the queue that both share, if it could carry all."""
    decisive = lambda loads: decisive_load(loads["offered_load"], loads["offered_load_worst"], loads["links_overloaded"])
    for one, other in ((own, site), (site, own)):
        if one["verdict"] == "backlogged" and other["verdict"] != "stable" and decisive(one) < decisive(other):
            one["verdict"] = "stable"


# --- energy.csv

def busy_time(history, number):
    """Returns the time for which cores of a tier were busy."""
    return math.fsum(overlap(one.began, one.ended, 0, history.duration) for one in history.computations if one.tier == number)


def energy(system, history):
    states = {}
    for number, tier in enumerate(system.tiers):
        busy = busy_time(history, number) / tier.cores
        up_time = machine_up_time(system, number, history.duration)
        for state, time, power in (("busy", busy, tier.busy), ("idle", up_time - busy, tier.idle),
                                   ("down", tier.machines * history.duration - up_time, 0)):
            states[tier.name, "machines", state] = {"time_s": time, "energy_j": None if power is None else tier.pue * power * time}
    if system.hops and system.hops[0].radio:
        states |= radio_energy(system, history)
    return states


def radio_energy(system, history):
    radio = system.hops[0].radio
    times, tails_later = collections.Counter(), collections.Counter()
    for device in range(system.devices):
        radio_times(system, history, device, times, tails_later)
    powers = {"idle": 0, "promotion": radio["promotion"][1], "transfer": radio["base"],
              "waiting": radio["tails"][0][1] if radio["tails"] else 0}
    powers |= {f"tail {i + 1}": power for i, (_, power) in enumerate(radio["tails"])}
    device = system.tiers[DEVICE].name
    states = {(device, "radios", state): {"time_s": times[state], "energy_j": times[state] * power} for state, power in powers.items()}
    states[device, "radios", "transfer"]["energy_j"] += math.fsum(
        radio["per_byte"][message.up] * attempt.crossed for message in history.messages if message.hop == 0
        for attempt in message.attempts)
    states[device, "radios", "tail after the run"] = {
        "time_s": math.fsum(tails_later[f"tail {i + 1}"] for i in range(len(radio["tails"]))),
        "energy_j": math.fsum(tails_later[f"tail {i + 1}"] * power for i, (_, power) in enumerate(radio["tails"]))}
    return states


def radio_times(system, history, device, times, tails_later):
    """Adds the times of one device's radio by state, walking over the moments at which its state may change."""
    end, tails = history.duration, system.hops[0].radio["tails"]
    attempts = [attempt for message in history.messages if message.hop == 0 and message.device == device
                for attempt in message.attempts if attempt.started < attempt.left]
    promotions = [(attempt.started, attempt.started + attempt.promotion) for attempt in attempts]
    transfers = [(attempt.started + attempt.promotion, attempt.left) for attempt in attempts]
    awake = [(begin, until) for number, begin, until in history.awake if number == device]
    moments = sorted({0.0, end, *(min(time, end) for interval in promotions + transfers + awake for time in interval)})
    rested = math.inf  # The time since it was awake.
    for begin, until in zip(moments, moments[1:]):
        within = lambda intervals: any(a <= begin and until <= b for a, b in intervals)
        state = "promotion" if within(promotions) else "transfer" if within(transfers) else "waiting" if within(awake) else "rest"
        if state == "rest":
            add_rest(tails, rested, until - begin, times)
            rested += until - begin
        else:
            times[state] += until - begin
            rested = 0
    if not any(until > end for _, until in awake + transfers + promotions):
        add_rest(tails, rested, math.inf, tails_later)


def add_rest(tails, rested, time, times):
    """Adds a time of rest that begins when the radio has rested for so long."""
    begin = 0.0
    for number, (length, _) in enumerate(tails):
        times[f"tail {number + 1}"] += overlap(begin, begin + length, rested, rested + time)
        begin += length
    times["idle"] += overlap(begin, math.inf, rested, rested + time) if rested < math.inf else time


def machines_over_time(tier, at_start, events, duration):
    """Returns the numbers of a tier's machines with an autoscaler, from the rows of events.csv, as (from, until, number)."""
    changes = {"machine starting": 1, "machine stopped": -1}
    pieces, begin, number = [], 0.0, at_start
    for event in events:
        if event["where"] == tier.name and event["event"] in changes:
            pieces.append((begin, float(event["time_s"]), number))
            begin, number = float(event["time_s"]), number + changes[event["event"]]
    return [*pieces, (begin, duration, number)]


def scaled_tier(tier, pieces, busy, starts, duration):
    """Returns the cells of tiers.csv that depend on the machines that exist, and the states of energy.csv."""
    existing = math.fsum((until - begin) * number for begin, until, number in pieces)
    states = {"busy": (busy / tier.cores, tier.busy), "idle": (existing - busy / tier.cores, tier.idle), "down": (0, 0)}
    states = {name: {"time_s": time, "energy_j": tier.pue * power * time} for name, (time, power) in states.items()}
    row = {"busy_s": busy, "utilisation": busy / (existing * tier.cores), "machines_mean": existing / duration,
           "machines_most": max(number for _, _, number in pieces), "machine_starts": starts, "machine_hours": existing / 3600,
           "money": tier.price * existing / 3600, "energy_j": math.fsum(state["energy_j"] for state in states.values())}
    return row, states


def batteries(system, energy_rows, events):
    """Returns the cells of summary.csv on batteries, from the states of energy.csv and the rows of events.csv."""
    settings = system.sections["tiers"][system.tiers[DEVICE].name]["battery"]
    capacity = quantity(settings["capacity"])
    own = [row for row in energy_rows if row["tier"] == system.tiers[DEVICE].name]
    taken = math.fsum(float(row["energy_j"]) for row in own if row["state"] != "tail after the run")
    alive = math.fsum(float(row["time_s"]) for row in own if row["part"] == "machines" and row["state"] != "empty")
    empty = [float(event["time_s"]) for event in events if event["event"] == "battery empty"]
    return {"batteries_empty": len(empty), "first_empty_s": min(empty, default=None), "battery_life_s": capacity / taken * alive,
            "battery_left": settings.get("charge", 1) - taken / (capacity * system.devices)}


# --- summary.csv and classes.csv

def latencies(requests):
    values = [float(row["latency_s"]) for row in requests if row["outcome"] == "completed"]
    cells = {f"latency_p{q}_s": quantile(values, q / 100) for q in (50, 90, 95, 99)}
    return cells | {"latency_mean_s": mean(values), "latency_max_s": max(values, default=None)}


def counts(requests, system, duration):
    """Returns the cells that summary.csv and classes.csv have in common."""
    done = [row for row in requests if row["outcome"] == "completed"]
    late = sum(float(row["latency_s"]) > system.classes[row["class"]].deadline for row in done)
    return latencies(requests) | {
        "requests_arrived": len(requests), "requests_completed": len(done),
        "requests_dropped": sum(row["outcome"].startswith("dropped: ") for row in requests),
        "requests_in_flight": sum(row["outcome"] == "in flight" for row in requests), "requests_late": late,
        "requests_fell_back": sum(row["fell_back"] == "1" for row in requests),
        "failures": sum(int(row["failures"]) for row in requests),
        "goodput_per_s": (len(done) - late) / duration if duration else 0}


def classes(system, requests, duration, planned):
    """`planned` are the latencies of the plans, by model."""
    return {(name,): counts([row for row in requests if row["class"] == name], system, duration) |
            {"model": class_.model, "planned_latency_s": planned.get(class_.model)} for name, class_ in system.classes.items()}


def summary_of_requests(system, requests, duration):
    """Returns the cells that follow from the requests alone."""
    done = [row for row in requests if row["outcome"] == "completed"]
    row = counts(requests, system, duration)
    row |= {f"{part}_mean_s": mean(float(request[f"{part}_s"]) for request in done) for part in LATENCY_PARTS}
    by_device = collections.defaultdict(list)
    for request in requests:
        by_device[request["device"]].append(request)
    in_time = lambda request: request["outcome"] == "completed" and (
        float(request["latency_s"]) <= system.classes[request["class"]].deadline)
    means = [mean(float(request["latency_s"]) for request in own if request["outcome"] == "completed") for own in by_device.values()]
    ages = [(duration - float(request["arrival_s"]), system.classes[request["class"]].deadline) for request in requests
            if request["outcome"] == "in flight"]
    labelled = [request for request in done if request.get("label")]
    drops = collections.Counter(request["outcome"].removeprefix("dropped: ") for request in requests
                                if request["outcome"].startswith("dropped: "))
    return row | {
        "throughput_per_s": len(done) / duration if duration else 0,
        "fairness": jain([mean(map(in_time, own)) for own in by_device.values()]),
        "latency_fairness": jain([value for value in means if value is not None]),
        "accuracy": mean(request["label"] == request["predicted"] for request in labelled),
        "drops": drops_text(system, drops), "outcome": "completed", "in_flight_age_mean_s": mean(age for age, _ in ages),
        "in_flight_age_max_s": max((age for age, _ in ages), default=None),
        "in_flight_late": sum(age > deadline for age, deadline in ages)}


def drops_text(system, drops):
    """Returns the reasons of drops, tier by tier, then hop by hop."""
    tiers_, hops = [tier.name for tier in system.tiers], [hop.name for hop in system.hops]
    reasons = [f"{name} {what}" for name in tiers_ for what in ("rejects", "failed")] + [f"{name} failed" for name in hops]
    reasons += ["failed too often", "timed out", "battery empty", "handover"]
    return "; ".join(f"{reason}: {drops[reason]}" for reason in reasons if drops[reason]) or None


def duration_of(system, requests):
    """Returns the end of the run: its time, or the last end of a request."""
    stop = system.sections["stop"]
    if "after" in stop:
        return quantity(stop["after"])
    return max(float(row["completion_s"]) for row in requests)


def summary_of_resources(system, tiers_, links_, energy_, completed):
    """Returns the cells that follow from the other tables."""
    judged = []  # In the order in which equal loads are named.
    for number, tier in enumerate(system.tiers):
        row = tiers_[tier.name,]
        judged.append((row["decisive_load"], tier.name, row["verdict"]))
        if number < len(system.hops):
            name = system.hops[number].name
            for prefix, label in (("", ""), ("site_", " site")):
                for direction in ("up", "down"):
                    link = links_[name, direction]
                    if link[f"{prefix}verdict"] is not None:
                        load = decisive_load(link[f"{prefix}offered_load"], link[f"{prefix}offered_load_worst"],
                                             link[f"{prefix}links_overloaded"])
                        judged.append((load, f"{name}{label} {direction}", link[f"{prefix}verdict"]))
    unstable = [one for one in judged if one[2] != "stable"]
    cells = {"verdict": max((one[2] for one in judged), key=VERDICTS.index),
             "bottleneck": max(unstable, key=lambda one: one[0])[1] if unstable else None}
    first = system.hops[0].name if system.hops else None
    cells |= {f"{way}load_bytes": links_[first, way]["bytes"] if first else 0 for way in ("up", "down")}
    return cells | energies(system, energy_, completed) | {"money": money(system, tiers_, links_)}


def money(system, tiers_, links_):
    if not any(part.price for part in [*system.tiers, *system.hops]):
        return None
    machines = math.fsum(tiers_[tier.name,]["machine_hours"] * tier.price for tier in system.tiers)
    return machines + math.fsum(hop.price * links_[hop.name, way]["bytes"] / 1e9 for hop in system.hops for way in ("up", "down"))


def energies(system, energy_, completed):
    """Returns the joules of the summary, from the states of energy.csv."""
    device = system.tiers[DEVICE].name

    def joules(belongs):
        known = [cells["energy_j"] for key, cells in energy_.items() if belongs(*key) and (cells["energy_j"] is not None or cells["time_s"])]
        return None if None in known or not known else math.fsum(known)

    machines = joules(lambda tier, part, state: tier == device and part == "machines")
    radios = joules(lambda tier, part, state: part == "radios")
    if not (system.hops and system.hops[0].radio):
        radios = 0 if not system.hops else radios
    whole = None if machines is None or radios is None else machines + radios
    of_state = lambda name: joules(lambda tier, part, state: tier == device and part == "machines" and
                                   state in (name, f"{name} in low power"))
    return {"device_energy_j": whole, "device_compute_j": of_state("busy"), "device_idle_j": of_state("idle"), "radio_energy_j": radios,
            "energy_per_answer_j": None if whole is None or not completed else whole / completed,
            "server_energy_j": joules(lambda tier, part, state: tier != device)}


# --- plans and single requests

def codecs(plan):
    """Returns the codecs of a plan, each once."""
    return " ".join(sorted({row["codec"] for row in plan if row["codec"]})) or None


def planned(system, path):
    """Returns the latency, energy and money of one request in an idle system."""
    up = [hop.latency + hop.idle_time(True, path.up[i]) if i < path.farthest else 0 for i, hop in enumerate(system.hops)]
    down = [hop.latency + hop.idle_time(False, path.down[i]) if i < path.answer else 0 for i, hop in enumerate(system.hops)]
    latency = math.fsum(path.service) + math.fsum(up) + math.fsum(down)
    device, hop = system.tiers[DEVICE], system.hops[0]
    energy_, is_sent = None, path.farthest > 0
    if device.busy is not None and (hop.radio or not is_sent):
        energy_ = device.busy * path.service[DEVICE]
        if is_sent:
            radio = hop.radio
            promotion, tails = radio["promotion"], radio["tails"]
            on_air = hop.idle_time(True, path.up[0]) + (hop.idle_time(False, path.down[0]) if path.answer else 0)
            waiting = latency - path.service[DEVICE] - on_air
            energy_ += promotion[0] * (promotion[1] + device.idle) + on_air * (radio["base"] + device.idle)
            energy_ += waiting * ((tails[0][1] if tails else 0) + device.idle) + sum(time * power for time, power in tails)
            energy_ += radio["per_byte"][True] * path.up[0] + radio["per_byte"][False] * path.down[0]
            latency += promotion[0]
    price = sum(tier.price * time / 3600 for tier, time in zip(system.tiers, path.service))
    price += sum(hop.price * (path.up[i] + path.down[i]) / 1e9 for i, hop in enumerate(system.hops))
    return {"latency": latency, "energy": energy_, "money": price}


def summary_of_plans(planned_):
    """`planned_` are the results of planned(), by model. With several, classes.csv has the latencies."""
    only = next(iter(planned_.values())) if len(planned_) == 1 else dict.fromkeys(["latency", "energy", "money"])
    return {"planned_latency_s": only["latency"], "planned_energy_j": only["energy"], "planned_money": only["money"]}


def request_energy(system, history):
    """Returns the joules of each request by number."""
    device, radio = system.tiers[DEVICE], system.hops[0].radio
    computed = {number: 0.0 for number, _ in enumerate(history.requests)}
    spent, senders = dict(computed), set()
    for visit in history.visits:
        computed[visit.request] += visit.left - visit.began - visit.preparation if visit.tier == DEVICE and visit.counts else 0
    for message in history.messages:
        senders.add(message.request)
        for attempt in message.attempts if radio and message.hop == 0 else []:
            on_air = max(min(attempt.left, history.duration) - attempt.started - attempt.promotion, 0)
            spent[message.request] += (radio["per_byte"][message.up] * attempt.crossed + radio["base"] * on_air +
                                       attempt.promotion * radio["promotion"][1])
    cells = {}
    for number, time in computed.items():
        compute = None if device.busy is None else device.pue * device.busy * time / device.cores
        sent = spent[number] if radio or number not in senders else None
        cells[number] = {"device_compute_j": compute, "radio_j": sent,
                         "device_energy_j": None if compute is None or sent is None else compute + sent}
    return cells


# --- series.csv

def cut(history, now):
    """Returns the history as it is at a time. The bytes of messages under way count at the end of the run alone."""
    is_over = now >= history.duration
    messages = [dataclasses.replace(message, attempts=[
        dataclasses.replace(attempt, crossed=attempt.crossed if is_over or attempt.left <= now else 0) for attempt in message.attempts])
                for message in history.messages]
    return dataclasses.replace(history, duration=now, messages=messages)


def series(system, history, interval):
    """Returns the samples by number and place."""
    count = int(history.duration / interval)
    times = [i * interval for i in range(1, count + 1)]
    times += [] if times and math.isclose(times[-1], history.duration) else [history.duration]
    samples, before, joules_before = {}, 0.0, {}
    for number, now in enumerate(times):
        since = lambda moments: sum(before < moment <= now for moment in moments) / (now - before)
        alive = [(float(row["arrival_s"]), float(row["completion_s"] or "inf")) for row in history.requests]
        samples[number, "all"] = {
            "time_s": now, "present": sum(a <= now < b for a, b in alive), "waiting": None, "busy_cores": None,
            "arrived_per_s": since([a for a, _ in alive]), "power_w": None, "battery": None,
            "served_per_s": since([float(row["completion_s"]) for row in history.requests if row["outcome"] == "completed"])}
        past = cut(history, now)
        states = energy(system, past)
        for i, tier in enumerate(system.tiers):
            visits = [visit for visit in history.visits if visit.tier == i]
            known = [cells["energy_j"] for (name, _, state), cells in states.items() if name == tier.name and state != "tail after the run"]
            joules = None if None in known else math.fsum(known)
            samples[number, tier.name] = {
                "time_s": now, "present": sum(visit.joined <= now < visit.left for visit in visits),
                "waiting": sum(visit.joined <= now < min(visit.began, visit.left) for visit in visits),
                "busy_cores": sum(one.began <= now < one.ended for one in history.computations if one.tier == i),
                "arrived_per_s": since([visit.joined for visit in visits]),
                "served_per_s": since([visit.left for visit in visits if visit.is_done]),
                "power_w": None if joules is None else (joules - joules_before.get(tier.name, 0)) / (now - before), "battery": None}
            joules_before[tier.name] = joules
        for i, hop in enumerate(system.hops):
            messages = [message for message in history.messages if message.hop == i]
            attempts = [attempt for message in messages for attempt in message.attempts]
            samples[number, hop.name] = {
                "time_s": now, "present": sum(attempt.lined <= now < attempt.left for attempt in attempts),
                "waiting": None, "busy_cores": None, "power_w": None, "battery": None,
                "arrived_per_s": since([attempt.lined for attempt in attempts]),
                "served_per_s": since([message.attempts[-1].left for message in messages if message.is_carried])}
        before = now
    return samples


# --- events.csv

def failures(system, duration):
    """Returns the failures and repairs until a time, as (time, event, place, number, class)."""
    hops = [hop.name for hop in system.hops]
    made = [(time, f"{'link' if name in hops else 'machine'} {state}", name, which, "") for name, outages in system.outages.items()
            for which, begin, until in outages for time, state in ((begin, "down"), (until, "up"))]
    return [event for event in made if event[0] <= duration]
