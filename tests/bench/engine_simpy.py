#!/usr/bin/python3
"""The system of tests/bench/engine.cpp as a SimPy user writes it: resources for devices, links and servers, a process for
each request. Takes its numbers as JSON, and prints its CPU time, its mean latency and the standard error of the mean.

Usage: engine_simpy.py '{"devices": 100, ...}'
"""
import json
import math
import random
import sys
import time

import simpy


class Uplink:
    """A site's link that its n messages share: each gets min(rate of its own link, rate of the site's / n). `own` is the time
    of a message alone on its own link, `whole` that on the site's, in seconds."""

    def __init__(self, env, own, whole):
        self.env, self.own, self.whole = env, own, whole
        self.flows = []  # [unsent share of the message, event]
        self.since = 0.0
        self.wake = None

    def rate(self):
        return min(1 / self.own, 1 / self.whole / len(self.flows))

    def advance(self):
        sent = self.rate() * (self.env.now - self.since) if self.flows else 0
        for flow in self.flows:
            flow[0] -= sent
        self.since = self.env.now

    def send(self):
        self.advance()
        done = self.env.event()
        self.flows.append([1.0, done])
        self.schedule()
        return done

    def schedule(self):
        self.wake = None
        if self.flows:
            self.wake = self.env.timeout(max(0.0, min(flow[0] for flow in self.flows)) / self.rate())
            self.wake.callbacks.append(self.finish)

    def finish(self, event):
        if event is not self.wake:
            return  # The flows have changed since then.
        self.advance()
        for flow in [flow for flow in self.flows if flow[0] < 1e-9]:
            self.flows.remove(flow)
            flow[1].succeed()
        self.schedule()


class System:
    def __init__(self, env, p):
        self.env, self.p, self.left = env, p, p["requests"]
        self.random = random.Random(1)
        self.computing = [simpy.Resource(env) for _ in range(p["devices"])]
        self.sending = [simpy.Resource(env) for _ in range(p["devices"])]
        self.receiving = [simpy.Resource(env) for _ in range(p["devices"])]
        self.cloud = simpy.Resource(env, p["servers"])
        sites = -(-p["devices"] // p["site_devices"]) if p["site_seconds"] else 0
        self.sites = [Uplink(env, p["up_seconds"], p["site_seconds"]) for _ in range(sites)]
        self.latencies = [[0.0, 0] for _ in range(p["devices"])]
        for device in range(p["devices"]):
            env.process(self.source(device))

    def exponential(self, mean):
        return self.env.timeout(self.random.expovariate(1 / mean))

    def source(self, device):
        while True:
            yield self.exponential(1 / self.p["rate"])
            if self.left == 0:
                return
            self.left -= 1
            self.env.process(self.request(device))

    def request(self, device):
        env, p, arrival = self.env, self.p, self.env.now
        with self.computing[device].request() as turn:
            yield turn
            yield self.exponential(p["device_seconds"])
        with self.sending[device].request() as turn:
            yield turn
            yield self.sites[device // p["site_devices"]].send() if self.sites else env.timeout(p["up_seconds"])
        yield env.timeout(p["latency"])
        with self.cloud.request() as turn:
            yield turn
            yield self.exponential(p["server_seconds"])
        with self.receiving[device].request() as turn:
            yield turn
            yield env.timeout(p["down_seconds"])
        yield env.timeout(p["latency"])
        self.latencies[device][0] += env.now - arrival
        self.latencies[device][1] += 1


def main():
    started = time.process_time()
    env = simpy.Environment()
    system = System(env, json.loads(sys.argv[1]))
    env.run()
    cpu_seconds = time.process_time() - started
    count = sum(n for _, n in system.latencies)
    mean = sum(s for s, _ in system.latencies) / count
    devices = len(system.latencies)
    squares = sum((s - mean * n) ** 2 for s, n in system.latencies)
    print(json.dumps({"cpu_seconds": cpu_seconds, "mean": mean,
                      "standard_error": math.sqrt(squares * devices / (devices - 1)) / count}))


main()
