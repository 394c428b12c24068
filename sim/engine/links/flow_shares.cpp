// Max-min sharing of several links. A change at one kind of flows first finds the kinds that it
// affects, through links that may be bottlenecks before or after it; then progressive filling gives
// each of them its share: the kinds whose own limit is below the share of every link get that, and
// otherwise the link with the least share settles all of its kinds.

#include "sim/engine/links/flow_shares.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace offcut::engine {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();
/// Sums of bounds are kept by adding and subtracting, so a link whose flows just fill it may seem
/// to be a little below or above that.
constexpr double kBoundError = 1e-9;
constexpr double kRest = 1e-9;

}  // namespace

FlowShares::Number FlowShares::add_links(std::size_t count, const network::Rates& capacities) {
  const auto first = static_cast<Number>(links_.size());
  for (std::size_t i = 0; i < count; ++i) {
    links_.push_back({.capacity = capacities[i]});
  }
  return first;
}

FlowShares::Number FlowShares::add_kind(std::vector<Number> links, const network::Rate& most) {
  Kind kind{.links = {}, .places = {}, .most = most};
  kind.links.assign(links.begin(), links.end());
  kind.places.resize(links.size());
  kinds_.push_back(std::move(kind));
  return static_cast<Number>(kinds_.size() - 1);
}

bool FlowShares::later(const Flow& a, const Flow& b) {
  return a.finish != b.finish ? a.finish > b.finish : a.order > b.order;
}

void FlowShares::advance(Kind& kind) const {
  if (kind.flows.empty()) {
    kind.progress = 0;  // So that later sums keep their digits.
  } else {
    kind.progress =
        std::min(kind.progress + kind.rate * (now() - kind.since), kind.flows.front().finish);
  }
  kind.since = now();
}

bool FlowShares::may_fill(const Link& link) const {
  return link.bounds > link.capacity.at(now()) * (1 - kBoundError);
}

double FlowShares::bound_of(const Kind& kind) const {
  if (kind.flows.empty()) {
    return 0;  // Also where the limit is infinite.
  }
  double bound = static_cast<double>(kind.flows.size()) * kind.most.at(now());
  for (const Number link : kind.links) {
    bound = std::min(bound, links_[link].capacity.at(now()));
  }
  return bound;
}

/// Adds a kind that has flows to its links.
void FlowShares::join(Number number) {
  Kind& kind = kinds_[number];
  for (std::size_t i = 0; i < kind.links.size(); ++i) {
    Link& link = links_[kind.links[i]];
    kind.places[i] = static_cast<Number>(link.kinds.size());
    link.kinds.push_back(number);
    expect_change(link.capacity);
  }
  expect_change(kind.most);
}

void FlowShares::leave(Number number) {
  Kind& kind = kinds_[number];
  for (std::size_t i = 0; i < kind.links.size(); ++i) {
    Link& link = links_[kind.links[i]];
    const Number last = link.kinds.back();
    link.kinds[kind.places[i]] = last;
    Kind& moved = kinds_[last];
    const auto at = std::find(moved.links.begin(), moved.links.end(), kind.links[i]);
    moved.places[static_cast<std::size_t>(at - moved.links.begin())] = kind.places[i];
    link.kinds.pop_back();
    if (link.kinds.empty()) {
      link.bounds = 0;  // So that errors of sums do not add up.
    }
  }
}

/// Changes the flows of a kind, and recomputes the shares that depend on them.
template <class Change>
void FlowShares::change(Number number, Change change) {
  Kind& kind = kinds_[number];
  advance(kind);
  std::vector<bool> may_have_filled;
  for (const Number link : kind.links) {
    may_have_filled.push_back(may_fill(links_[link]));
  }
  const bool had_flows = !kind.flows.empty();
  change(kind);
  const double bound = bound_of(kind);
  for (const Number link : kind.links) {
    links_[link].bounds += bound - kind.bound;
  }
  kind.bound = bound;
  if (had_flows != !kind.flows.empty()) {
    had_flows ? leave(number) : join(number);
  }
  find_neighbours(number, may_have_filled);
  share_out();
}

/// Finds the kinds whose shares may change with those of a kind.
void FlowShares::find_neighbours(Number number, const std::vector<bool>& may_have_filled) {
  ++round_;
  found_.assign(1, number);
  found_links_.clear();
  kinds_[number].visit = round_;
  for (std::size_t next = 0; next < found_.size(); ++next) {
    const Kind& kind = kinds_[found_[next]];
    for (std::size_t i = 0; i < kind.links.size(); ++i) {
      Link& link = links_[kind.links[i]];
      const bool had_filled = next == 0 && may_have_filled[i];
      if (link.visit == round_ || is_alone_on(link, found_[next]) ||
          !(had_filled || may_fill(link))) {
        continue;
      }
      link.visit = round_;
      found_links_.push_back(kind.links[i]);
      for (const Number other : link.kinds) {
        if (kinds_[other].visit != round_) {
          kinds_[other].visit = round_;
          found_.push_back(other);
        }
      }
    }
  }
}

/// Gives each of the kinds that were found its share.
void FlowShares::share_out() {
  for (const Number number : found_links_) {
    Link& link = links_[number];
    link.left = link.capacity.at(now());
    link.waiting = 0;
    for (const Number kind : link.kinds) {
      link.waiting += static_cast<double>(kinds_[kind].flows.size());
    }
  }
  std::vector<std::pair<double, Number>> limits;  // Of the kinds' own, ascending.
  for (const Number number : found_) {
    Kind& kind = kinds_[number];
    double limit = kind.most.at(now());
    for (const Number link : kind.links) {
      if (links_[link].visit != round_) {  // Wide enough for all of its flows, or the kind's alone.
        const double capacity = links_[link].capacity.at(now());
        const bool is_alone = is_alone_on(links_[link], number);
        limit = std::min(limit, is_alone ? capacity / double(kind.flows.size()) : capacity);
      }
    }
    kind.is_settled = kind.flows.empty();
    limits.emplace_back(limit, number);
  }
  std::sort(limits.begin(), limits.end());
  for (auto next = limits.begin(); next != limits.end();) {
    if (kinds_[next->second].is_settled) {
      ++next;
      continue;
    }
    double share = kUnlimited;
    const Link* tightest = nullptr;
    for (const Number number : found_links_) {
      const Link& link = links_[number];
      if (link.waiting > 0 && link.left / link.waiting < share) {
        share = link.left / link.waiting;
        tightest = &link;
      }
    }
    if (next->first <= share) {
      settle(kinds_[next->second], next->first);
    } else {
      for (const Number number : tightest->kinds) {
        if (!kinds_[number].is_settled) {
          settle(kinds_[number], share);
        }
      }
    }
  }
  for (const Number number : found_) {
    schedule(number);
  }
}

void FlowShares::settle(Kind& kind, double rate) {
  const auto count = static_cast<double>(kind.flows.size());
  for (const Number number : kind.links) {
    Link& link = links_[number];
    if (link.visit == round_) {
      link.left = std::max(link.left - count * rate, 0.0);
      link.waiting -= count;
    }
  }
  kind.is_settled = true;
  if (rate != kind.rate) {
    advance(kind);
    kind.rate = rate;
    ++kind.version;  // Its end is another one.
  }
}

/// Schedules the next end of a kind's flows, if it is a new one.
void FlowShares::schedule(Number number) {
  Kind& kind = kinds_[number];
  if (kind.flows.empty() || kind.scheduled == kind.version) {
    return;
  }
  kind.scheduled = kind.version;
  const double left = kind.flows.front().finish - kind.progress;
  // As in time_of_integral(), the last billionth does not wait while the rate is 0.
  const double rest = kind.rate > 0 ? 0 : kRest * kind.flows.front().finish;
  const double end = left > rest ? kind.since + left / kind.rate : kind.since;
  if (end < kUnlimited) {
    events_.schedule_in_background(end, *this, kind.version, number);
  }
}

void FlowShares::start(Number number, double size, void* job) {
  events_.hold();
  change(number, [&](Kind& kind) {
    kind.flows.push_back({kind.progress + size, started_++, job});
    std::push_heap(kind.flows.begin(), kind.flows.end(), later);
    ++kind.version;
  });
}

void FlowShares::remove_if(Number number, const std::function<bool(void*)>& is_taken) {
  change(number, [&](Kind& kind) {
    const auto taken = std::partition(kind.flows.begin(), kind.flows.end(),
                                      [&](const Flow& flow) { return !is_taken(flow.job); });
    for (auto flow = taken; flow != kind.flows.end(); ++flow) {
      events_.release();
    }
    kind.flows.erase(taken, kind.flows.end());
    std::make_heap(kind.flows.begin(), kind.flows.end(), later);
    ++kind.version;
  });
}

void FlowShares::visit(Number number, const std::function<void(void* job, double left)>& visit) {
  Kind& kind = kinds_[number];
  advance(kind);
  for (const Flow& flow : kind.flows) {
    visit(flow.job, flow.finish - kind.progress);
  }
}

/// Expects the next change of a rate that a flow depends on. At each change, all shares are
/// recomputed; nearly all rates are constant.
void FlowShares::expect_change(const network::Rate& rate) {
  const double time = rate.next_change(now());
  if (time < kUnlimited && (next_change_ <= now() || time < next_change_)) {
    next_change_ = time;
    events_.schedule_in_background(time, *this, 0, kChanges);
  }
}

void FlowShares::handle(std::uint32_t version, std::uint32_t number, void* /*subject*/) {
  if (number == kChanges) {
    rates_change();
    return;
  }
  if (version != kinds_[number].version) {
    return;
  }
  std::vector<void*> done;
  change(number, [&](Kind& kind) {
    kind.progress = kind.flows.front().finish;
    while (!kind.flows.empty() && kind.flows.front().finish <= kind.progress) {
      events_.release();
      done.push_back(kind.flows.front().job);
      std::pop_heap(kind.flows.begin(), kind.flows.end(), later);
      kind.flows.pop_back();
    }
    ++kind.version;
  });
  for (void* job : done) {
    listener_.shared(job);
  }
}

/// Recomputes all bounds and shares.
void FlowShares::rates_change() {
  for (Link& link : links_) {
    link.bounds = 0;
  }
  for (Kind& kind : kinds_) {
    kind.bound = kind.flows.empty() ? 0 : bound_of(kind);
    for (const Number link : kind.links) {
      links_[link].bounds += kind.bound;
    }
  }
  for (Number number = 0; number < kinds_.size(); ++number) {
    if (!kinds_[number].flows.empty()) {
      find_neighbours(number, std::vector<bool>(kinds_[number].links.size(), true));
      share_out();
      for (const Number link : kinds_[number].links) {
        expect_change(links_[link].capacity);
      }
      expect_change(kinds_[number].most);
    }
  }
}

}  // namespace offcut::engine
