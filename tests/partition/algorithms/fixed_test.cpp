#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::fixed_test {
namespace {

Outcome fixed(const Problem& problem, const std::string& after) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  Parameters parameters;
  parameters.set("after", after);
  return solve(*registry.find("fixed"), problem, parameters);
}

/// A diamond on three tiers: a feeds b and c, which d joins.
Problem diamond() {
  const Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  return {{.tiers = {"device", "edge", "cloud"},
           .layers = {"a", "b", "c", "d"},
           .seconds = {3, std::vector<Seconds>(4, Seconds(1))},
           .tensors = {{"in", {}, {0}, Bytes(1)},
                       {"a", 0, {1, 2}, Bytes(1)},
                       {"b", 1, {3}, Bytes(1)},
                       {"c", 2, {3}, Bytes(1)},
                       {"d", 3, {}, Bytes(1), true}},
           .hops = {hop, hop}}};
}

Assignment assignment(const std::string& after) {
  return std::get<Plan>(fixed(diamond(), after)).tier_of;
}
std::string reason(const std::string& after) {
  return std::get<Declined>(fixed(diamond(), after)).reason;
}

}  // namespace

TEST_CASE("fixed: layers up to the named one are on the device, the rest beyond the first hop") {
  CHECK(assignment("input") == Assignment{1, 1, 1, 1});
  CHECK(assignment("a") == Assignment{0, 1, 1, 1});
  CHECK(assignment("d") == Assignment{0, 0, 0, 0});
}

TEST_CASE("fixed: a layer of one branch leaves the other branch after the cut") {
  CHECK(assignment("b") == Assignment{0, 0, 1, 1});
  CHECK(assignment("c") == Assignment{0, 1, 0, 1});
}

TEST_CASE("fixed: a layer for each hop") {
  CHECK(assignment("a b") == Assignment{0, 1, 2, 2});
  CHECK(assignment("b c") == Assignment{0, 0, 1, 2});
  CHECK(assignment("input input") == Assignment{2, 2, 2, 2});
  CHECK(assignment("input d") == Assignment{1, 1, 1, 1});
  CHECK(assignment("a input") == Assignment{0, 2, 2, 2});  // Placed layers keep their tier.
}

TEST_CASE("fixed: layers are named from the device on") {
  CHECK(reason("b a") ==
        "'a' comes before 'b': name the layers from the device on, and 'input' for a tier without "
        "layers");
  CHECK(assignment("b b") == Assignment{0, 0, 2, 2});
}

TEST_CASE("fixed: names are separated by blanks, commas, or, in a list, line feeds") {
  for (const char* names : {"b c", "b, c", "b,c", " b \t c ", "b\nc\n"}) {
    CHECK(assignment(names) == Assignment{0, 0, 1, 2});
  }
  // A name with a blank or a comma stands in a list, or alone.
  Problem problem = diamond();
  problem.layers[1] = "b, or c";
  const auto tiers_of = [&](const char* after) {
    return std::get<Plan>(fixed(problem, after)).tier_of;
  };
  CHECK(tiers_of("b, or c\nc\n") == Assignment{0, 0, 1, 2});
  CHECK(tiers_of("b, or c") == Assignment{0, 0, 1, 1});
  CHECK(std::holds_alternative<Declined>(fixed(problem, "b, or c, c")));
}

TEST_CASE("fixed: declines lists that are not a cut") {
  CHECK(reason("") == "it needs 'after': the layer to cut after, or 'input'");
  CHECK(reason("a b c") == "'after' may name at most 2 layers, one for each hop");
  CHECK(reason("A") == "there is no layer 'A'; did you mean 'a'?");
}

TEST_CASE("fixed: any names make a plan that never goes back, unless the second comes first") {
  // The plan of each is verified by solve(). A layer that was placed by an earlier name must stay.
  const std::uint64_t seed = 305;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Problem problem = random_problem(seed, i, {.least_tiers = 3});
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    for (const std::string& first : problem.layers) {
      for (const std::string& second : problem.layers) {
        const Outcome outcome = fixed(problem, first + " " + second);
        const auto* declined = std::get_if<Declined>(&outcome);
        CHECK((std::holds_alternative<Plan>(outcome) ||
               (declined != nullptr && declined->reason.starts_with(
                                           fmt::format("'{}' comes before '{}'", second, first)))));
      }
    }
  }
}

}  // namespace offcut::partition::fixed_test
