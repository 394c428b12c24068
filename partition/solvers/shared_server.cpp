// Solves the sharing of a server: the longest latency by giving one unit after the other to the
// slowest user, the sum of latencies by a dynamic programme over users and units.

#include "partition/solvers/shared_server.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "partition/amount.h"

namespace offcut::partition {
namespace {

constexpr double kUnserved = std::numeric_limits<double>::infinity();

void require_shared_server(bool holds, const std::string& invariant) {
  if (!holds) {
    throw std::logic_error("shared server: " + invariant);
  }
}

double seconds_of(const SharedServer& server, const SharedCut& cut, std::size_t units) {
  if (cut.on_server == Seconds(0)) {
    return cut.before.si();
  }
  return units == 0 ? kUnserved : (cut.before + cut.on_server / server.speedup[units - 1]).si();
}

struct Best {
  double seconds = kUnserved;
  std::size_t cut = 0;
};

Best best_cut(const SharedServer& server, std::size_t user, std::size_t units) {
  Best best;
  const auto& cuts = server.users[user].cuts;
  for (std::size_t cut = 0; cut < cuts.size(); ++cut) {
    const double seconds = seconds_of(server, cuts[cut], units);
    if (seconds < best.seconds) {
      best = {seconds, cut};
    }
  }
  return best;
}

/// Returns the plan for these shares; none if a user can't be served.
std::optional<SharedPlan> with_shares(const SharedServer& server,
                                      std::vector<std::size_t> units_of) {
  SharedPlan plan;
  for (std::size_t user = 0; user < server.users.size(); ++user) {
    const Best best = best_cut(server, user, units_of[user]);
    if (best.seconds == kUnserved) {
      return std::nullopt;
    }
    plan.cut_of.push_back(best.cut);
    plan.latency.emplace_back(best.seconds);
  }
  plan.units_of = std::move(units_of);
  return plan;
}

}  // namespace

void SharedServer::check() const {
  require_shared_server(speedup.size() >= units, "each number of units needs a speedup");
  for (std::size_t i = 0; i < units; ++i) {
    require_shared_server(
        std::isfinite(speedup[i]) && speedup[i] > 0 && (i == 0 || speedup[i - 1] <= speedup[i]),
        "speedups must be positive and must not decrease");
  }
  for (const ServerUser& user : users) {
    require_shared_server(!user.cuts.empty(), "user '" + user.name + "' needs a cut");
    for (const SharedCut& cut : user.cuts) {
      for (const Seconds time : {cut.before, cut.on_server}) {
        require_shared_server(is_amount(time), "times must be finite and not negative");
      }
    }
  }
}

std::vector<double> amdahl_speedup(std::size_t units, double serial) {
  std::vector<double> speedup;
  for (std::size_t n = 1; n <= units; ++n) {
    speedup.push_back(1 / (serial + (1 - serial) / static_cast<double>(n)));
  }
  return speedup;
}

std::optional<Seconds> latency_with(const SharedServer& server, std::size_t user,
                                    std::size_t units) {
  const Best best = best_cut(server, user, units);
  return best.seconds == kUnserved ? std::nullopt : std::optional(Seconds(best.seconds));
}

std::optional<SharedPlan> least_longest_latency(const SharedServer& server) {
  std::vector<std::size_t> units_of(server.users.size(), 0);
  std::vector<double> seconds;
  for (std::size_t user = 0; user < server.users.size(); ++user) {
    seconds.push_back(best_cut(server, user, 0).seconds);
  }
  std::vector<std::size_t> best = units_of;
  double least = seconds.empty() ? 0 : *std::max_element(seconds.begin(), seconds.end());
  for (std::size_t given = 0; given < server.units && !seconds.empty(); ++given) {
    const auto slowest = static_cast<std::size_t>(std::max_element(seconds.begin(), seconds.end()) -
                                                  seconds.begin());
    seconds[slowest] = best_cut(server, slowest, ++units_of[slowest]).seconds;
    const double longest = *std::max_element(seconds.begin(), seconds.end());
    if (longest < least) {
      least = longest;
      best = units_of;
    }
  }
  return with_shares(server, std::move(best));
}

std::optional<SharedPlan> least_summed_latency(const SharedServer& server) {
  const std::size_t users = server.users.size();
  // sum[left] is the least sum of the users so far that leaves `left` units to the others.
  std::vector<double> sum(server.units + 1, kUnserved);
  sum.back() = 0;
  std::vector<std::vector<std::size_t>> given(users, std::vector<std::size_t>(server.units + 1));
  for (std::size_t user = 0; user < users; ++user) {
    std::vector<double> alone;
    for (std::size_t units = 0; units <= server.units; ++units) {
      alone.push_back(best_cut(server, user, units).seconds);
    }
    std::vector<double> next(server.units + 1, kUnserved);
    for (std::size_t left = 0; left <= server.units; ++left) {
      for (std::size_t units = 0; left + units <= server.units; ++units) {
        const double seconds = sum[left + units] + alone[units];
        if (seconds < next[left]) {
          next[left] = seconds;
          given[user][left] = units;
        }
      }
    }
    sum = std::move(next);
  }
  auto left = static_cast<std::size_t>(std::min_element(sum.rbegin(), sum.rend()) - sum.rbegin());
  left = server.units - left;
  std::vector<std::size_t> units_of(users);
  for (std::size_t user = users; user-- > 0;) {
    units_of[user] = given[user][left];
    left += units_of[user];
  }
  return with_shares(server, std::move(units_of));
}

}  // namespace offcut::partition
