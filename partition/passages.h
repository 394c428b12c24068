#pragma once

#include <vector>

#include "partition/cost_table.h"

namespace offcut::partition {

/// A leg as verify() finds it: independently of legs.h, by trying all ways.
struct Passage {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<std::size_t> hops;  // Their numbers, outward.
  Hop as_one;                     // Its payload is 1.
};

/// Returns the passages of a request, outward from the device.
std::vector<Passage> passages_of(const CostTable& costs, const Assignment& tier_of);

/// The radio for the messages of a plan that leave the device.
struct PlanRadio {
  double send = 0;  // Watts, with the idle device.
  double receive = 0;
  RadioOverhead overhead;
};

PlanRadio plan_radio(const CostTable& costs, const std::vector<Passage>& passages);

}  // namespace offcut::partition
