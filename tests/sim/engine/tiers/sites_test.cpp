// Sites of a tier that share no link are systems of their own: under every policy, a site's
// requests end at the same times whether or not the other site has any requests.

#include <doctest/doctest.h>

#include <boost/random/exponential_distribution.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "../small_systems.h"
#include "models/base/random.h"

namespace offcut::engine::sites_test {
namespace {

constexpr std::size_t kDevices = 6;
constexpr std::size_t kSites = 2;
constexpr std::size_t kRequests = 60;  // Of a class.

std::size_t site_of(std::size_t device) { return device / (kDevices / kSites); }

/// Gives requests of random devices at random times: those of all sites, or of a single one.
class AtSites : public workload::Arrivals {
 public:
  /// `only` is a site, or kSites for all of them.
  AtSites(std::uint64_t entity, std::size_t only) : times_(kDevices) {
    RandomStream stream = random_stream(1, "arrivals at sites", entity);
    double now = 0;
    for (std::size_t i = 0; i < kRequests; ++i) {
      now += boost::random::exponential_distribution<double>(1.3)(stream);
      const auto device = boost::random::uniform_int_distribution<std::size_t>(0, 5)(stream);
      if (only == kSites || only == site_of(device)) {
        times_[device].push_back(now);
      }
    }
  }
  Seconds next(Seconds, workload::ArrivalSource& source) const override {
    const std::vector<double>& times = times_[source.number];
    return source.count < times.size() ? Seconds(times[source.count++]) : kNever;
  }

 private:
  std::vector<std::vector<double>> times_;
};

/// Runs two classes under these policies, with the requests of one site or of all.
Recorded run_sites(const scheduling::Scheduling& policies, std::size_t only) {
  const AtSites urgent(0, only), others(1, only);
  const auto table = [](double one) {  // Of batches, which most policies do not make.
    std::vector<double> times;
    for (int size = 1; size <= 64; ++size) {
      times.push_back(one * (1 + 0.3 * (size - 1)));
    }
    return times;
  };
  const bool batches = static_cast<bool>(policies.batching);
  const auto times = [&](double one) { return batches ? table(one) : std::vector{one}; };
  const Tier tier{.servers = 2 * kSites, .scheduling = policies, .sites = kSites};
  Simulation simulation =
      system_of(kDevices, tier, {asks(urgent, times(0.6)), asks(others, times(1.1))});
  simulation.classes[0].priority = 1;
  simulation.classes[1].priority = 2;
  simulation.classes[0].deadline = Seconds(1.5);
  simulation.classes[1].deadline = Seconds(4);
  return run(simulation);
}

/// Lists the endings of the site's requests, in the order of their arrival.
std::vector<RequestRecord> of_site(const Recorded& recorded, std::size_t site) {
  std::vector<RequestRecord> all;
  for (const RequestRecord& request : recorded.requests) {
    if (site_of(request.device) == site) {
      all.push_back(request);
    }
  }
  return all;
}

void check_sites(const scheduling::Scheduling& policies) {
  const Recorded both = run_sites(policies, kSites);
  REQUIRE(both.requests.size() == 2 * kRequests);
  for (std::size_t site = 0; site < kSites; ++site) {
    const std::vector<RequestRecord> together = of_site(both, site);
    const std::vector<RequestRecord> alone = run_sites(policies, site).requests;
    REQUIRE(together.size() == alone.size());
    // After the site's last arrival, a batch that can't fill up starts once nothing else happens
    // anywhere, which is later with the other site.
    const double last = alone.back().arrival.si();
    for (std::size_t i = 0; i < alone.size(); ++i) {
      CAPTURE(site);
      CAPTURE(i);
      CHECK(together[i].arrival == alone[i].arrival);
      CHECK(together[i].ending == alone[i].ending);
      if (alone[i].completion.si() > last) {
        CHECK(together[i].completion.si() > last);
      } else {
        CHECK(together[i].completion.si() == about(alone[i].completion.si()));
      }
    }
  }
}

template <class Kind>
void check_all(const Registry<Kind>& registry, scheduling::Choice<Kind> scheduling::Scheduling::*of,
               bool with_dispatch) {
  for (const auto& [name, kind] : registry) {
    CAPTURE(name);
    scheduling::Scheduling policies;
    if (with_dispatch) {
      policies.dispatch = choose(scheduling::dispatch(), "shortest-queue");
    }
    policies.*of = choose(registry, name);
    check_sites(policies);
  }
}

}  // namespace

TEST_CASE("sites: two sites are two systems under every dispatch rule") {
  check_all(scheduling::dispatch(), &scheduling::Scheduling::dispatch, false);
}

TEST_CASE("sites: two sites are two systems under every queue discipline") {
  check_all(scheduling::queues(), &scheduling::Scheduling::queue, true);
}

TEST_CASE("sites: two sites are two systems under every batching policy") {
  check_all(scheduling::batching(), &scheduling::Scheduling::batching, true);
}

TEST_CASE("sites: two sites are two systems under every admission rule") {
  check_all(scheduling::admission(), &scheduling::Scheduling::admission, true);
}

TEST_CASE("sites: round-robin has a turn for each site") {
  // One device at each of two sites with two servers, one request at each of them in turn, and
  // 1.5 s of service a second: every second request of a site goes to its other server, and none
  // waits. With one turn for both sites, every request of a site would go to the same server.
  const Times arrivals{{0, 1, 2, 3}, {0.5, 1.5, 2.5, 3.5}};
  const Tier tier{.servers = 4,
                  .scheduling = {.dispatch = choose(scheduling::dispatch(), "round-robin")},
                  .sites = 2};
  CHECK(ends(system_of(2, tier, {asks(arrivals, {1.5})})) == "1.5 2 2.5 3 3.5 4 4.5 5");
}

}  // namespace offcut::engine::sites_test
