#pragma once

#include <string>
#include <vector>

#include "../../temporary_folder.h"
#include "sim/experiment/plan_runs.h"

namespace offcut::experiment {

/// A layer table of three layers, and a scenario of three tiers that names it: net.csv.
inline const std::string kThreeLayers =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
    "image,,800,0,0,0,0\n"
    "a,image,400,0,0,1,0.5\n"
    "b,a,200,0,0,2,0.25\n"
    "c,b,100,0,0,4,0.125\n";

inline const std::string kThreeTiers =
    "offcut: 1\n"
    "seed: 9\n"
    "stop: {requests: 5}\n"
    "model: {layers: net.csv}\n"
    "tiers:\n"
    "  phone: {is: column:phone, count: 3, noise: {kind: lognormal, cv: 0.25}}\n"
    "  edge: {is: column:server, count: 2, forwarding: messages}\n"
    "  cloud: {is: column:server, noise: {kind: exponential}}\n"
    "network:\n"
    "  phone-edge: {up: 100 B/s, down: 50 B/s, latency: 0.5 s, shared: true}\n"
    "  edge-cloud: {up: 200 B/s, down: 400 B/s, latency: 0.25 s}\n"
    "plan: {algorithm: fixed, after: a b}\n"
    "workload: {arrivals: closed-loop, think: 1 s}\n";

/// A scenario of two models that uses all keys of tiers, hops and classes.
inline const std::string kFleet =
    "offcut: 1\n"
    "stop: {requests: 5}\n"
    "models: {small: {zoo: lenet5}, large: {zoo: alexnet}}\n"
    "tiers:\n"
    "  device: {is: raspberry-pi-4b, count: 4, cores: 3}\n"
    "  edge: {is: t4, count: 4, sites: 2, cores: 2, model-memory: 300 MB, model-load: 2 GB/s}\n"
    "network:\n"
    "  device-edge: {up: 100 Mbit/s, down: 80 Mbit/s, latency: 2 ms, site: {devices: 2, up: 50 "
    "Mbit/s, down: 90 Mbit/s}}\n"
    "scheduling: {edge: {queue: edf, batch: {policy: timeout, max: 4, delay: 2 ms}, dispatch: "
    "random}}\n"
    "failures: {edge: {up: 60 s, down: 5 s}, device-edge: {outages: [{link: 1, from: 1 s, until: 2 "
    "s}]}}\n"
    "plan: {algorithm: edge-only, compare: none}\n"
    "workload:\n"
    "  classes:\n"
    "    a: {model: large, arrivals: poisson, rate: 1 /s, deadline: 1 s, priority: 2}\n"
    "    b: {model: small, arrivals: periodic, period: 1 s, per: all}\n"
    "engine: {own-links: false}\n";

/// Prepares a scenario of this text, with the layer table beside it.
inline Experiment experiment_of(const std::string& scenario) {
  static const scenario::Registries registries;
  const TemporaryFolder folder;
  folder.write("net.csv", kThreeLayers);
  return prepare(scenario::read_scenario(folder.write("my.yaml", scenario), {}, registries),
                 registries);
}

/// Returns each model's plan by its own algorithm.
inline std::vector<partition::Plan> own_plans_of(const Experiment& experiment) {
  std::vector<partition::Plan> plans;
  for (const PreparedModel& model : experiment.models) {
    const scenario::PlanChoice& own = experiment.choice_of(model).plan;
    plans.push_back(std::get<partition::Plan>(plan_all(model, own, {own.algorithm}).front()));
  }
  return plans;
}

}  // namespace offcut::experiment
