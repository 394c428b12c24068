// iao: several users of the network share a server of equal units: cuts and shares that make the
// slowest user's latency least (Tang et al., "Joint multiuser DNN partitioning and computational
// resource allocation for collaborative edge intelligence", IEEE IoT Journal 8(12), 2021), and
// beside them those of the least mean. partition/shared_server.h has both algorithms. The second
// tier's times are those of one unit; more of them speed it up by Amdahl's law. The assignment is
// the cut that most users have.
//
// Cuts are those of the layers in their order (prefix_cuts()): of a chain all there are.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "partition/algorithm.h"
#include "partition/prefix_cuts.h"
#include "partition/shared_server.h"

namespace offcut {
namespace {

SharedServer server_of(const std::vector<PrefixCut>& cuts, const Parameters& parameters) {
  ServerUser user;
  for (const PrefixCut& cut : cuts) {
    const Seconds on_server = cut.cost.compute[1];
    user.cuts.push_back({cut.after, cut.cost.latency() - on_server, on_server});
  }
  const auto units = static_cast<std::size_t>(parameters.at("units"));
  return {.users = std::vector(static_cast<std::size_t>(parameters.at("users")), user),
          .units = units,
          .speedup = amdahl_speedup(units, parameters.at("serial"))};
}

/// "users 1..3", "pool5, 2 units" for each row of users with the same cut and share.
void add_users(const SharedPlan& plan, const std::vector<PrefixCut>& cuts,
               const std::string& objective, std::vector<PlanFigure>& figures) {
  const auto alike = [&](std::size_t a, std::size_t b) {
    return plan.cut_of[a] == plan.cut_of[b] && plan.units_of[a] == plan.units_of[b];
  };
  for (std::size_t first = 0, last = 0; first < plan.cut_of.size(); first = last) {
    while (last < plan.cut_of.size() && alike(first, last)) {
      ++last;
    }
    figures.push_back(
        {objective + (last == first + 1 ? fmt::format("user {}", last)
                                        : fmt::format("users {}..{}", first + 1, last)),
         fmt::format("{}, {} units", cuts[plan.cut_of[first]].after, plan.units_of[first])});
  }
}

Answer solve_it(const Problem& problem, const Parameters& parameters) {
  if (problem.tier_count() != 2) {
    return Declined{
        fmt::format("needs a device and one other tier, not {} tiers", problem.tier_count())};
  }
  const std::vector<PrefixCut> cuts = prefix_cuts(problem);
  const SharedServer server = server_of(cuts, parameters);
  // There are plans: nobody needs the server, since everything may run on the device.
  const SharedPlan fair = least_longest_latency(server).value();
  const SharedPlan least = least_summed_latency(server).value();
  Answer answer = cuts[most_frequent(fair.cut_of)].tier_of;
  const Seconds longest = *std::max_element(fair.latency.begin(), fair.latency.end());
  answer.figures.push_back({"longest_latency_s", fmt::format("{}", longest.si())});
  add_users(fair, cuts, "", answer.figures);
  const Seconds sum = std::accumulate(least.latency.begin(), least.latency.end(), Seconds(0));
  answer.figures.push_back(
      {"least_mean_latency_s",
       fmt::format("{}", sum.si() / static_cast<double>(least.latency.size()))});
  add_users(least, cuts, "least mean: ", answer.figures);
  return answer;
}

}  // namespace

void register_iao(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "iao",
       .doc = "users who share a server: the cut and the share of each, for the slowest one",
       .citation = "Tang et al., IAO, IEEE IoT Journal 8(12), 2021",
       .parameters = {{.name = "users",
                       .fallback = 10,
                       .least = 1,
                       .most = 1000,
                       .doc = "how many there are"},
                      {.name = "units",
                       .fallback = 10,
                       .least = 0,
                       .most = 1000,
                       .doc = "equal parts of the server; the tier's times are those of one"},
                      {.name = "serial",
                       .fallback = 0,
                       .least = 0,
                       .most = 1,
                       .doc = "the part of its work that more units don't speed up"}},
       .solve = solve_it});
}

}  // namespace offcut
