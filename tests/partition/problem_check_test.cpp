// The numbers that Problem::check() refuses, one by one, and the answers of a problem about its
// codecs and its unknown powers.

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "complaint.h"
#include "partition/evaluation.h"

namespace offcut::partition::problem_check_test {
namespace {

std::vector<Seconds> seconds(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}

/// The chain in -> a -> b -> c, the answer, on three tiers.
Problem chain() {
  const Hop hop{BytesPerSecond(2), BytesPerSecond(1), Seconds(0.5)};
  return {{.tiers = {"device", "edge", "cloud"},
           .layers = {"a", "b", "c"},
           .seconds = {3, seconds({1, 2, 3})},
           .tensors = {{"in", {}, {0}, Bytes(8)},
                       {"a", 0, {1}, Bytes(4)},
                       {"b", 1, {2}, Bytes(2)},
                       {"c", 2, {}, Bytes(1), true}},
           .hops = {hop, hop}}};
}

/// Calls visit(number) with each number of a problem that is an amount: finite and not negative.
template <class Visit>
void each_amount(Problem& problem, Visit visit) {
  const auto all = [&](std::vector<Seconds>& times) {
    std::for_each(times.begin(), times.end(), visit);
  };
  std::for_each(problem.seconds.begin(), problem.seconds.end(), all);
  all(problem.per_request);
  std::for_each(problem.price.begin(), problem.price.end(), visit);
  for (Hop& hop : problem.hops) {
    visit(hop.latency);
    visit(hop.per_message);
    visit(hop.price);
  }
  const auto coding = [&](Coding& one) {
    visit(one.bytes);
    all(one.encode);
    all(one.decode);
  };
  for (CrossingTensor& tensor : problem.tensors) {
    visit(tensor.bytes);
    coding(*tensor.coding);
    std::for_each(tensor.candidates.begin(), tensor.candidates.end(), coding);
  }
  for (LayerMemory& memory : problem.memory) {
    visit(memory.parameters);
    visit(memory.working);
  }
  for (Watts* power : {&problem.power.busy, &problem.power.send, &problem.power.receive,
                       &problem.power.idle, &problem.radio.promoting, &problem.radio.waiting}) {
    visit(*power);
  }
  visit(problem.radio.promotion);
  visit(problem.radio.tail);
  for (DeviceClass& other : problem.extras.classes) {
    all(other.seconds);
    visit(other.hop.latency);
    visit(other.per_request);
  }
  Objective& objective = problem.goal.objective;
  for (double* weight :
       {&objective.latency, &objective.energy, &objective.money, &objective.bottleneck}) {
    visit(*weight);
  }
}

/// Returns a valid problem with something of every kind.
Problem with_all() {
  Problem problem = chain();
  const Coding coding{Bytes(1), seconds({0, 0, 0}), seconds({0, 0, 0}), "codec"};
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.coding = coding;
    tensor.candidates = {coding, coding};
  }
  problem.per_request = seconds({0, 0, 0});
  problem.price = {0, 0, 0};
  problem.memory.resize(3);
  problem.hops[1].tcp = Tcp{.initial_window = 1};
  problem.extras.classes = {
      {.name = "watch", .seconds = seconds({0, 0, 0}), .hop = problem.hops[0]}};
  problem.extras.exits = {{.output = "c", .leaves = 1.0, .accuracy = 0.0}};
  return problem;
}

}  // namespace

TEST_CASE("problem: each of its amounts must be finite and not negative") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  std::size_t count = 0;
  Problem all = with_all();
  each_amount(all, [&](auto&) { ++count; });
  CHECK(count > 100);
  for (std::size_t index = 0; index < count; ++index) {
    for (const double value : {0.0, 1e9, -1e-9, kInfinity, kNan}) {
      CAPTURE(index);
      CAPTURE(value);
      Problem problem = with_all();
      std::size_t i = 0;
      each_amount(problem, [&](auto& amount) {
        if (i++ == index) {
          amount = std::remove_reference_t<decltype(amount)>(value);
        }
      });
      CHECK(complaint(problem).empty() == (value == 0 || value == 1e9));
    }
  }
}

TEST_CASE("problem: the sizes of its parts, and the numbers with other bounds") {
  const auto is_valid = [](auto change) {
    Problem problem = with_all();
    change(problem);
    return complaint(problem).empty();
  };
  CHECK(is_valid([](Problem&) {}));
  CHECK(is_valid([](Problem& p) { p.per_request.clear(); }));
  CHECK(!is_valid([](Problem& p) { p.per_request.pop_back(); }));
  CHECK(is_valid([](Problem& p) { p.price.clear(); }));
  CHECK(!is_valid([](Problem& p) { p.price.pop_back(); }));
  CHECK(is_valid([](Problem& p) { p.memory.clear(); }));
  CHECK(!is_valid([](Problem& p) { p.memory.pop_back(); }));
  CHECK(!is_valid([](Problem& p) { p.tensors[2].coding->encode.pop_back(); }));
  CHECK(!is_valid([](Problem& p) { p.tensors[2].coding->decode.pop_back(); }));
  CHECK(!is_valid([](Problem& p) { p.tensors[2].candidates[1].decode.pop_back(); }));
  CHECK(is_valid([](Problem& p) { p.goal.limits.memory.resize(3); }));
  CHECK(!is_valid([](Problem& p) { p.goal.limits.memory.resize(2); }));
  CHECK(!is_valid([](Problem& p) { p.extras.classes[0].seconds.pop_back(); }));
  CHECK(!is_valid([](Problem& p) { p.extras.classes[0].hop.up = BytesPerSecond(0); }));
  for (std::size_t hop : {0U, 1U}) {
    CHECK(is_valid([&](Problem& p) { p.hops[hop].payload = 1; }));
    CHECK(is_valid([&](Problem& p) { p.hops[hop].payload = 1e-9; }));
    CHECK(!is_valid([&](Problem& p) { p.hops[hop].payload = 0; }));
    CHECK(!is_valid([&](Problem& p) { p.hops[hop].payload = 1.001; }));
    CHECK(!is_valid([&](Problem& p) { p.hops[hop].tcp = Tcp{.initial_window = 0.99}; }));
  }
  for (std::optional<double> ExitStatistics::*share :
       {&ExitStatistics::leaves, &ExitStatistics::accuracy}) {
    CHECK(is_valid([&](Problem& p) { p.extras.exits[0].*share = std::nullopt; }));
    CHECK(is_valid([&](Problem& p) { p.extras.exits[0].*share = 0; }));
    CHECK(is_valid([&](Problem& p) { p.extras.exits[0].*share = 1; }));
    CHECK(!is_valid([&](Problem& p) { p.extras.exits[0].*share = -0.001; }));
    CHECK(!is_valid([&](Problem& p) { p.extras.exits[0].*share = 1.001; }));
  }
  CHECK(!is_valid([](Problem& p) { p.extras.exits[0].output = std::string(1, 'b'); }));
  CHECK(!is_valid([](Problem& p) { p.extras.exits[0].output = "other"; }));
}

TEST_CASE("problem: each named tensor gets the codec of that name, other tensors keep theirs") {
  Problem problem = with_all();
  problem.tensors[1].candidates[0] = {Bytes(3), seconds({1, 2, 3}), seconds({4, 5, 6}), "other"};
  const auto error = [&](const CodecOf& codecs) {
    try {
      with_codecs(problem, codecs);
    } catch (const std::logic_error& refusal) {
      return std::string(refusal.what());
    }
    return std::string();
  };
  const Problem chosen = with_codecs(problem, {{"a", "other"}, {"b", "codec"}});
  CHECK(chosen.tensors[1].coding->bytes == Bytes(3));
  CHECK(chosen.tensors[1].coding->encode == seconds({1, 2, 3}));
  CHECK(chosen.tensors[1].coding->decode == seconds({4, 5, 6}));
  CHECK(chosen.tensors[2].coding->bytes == Bytes(1));
  CHECK(chosen.tensors[0].coding->codec == "codec");
  problem.tensors[1].candidates.clear();
  CHECK(error({{"a", "codec"}}).empty());  // It has that coding already.
  CHECK(error({{"a", "other"}}) == "partition problem: tensor 'a' can't have the codec 'other'");
  CHECK(error({{"z", "codec"}}) == "partition problem: codecs must name tensors of the problem");
}

TEST_CASE("power: the first unknown draw that a plan needs") {
  Problem problem = chain();
  const Cost stays = evaluate(problem, {0, 0, 0});
  const Cost leaves = evaluate(problem, {0, 0, 1});
  CHECK(unknown_power(problem).empty());
  problem.power.radio_known = false;
  CHECK(unknown_power(problem) == "the power draw of the radio from 'device' to 'edge' is unknown");
  CHECK(unknown_power(problem, &stays).empty());
  CHECK(unknown_power(problem, &leaves) == unknown_power(problem));
  problem.power.machine_known = false;
  CHECK(unknown_power(problem, &stays) == "the power draw of 'device' is unknown");
  CHECK(unknown_power(problem, &leaves) == "the power draw of 'device' is unknown");
}

}  // namespace offcut::partition::problem_check_test
