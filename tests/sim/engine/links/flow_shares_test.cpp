// Max-min shares of flows over several links, against a search for them in small steps.

#include "sim/engine/links/flow_shares.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "../../network/steps.h"
#include "../simgrid_run.h"
#include "models/base/random.h"

namespace offcut::engine::flow_shares_test {
namespace {

struct Flow {
  double start, size;
  std::size_t kind;
  double left = 0, end = -1, rate = 0;
};

struct Links {
  std::vector<double> capacities;
  std::vector<std::vector<std::uint32_t>> kinds;  // The links of each.
  std::vector<double> most;
  std::vector<Flow> flows;
};

/// Gives all flows that are under way their max-min rates: all grow together, and those that meet a
/// full link or their limit stop.
void fill(Links& links, double now) {
  std::vector<Flow*> growing;
  for (Flow& flow : links.flows) {
    flow.rate = 0;
    if (flow.start <= now && flow.left > 0) {
      growing.push_back(&flow);
    }
  }
  std::vector<double> left = links.capacities;
  while (!growing.empty()) {
    double step = INFINITY;
    for (const Flow* flow : growing) {
      step = std::min(step, links.most[flow->kind] - flow->rate);
    }
    std::vector<double> crossing(left.size(), 0);
    for (const Flow* flow : growing) {
      for (const std::uint32_t link : links.kinds[flow->kind]) {
        ++crossing[link];
      }
    }
    for (std::size_t link = 0; link < left.size(); ++link) {
      step = crossing[link] > 0 ? std::min(step, left[link] / crossing[link]) : step;
    }
    for (Flow* flow : growing) {
      flow->rate += step;
    }
    for (std::size_t link = 0; link < left.size(); ++link) {
      left[link] -= step * crossing[link];
    }
    std::erase_if(growing, [&](const Flow* flow) {
      const auto& crossed = links.kinds[flow->kind];
      return flow->rate >= links.most[flow->kind] * (1 - 1e-12) ||
             std::any_of(crossed.begin(), crossed.end(), [&](std::uint32_t link) {
               return left[link] <= 1e-12 * links.capacities[link];
             });
    });
  }
}

/// Follows all flows from event to event.
void follow(Links& links) {
  for (Flow& flow : links.flows) {
    flow.left = flow.size;
  }
  for (double now = 0;;) {
    fill(links, now);
    double next = INFINITY;
    for (const Flow& flow : links.flows) {
      next = std::min(next, flow.start > now ? flow.start
                            : flow.left > 0  ? now + flow.left / flow.rate
                                             : INFINITY);
    }
    if (next == INFINITY) {
      return;
    }
    for (Flow& flow : links.flows) {
      if (flow.start <= now && flow.left > 0) {
        flow.left -= flow.rate * (next - now);
        if (flow.left <= 1e-9 * flow.size) {
          flow.left = 0;
          flow.end = next;
        }
      }
    }
    now = next;
  }
}

class Ends final : FairShares::Listener, EventQueue::Handler {
 public:
  Ends(EventQueue& events, const Links& links, std::string& text)
      : events_(events), links_(links), text_(text), shares_(events, *this) {
    for (const double capacity : links.capacities) {
      shares_.add_links(1, network::Rate(capacity));
    }
    for (std::size_t kind = 0; kind < links.kinds.size(); ++kind) {
      shares_.add_kind(links.kinds[kind], network::Rate(links.most[kind]));
    }
    for (std::uint32_t i = 0; i < links.flows.size(); ++i) {
      events_.schedule(links.flows[i].start, *this, 0, i);
    }
  }

 private:
  void handle(std::uint32_t /*kind*/, std::uint32_t flow, void* /*subject*/) override {
    shares_.start(static_cast<std::uint32_t>(links_.flows[flow].kind), links_.flows[flow].size,
                  const_cast<Flow*>(&links_.flows[flow]));
  }
  void shared(void* job) override {
    const auto flow = static_cast<const Flow*>(job) - links_.flows.data();
    if (std::abs(events_.now() - links_.flows[static_cast<std::size_t>(flow)].end) >
        1e-9 * std::max(1.0, events_.now())) {
      text_ += fmt::format("flow {} ends at {} instead of {}\n", flow, events_.now(),
                           links_.flows[static_cast<std::size_t>(flow)].end);
    }
    ++ended_;
    text_ += ended_ == links_.flows.size() ? "all" : "";
  }

  EventQueue& events_;
  const Links& links_;
  std::string& text_;
  FlowShares shares_;
  std::size_t ended_ = 0;
};

/// One flow over one link, whose end it writes down.
class Alone final : FairShares::Listener, EventQueue::Handler {
 public:
  Alone(EventQueue& events, const network::Rate& capacity, double start, double size,
        std::string& text)
      : events_(events), size_(size), text_(text), shares_(events, *this) {
    shares_.add_links(1, capacity);
    shares_.add_kind({0}, network::Rate(INFINITY));
    events_.schedule(start, *this, 0);
  }

 private:
  void handle(std::uint32_t /*kind*/, std::uint32_t /*number*/, void* /*subject*/) override {
    shares_.start(0, size_, this);
  }
  void shared(void* /*job*/) override { text_ = fmt::format("{}", events_.now()); }

  EventQueue& events_;
  const double size_;
  std::string& text_;
  FlowShares shares_;
};

Links random_links(std::uint64_t seed) {
  RandomStream random = random_stream(seed, "flow shares");
  const auto below = [&](std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  const auto uniform = [&] { return boost::random::uniform_01<double>()(random); };
  Links links;
  for (std::size_t i = 2 + below(5); i > 0; --i) {
    links.capacities.push_back(1 + 20 * uniform());
  }
  for (std::size_t i = 1 + below(6); i > 0; --i) {
    std::vector<std::uint32_t> crossed;
    for (std::uint32_t link = 0; link < links.capacities.size(); ++link) {
      if (below(2) == 0) {
        crossed.push_back(link);
      }
    }
    if (crossed.empty()) {
      crossed.push_back(0);
    }
    links.kinds.push_back(std::move(crossed));
    links.most.push_back(below(2) == 0 ? INFINITY : 0.5 + 8 * uniform());
  }
  for (std::size_t i = 1 + below(40); i > 0; --i) {
    links.flows.push_back({10 * uniform(), 0.1 + 9 * uniform(), below(links.kinds.size())});
  }
  return links;
}

}  // namespace

TEST_CASE("flow shares: 200 random systems of links end each flow when progressive filling does") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Links links = random_links(seed);
    follow(links);
    CAPTURE(seed);
    CHECK(simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
            const Ends ends(events, links, text);
            run();
          }) == "all");
  }
}

TEST_CASE("flow shares: a flow ends with the millisecond that carries its last bytes") {
  // From 300 s on, every other millisecond carries 1500 bytes.
  std::vector<std::pair<double, double>> steps = {{0, 0}};
  for (int i = 0; i < 400; ++i) {
    steps.emplace_back((300000 + 2 * i) / 1000.0, 1.5e6);
    steps.emplace_back((300001 + 2 * i) / 1000.0, 0);
  }
  for (int packets = 1; packets < 400; packets += 7) {
    const std::string end =
        simgrid_run([&](EventQueue& events, std::string& text, const auto& run) {
          const Alone flow(events, network::rate_of_steps(steps), 300, 1500.0 * packets, text);
          run();
        });
    CHECK(std::stod(end) == doctest::Approx((299999 + 2 * packets) / 1000.0).epsilon(1e-11));
  }
}

}  // namespace offcut::engine::flow_shares_test
