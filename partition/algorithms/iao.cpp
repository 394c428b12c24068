// `iao` finds cuts and shares for several users who share a server of equal units. It minimises the
// slowest user's latency (Tang et al., "Joint multiuser DNN partitioning and computational resource
// allocation for collaborative edge intelligence", IEEE IoT Journal 8(12), 2021), and also reports
// the cuts and shares of least mean latency. partition/solvers/shared_server.h has both algorithms.
// The second tier's times are those of one unit; more units speed it up by Amdahl's law.
//
// Users have the first tier's device, or one of the problem's other classes, each with its own
// link. The assignment is the most frequent cut among users of the first tier's device, and these
// are the users of the deployment: each has its part of the server for itself.
//
// The cuts are those of the layers in their order (prefix_cuts()); a chain has no others.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "models/base/readable.h"
#include "partition/algorithm.h"
#include "partition/solvers/prefix_cuts.h"
#include "partition/solvers/shared_server.h"

namespace offcut::partition {
namespace {

constexpr std::size_t kMostUsers = 1000;

/// Users with the same kind of device.
struct UserClass {
  std::string name;  // Empty if there is only one class.
  std::size_t users = 0;
  std::vector<PrefixCut> cuts;
};

/// Returns the problem with another class's devices and link.
Problem with_devices(Problem problem, const DeviceClass& other) {
  problem.tiers[0] = other.name;
  problem.seconds[0] = other.seconds;
  problem.hops[0] = other.hop;
  problem.per_request.resize(problem.tier_count());
  problem.per_request[0] = other.per_request;
  problem.radio = other.radio;
  return problem;
}

std::vector<UserClass> classes_of(const Problem& problem, const Parameters& parameters) {
  const auto users = static_cast<std::size_t>(parameters.at("users"));
  std::vector<UserClass> classes = {{problem.extras.classes.empty() ? "" : problem.tiers[0] + " ",
                                     users > 0 ? users : problem.extras.devices,
                                     prefix_cuts(problem)}};
  for (const DeviceClass& other : problem.extras.classes) {
    classes.push_back({other.name + " ", other.count, prefix_cuts(with_devices(problem, other))});
  }
  return classes;
}

SharedServer server_of(const std::vector<UserClass>& classes, const Parameters& parameters) {
  const auto units = static_cast<std::size_t>(parameters.at("units"));
  SharedServer server{.units = units, .speedup = amdahl_speedup(units, parameters.at("serial"))};
  for (const UserClass& user_class : classes) {
    ServerUser user;
    for (const PrefixCut& cut : user_class.cuts) {
      const Seconds on_server = cut.cost.compute[1];
      user.cuts.push_back({cut.after, cut.cost.latency() - on_server, on_server});
    }
    server.users.insert(server.users.end(), user_class.users, user);
  }
  return server;
}

/// Adds "users 1..3", "pool5, 2 units" for each run of a class's users with the same cut and share.
void add_users(const SharedPlan& plan, const std::vector<UserClass>& classes,
               const std::string& objective, std::vector<PlanFigure>& figures) {
  const auto alike = [&](std::size_t a, std::size_t b) {
    return plan.cut_of[a] == plan.cut_of[b] && plan.units_of[a] == plan.units_of[b];
  };
  std::size_t begin = 0;  // The first user of the class.
  for (const UserClass& user_class : classes) {
    const std::size_t end = begin + user_class.users;
    for (std::size_t first = begin, last = begin; first < end; first = last) {
      while (last < end && alike(first, last)) {
        ++last;
      }
      figures.push_back({.name = objective + user_class.name +
                                 (last == first + 1 ? fmt::format("user {}", last - begin)
                                                    : fmt::format("users {}..{}", first - begin + 1,
                                                                  last - begin)),
                         .value = user_class.cuts[plan.cut_of[first]].after,
                         .details = {{plan.units_of[first], "units"}}});
    }
    begin = end;
  }
}

/// Returns the deployment of the first class's users.
Deployment deployment_of(const Problem& problem, const SharedPlan& plan, const UserClass& users,
                         const SharedServer& server) {
  Deployment deployment{.order = Deployment::Order::by_device, .shares_server = true};
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> variant_of;  // By cut and units.
  for (std::size_t user = 0; user < users.users; ++user) {
    const std::size_t units = plan.units_of[user];
    const PrefixCut& cut = users.cuts[plan.cut_of[user]];
    const auto [known, is_new] =
        variant_of.emplace(std::pair(plan.cut_of[user], units), variant_of.size());
    if (is_new) {
      Problem on_share = problem;
      slow_down(on_share, 1, units > 0 ? 1 / server.speedup[units - 1] : 1);
      deployment.variants.push_back({cut.after, cut.tier_of, evaluate(on_share, cut.tier_of)});
    }
    deployment.sequence.push_back(known->second);
  }
  return deployment;
}

Answer solve_iao(const Problem& problem, const Parameters& parameters) {
  if (problem.tier_count() != 2) {
    return Declined{fmt::format("it needs a device and one other tier, not {}",
                                counted(problem.tier_count(), "tier"))};
  }
  if (problem.extras.devices > kMostUsers && parameters.at("users") == 0) {
    return Declined{fmt::format("it plans for at most {} users, and the first tier has {} devices",
                                kMostUsers, problem.extras.devices)};
  }
  const std::vector<UserClass> classes = classes_of(problem, parameters);
  const SharedServer server = server_of(classes, parameters);
  // There always are plans: no user needs the server, because all layers may run on the device.
  const SharedPlan fair = least_longest_latency(server).value();
  const SharedPlan least = least_summed_latency(server).value();
  const auto own = static_cast<std::ptrdiff_t>(classes[0].users);
  Answer answer =
      classes[0].cuts[most_frequent({fair.cut_of.begin(), fair.cut_of.begin() + own})].tier_of;
  answer.deployment = deployment_of(problem, fair, classes[0], server);
  answer.measure = Measure::longest_latency;
  const Seconds longest = *std::max_element(fair.latency.begin(), fair.latency.end());
  answer.figures.push_back({"longest_latency", "s", longest.si()});
  add_users(fair, classes, "", answer.figures);
  const Seconds sum = std::accumulate(least.latency.begin(), least.latency.end(), Seconds(0));
  answer.figures.push_back(
      {"least_mean_latency", "s", sum.si() / static_cast<double>(least.latency.size())});
  add_users(least, classes, "least mean: ", answer.figures);
  return answer;
}

}  // namespace

void register_iao(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "iao",
       .doc = "users who share a server: the cut and share of each, for the slowest one",
       .citation = "Tang et al., IAO, IEEE IoT Journal 8(12), 2021",
       .growth = {"users units layers"},
       .takes = {.classes = true},
       .parameters = {{.name = "users",
                       .fallback = 0,
                       .least = 0,
                       .most = kMostUsers,
                       .doc = "users with the first tier's device; 0: as many as it has"},
                      {.name = "units",
                       .fallback = 10,
                       .least = 0,
                       .most = 1000,
                       .doc = "equal parts of the server; the tier's times are those of one part"},
                      {.name = "serial",
                       .fallback = 0,
                       .least = 0,
                       .most = 1,
                       .doc = "share of the server's work that more units don't speed up"}},
       .solve = solve_iao,
       .branches = Branches::declined});
}

}  // namespace offcut::partition
