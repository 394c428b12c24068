#pragma once

#include <boost/container/small_vector.hpp>
#include <functional>
#include <limits>
#include <vector>

#include "sim/engine/links/fair_share.h"

namespace offcut::engine {

/// Links that flows share max-min, where a flow may cross several of them: no flow can be given
/// more without taking from one that has as little or less. The unique solution, by progressive
/// filling (Bertsekas and Gallager, "Data Networks", section 6.5.2).
///
/// Flows are in kinds: those of a kind cross the same links and have the same limit of their own,
/// so that all have the same share at any time. A flow costs log n of its kind. Where flows begin
/// or end, the shares are recomputed of those kinds alone that links connect which may be
/// bottlenecks: whose flows could together exceed them. Capacities may change over time.
class FlowShares final : EventQueue::Handler {
 public:
  using Number = std::uint32_t;

  /// `listener` is told of flows that are through, and that are no longer on the links.
  FlowShares(EventQueue& events, FairShares::Listener& listener)
      : events_(events), listener_(listener) {}

  /// Adds links of these capacities, and returns the number of the first one.
  Number add_links(std::size_t count, const network::Rates& capacities);
  /// Adds a kind of flows over these links, none of which is faster than `most`.
  Number add_kind(std::vector<Number> links, const network::Rate& most);

  /// Begins to serve a flow. REQUIRES: size >= 0.
  void start(Number kind, double size, void* job);
  /// Removes the flows of a kind for which `is_taken` returns true.
  void remove_if(Number kind, const std::function<bool(void*)>& is_taken);
  /// Calls `visit` with each flow of a kind and the part of its size that is left now.
  void visit(Number kind, const std::function<void(void* job, double left)>& visit);
  std::size_t kinds() const { return kinds_.size(); }

 private:
  struct Flow {
    double finish;  // The value of Kind::progress at which it is through.
    std::uint64_t order;
    void* job;
  };
  struct Kind {
    boost::container::small_vector<Number, 3> links;
    boost::container::small_vector<Number, 3> places;  // In Link::kinds, while it has flows.
    network::Rate most;
    boost::container::small_vector<Flow, 1> flows = {};  // A heap, with the first to end on top.
    double progress = 0;                                 // Made by a flow since it last had none.
    double since = 0;                                    // The time of `progress`.
    double rate = 0;                                     // Of each flow.
    double bound = 0;             // The most that its flows could take together of any link.
    std::uint32_t version = 0;    // Events of other versions are out of date.
    std::uint32_t scheduled = 0;  // The version whose event is scheduled.
    std::uint32_t visit = 0;      // The last round in which it was found.
    bool is_settled = false;      // Its share in the present round is known.
  };
  struct Link {
    network::Rate capacity;
    std::vector<Number> kinds = {};  // Those with flows.
    double bounds = 0;               // The sum of their bounds.
    double left = 0;                 // In a round: the capacity that is not given out.
    double waiting = 0;              // In a round: the flows without a share.
    std::uint32_t visit = 0;
  };
  /// Stands for a kind in the events of rates that change.
  static constexpr Number kChanges = std::numeric_limits<Number>::max();

  static bool later(const Flow& a, const Flow& b);
  void handle(std::uint32_t version, std::uint32_t kind, void* subject) override;
  double now() const { return events_.now(); }
  void advance(Kind& kind) const;
  bool may_fill(const Link& link) const;
  static bool is_alone_on(const Link& link, Number kind) {
    return link.kinds.size() == 1 && link.kinds.front() == kind;
  }
  double bound_of(const Kind& kind) const;
  template <class Change>
  void change(Number number, Change change);
  void join(Number number);
  void leave(Number number);
  void find_neighbours(Number number, const std::vector<bool>& may_have_filled);
  void share_out();
  void settle(Kind& kind, double rate);
  void schedule(Number number);
  void expect_change(const network::Rate& rate);
  void rates_change();

  EventQueue& events_;
  FairShares::Listener& listener_;
  std::vector<Link> links_;
  std::vector<Kind> kinds_;
  std::vector<Number> found_;        // The kinds whose shares are recomputed.
  std::vector<Number> found_links_;  // The links that may be their bottlenecks.
  std::uint64_t started_ = 0;
  std::uint32_t round_ = 0;
  double next_change_ = -1;  // The time of the scheduled change of a rate; -1: none.
};

}  // namespace offcut::engine
