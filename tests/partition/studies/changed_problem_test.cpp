// The changes that studies make to a problem, against the same change by hand: slow_down(),
// varied(), and the sensitivity to each parameter on problems with all that a problem may have.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../between.h"
#include "../naive.h"
#include "../random_codecs.h"
#include "../random_problem.h"
#include "naive_solver.h"
#include "partition/studies/sensitivity.h"

namespace offcut::partition::changed_problem_test {
namespace {

using What = Variation::What;
constexpr What kAll[] = {What::bandwidth, What::up,   What::down,
                         What::latency,   What::load, What::speed};

bool is_of_tier(What what) { return what == What::load || what == What::speed; }

void multiply(std::vector<Seconds>& times, std::size_t tier, double factor) {
  times[tier] = Seconds(times[tier].si() * factor);
}

/// Multiplies all that takes time on a tier.
Problem slowed_by_hand(Problem problem, std::size_t tier, double factor) {
  for (Seconds& time : problem.seconds[tier]) {
    time = Seconds(time.si() * factor);
  }
  if (!problem.per_request.empty()) {
    multiply(problem.per_request, tier, factor);
  }
  for (CrossingTensor& tensor : problem.tensors) {
    std::vector<Coding*> codings;
    if (tensor.coding) {
      codings.push_back(&*tensor.coding);
    }
    for (Coding& candidate : tensor.candidates) {
      codings.push_back(&candidate);
    }
    for (Coding* coding : codings) {
      multiply(coding->encode, tier, factor);
      multiply(coding->decode, tier, factor);
    }
  }
  return problem;
}

Problem varied_by_hand(Problem problem, const Variation& variation, double value) {
  for (const std::size_t place : variation.where) {
    if (is_of_tier(variation.what)) {
      const double factor = variation.what == What::load ? value : 1 / value;
      problem = slowed_by_hand(std::move(problem), place, factor);
      continue;
    }
    Hop& hop = problem.hops[place];
    const double factor = value / hop.up.si();
    if (variation.what == What::bandwidth) {
      hop.up = BytesPerSecond(hop.up.si() * factor);
      hop.down = BytesPerSecond(hop.down.si() * factor);
    } else if (variation.what == What::up) {
      hop.up = BytesPerSecond(value);
    } else if (variation.what == What::down) {
      hop.down = BytesPerSecond(value);
    } else {
      hop.latency = Seconds(value);
    }
  }
  return problem;
}

void check_same_cost(const Cost& cost, const NaiveCost& naive) {
  const auto about = [](double value) { return doctest::Approx(value).epsilon(1e-9); };
  CHECK(cost.latency().si() == about(naive.seconds));
  CHECK(cost.energy.si() == about(naive.joules));
  CHECK(cost.money == about(naive.money));
  CHECK(cost.bottleneck.si() == about(naive.longest));
}

/// Draws one or all places, and a range about the values that the problems have.
Variation random_variation(RandomStream& random, const Problem& problem, What what) {
  const std::size_t places = is_of_tier(what) ? problem.tier_count() : problem.hops.size();
  Variation variation{.what = what, .where = {random() % places}, .from = 0.05, .to = 2e3};
  if (random() % 3 == 0) {
    variation.where.clear();
    for (std::size_t place = 0; place < places; ++place) {
      variation.where.push_back(place);
    }
  }
  if (what == What::latency) {
    variation.from = random() % 2 == 0 ? 0 : 0.5;
    variation.to = 20;
  }
  return variation;
}

/// Returns whether a message on one of the hops may stall: if its first window is too small for the
/// round trip.
bool stalls_at(const Problem& problem, const Variation& variation, double value) {
  const Problem there = varied_by_hand(problem, variation, value);
  return std::any_of(variation.where.begin(), variation.where.end(), [&](std::size_t place) {
    const Hop& hop = there.hops[place];
    const double most = std::max(hop.up.si(), hop.down.si()) * hop.payload;
    return hop.tcp && (hop.tcp->idle_restart || hop.tcp->handshake) &&
           hop.tcp->initial_window * kSegment.si() < most * 2 * hop.latency.si();
  });
}

/// Checks a stretch at its ends and between them.
void check_stretch(const Problem& problem, const Variation& variation, const Stretch& stretch) {
  const bool is_inverse = variation.what != What::latency && variation.what != What::load;
  CHECK(stretch.from < stretch.to);
  for (int step = 0; step <= 4; ++step) {
    const double value = stretch.from + (stretch.to - stretch.from) * step / 4;
    const Problem there = varied_by_hand(problem, variation, value);
    const double least = naive_optimum(there);
    const double ours = naive_cost(there, stretch.tier_of)->value(there.goal.objective);
    CHECK(ours == doctest::Approx(least).epsilon(1e-9));
    // The objective is linear in the value, or in its inverse.
    const double s = is_inverse
                         ? (1 / value - 1 / stretch.from) / (1 / stretch.to - 1 / stretch.from)
                         : (value - stretch.from) / (stretch.to - stretch.from);
    CHECK((1 - s) * stretch.value_from + s * stretch.value_to ==
          doctest::Approx(least).epsilon(1e-8));
  }
}

}  // namespace

TEST_CASE("slow down: every time on that tier and no other, with or without codecs") {
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(841, i, {.most_layers = 6, .least_tiers = 2});
    RandomStream random = random_stream(841, "everything", i);
    add_everything(random, problem);
    add_random_codecs(problem, i);
    const std::size_t tier = random() % problem.tier_count();
    const double factor = Between{random}(1, 12) / 4.0;
    const Assignment tier_of = random_assignment(random, problem);
    CodecOf codecs;
    for (const CrossingTensor& tensor : problem.tensors) {
      if (!tensor.candidates.empty() && random() % 2 == 0) {
        codecs[tensor.name] = tensor.candidates[random() % tensor.candidates.size()].codec;
      }
    }
    INFO("seed 841, problem " << i << ", tier " << tier << ", " << to_text(tier_of) << "\n"
                              << to_dot(problem));
    Problem slow = problem;
    slow_down(slow, tier, factor);
    Problem coded_and_slow = with_codecs(problem, codecs);
    slow_down(coded_and_slow, tier, factor);
    check_same_cost(evaluate(slow, tier_of),
                    naive_cost(slowed_by_hand(problem, tier, factor), tier_of).value());
    const NaiveCost before = naive_cost(with_codecs(problem, codecs), tier_of).value();
    for (const Problem& both : {with_codecs(slow, codecs), coded_and_slow}) {
      const NaiveCost after = naive_cost(both, tier_of).value();
      check_same_cost(evaluate(both, tier_of), after);
      for (std::size_t t = 0; t < problem.tier_count(); ++t) {
        CHECK(after.busy[t] ==
              doctest::Approx(before.busy[t] * (t == tier ? factor : 1)).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("varied: each parameter on each hop or tier, as by hand") {
  for (std::uint64_t i = 0; i < 600; ++i) {
    Problem problem = random_problem(842, i, {.least_tiers = 2});
    RandomStream random = random_stream(842, "everything", i);
    add_everything(random, problem);
    const Variation variation = random_variation(random, problem, kAll[i % 6]);
    const double value = Between{random}(1, 40) / 8.0;
    const Assignment tier_of = random_assignment(random, problem);
    INFO("seed 842, problem " << i << ", " << to_text(tier_of) << "\n" << to_dot(problem));
    check_same_cost(evaluate(varied(problem, variation, value), tier_of),
                    naive_cost(varied_by_hand(problem, variation, value), tier_of).value());
  }
}

TEST_CASE("sensitivity: each parameter, as plans anew of a problem that is changed by hand") {
  std::size_t declined = 0;
  std::size_t changes[6] = {};
  for (std::uint64_t i = 0; i < 720; ++i) {
    Problem problem = random_problem(
        843, i, {.least_layers = 2, .most_layers = 4, .least_tiers = 2, .most_tiers = 3});
    RandomStream random = random_stream(843, "everything", i);
    add_everything(random, problem);
    const Variation variation = random_variation(random, problem, kAll[i % 6]);
    INFO("seed 843, problem " << i << "\n" << to_dot(problem));
    const auto found = sensitivity(problem, variation, naive_solver);
    const bool is_possible =
        problem.goal.objective.is_linear() && !problem.goal.limits.deadline &&
        naive_optimum(problem) < INFINITY &&
        (is_of_tier(variation.what) || (!stalls_at(problem, variation, variation.from) &&
                                        !stalls_at(problem, variation, variation.to)));
    REQUIRE(std::holds_alternative<Declined>(found) == !is_possible);
    if (!is_possible) {
      ++declined;
      continue;
    }
    const auto& stretches = std::get<std::vector<Stretch>>(found);
    CHECK(stretches.front().from == variation.from);
    CHECK(stretches.back().to == variation.to);
    for (std::size_t k = 0; k < stretches.size(); ++k) {
      check_stretch(problem, variation, stretches[k]);
      CHECK((k == 0 || stretches[k - 1].to == stretches[k].from));
      CHECK((k == 0 || stretches[k - 1].tier_of != stretches[k].tier_of));
    }
    changes[i % 6] += stretches.size() - 1;
  }
  CHECK(declined > 50);
  for (const std::size_t count : changes) {
    CHECK(count > 2);
  }
}

TEST_CASE("sensitivity: to the bandwidth, the scale of both directions of a hop") {
  // The value is the upward rate; the answer's rate is scaled by the same factor.
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = random_problem(
        844, i, {.least_layers = 2, .most_layers = 4, .least_tiers = 2, .most_tiers = 3});
    RandomStream random = random_stream(844, "objective", i);
    add_objective(random, problem);
    problem.goal.objective.bottleneck = 0;
    const std::size_t hop = random() % problem.hops.size();
    const double up = problem.hops[hop].up.si();
    INFO("seed 844, problem " << i << "\n" << to_dot(problem));
    const auto found = std::get<std::vector<Stretch>>(sensitivity(
        problem, {.what = What::bandwidth, .where = {hop}, .from = up / 64, .to = up * 64},
        naive_solver));
    for (const double factor : {1.0 / 64, 0.1, 1.0, 7.0, 64.0}) {
      Problem scaled = problem;
      scaled.hops[hop].up = scaled.hops[hop].up * factor;
      scaled.hops[hop].down = scaled.hops[hop].down * factor;
      const auto there = std::find_if(found.begin(), found.end(), [&](const Stretch& stretch) {
        return up * factor <= stretch.to;
      });
      REQUIRE(there != found.end());
      CHECK(naive_cost(scaled, there->tier_of)->value(scaled.goal.objective) ==
            doctest::Approx(naive_optimum(scaled)).epsilon(1e-9));
    }
  }
}

}  // namespace offcut::partition::changed_problem_test
