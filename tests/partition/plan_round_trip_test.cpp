// plan.csv of random graphs and plans: each cell against the graph, the problem and the plan, and
// the placement and codecs that are read again.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "between.h"
#include "partition/graph_problem.h"
#include "partition/plan_file.h"
#include "random_problem.h"
#include "tests/models/graph/random_graph.h"
#include "tests/temporary_folder.h"

namespace offcut::partition::plan_round_trip_test {
namespace {

using Cells = std::map<std::string, std::string>;

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {  // No field of these files has a comma or quotes.
    if (c == ',') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::vector<Cells> rows_of(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  const std::vector<std::string> names = fields_of(line);
  std::vector<Cells> rows;
  while (std::getline(lines, line)) {
    const std::vector<std::string> fields = fields_of(line);
    REQUIRE(fields.size() == names.size());
    rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) {
      rows.back()[names[i]] = fields[i];
    }
  }
  return rows;
}

/// Returns a graph as random_graph() does, with work, in which every layer makes tensors of another
/// size.
Graph random_sizes(RandomStream& random) {
  const Between between{random};
  Graph graph("sizes");
  std::vector<TensorId> tensors;
  for (int i = between(1, 2); i > 0; --i) {
    tensors.push_back(graph.add_input(fmt::format("in{}", i), {DataType::float32, {between(1, 9)}},
                                      i == 1 ? DataType::uint8 : DataType::float32));
  }
  for (int i = 0; i < 6; ++i) {
    Layer layer{.name = fmt::format("l{}", i), .op_name = fmt::format("Op{}", i % 3)};
    for (int reads = between(1, 2); reads > 0; --reads) {
      layer.inputs.push_back(
          tensors[tensors.size() - 1 - random() % std::min<std::size_t>(3, tensors.size())]);
    }
    layer.work = {.macs = double(between(0, 99)),
                  .parameter_bytes = double(between(0, 99)),
                  .activation_bytes = double(between(0, 99))};
    std::vector<TensorNode> made;
    for (int outputs = between(1, 2); outputs > 0; --outputs) {
      made.push_back({.name = fmt::format("l{}:{}", i, outputs),
                      .type = {DataType::float32, {between(1, 9)}}});
    }
    const LayerId id = graph.add_layer(std::move(layer), std::move(made));
    const auto& outputs = graph.layer(id).outputs;
    tensors.insert(tensors.end(), outputs.begin(), outputs.end());
  }
  graph.add_output(tensors.back());
  return graph;
}

Problem random_times(RandomStream& random, const Graph& graph) {
  const Between between{random};
  std::vector<TierTimes> tiers;
  const std::vector<std::string> names = {"phone", "edge", "cloud"};
  for (int tier = 0; tier < between(2, 3); ++tier) {
    tiers.push_back({.name = names[static_cast<std::size_t>(tier)], .seconds = {}});
    for (LayerId layer = 0; layer < graph.layer_count(); ++layer) {
      tiers.back().seconds.emplace_back(between(0, 99) / 8.0);
    }
  }
  const Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  const std::size_t hops = tiers.size() - 1;
  Problem problem = problem_of(graph, std::move(tiers), std::vector<Hop>(hops, hop));
  for (CrossingTensor& tensor : problem.tensors) {
    const std::vector<Seconds> none(problem.tier_count());
    tensor.candidates = {{tensor.bytes / 4, none, none, "small"},
                         {tensor.bytes / 2, none, none, "half"}};
  }
  return problem;
}

/// Returns a random plan whose crossing tensors have codecs; those of one layer have the same.
Plan random_plan(RandomStream& random, const Problem& problem, const std::string& algorithm) {
  Plan plan{.algorithm = algorithm, .tier_of = random_assignment(random, problem)};
  std::map<std::optional<LayerId>, std::size_t> choice;
  for (const std::size_t id : crossing(problem, plan.tier_of)) {
    const CrossingTensor& tensor = problem.tensors[id];
    const auto chosen = choice.emplace(tensor.producer, random() % 3).first->second;
    if (chosen < tensor.candidates.size()) {
      plan.codecs[tensor.name] = tensor.candidates[chosen].codec;
    }
  }
  plan.cost = evaluate(with_codecs(problem, plan.codecs), plan.tier_of);
  return plan;
}

/// The last tier that reads one of these tensors, and the bytes of all that leave the tier.
struct Crossing {
  std::size_t farthest;
  double bytes = 0;
  std::set<std::string> codecs = {};
};

Crossing crossing_of(const NamedPlan& named, const std::vector<TensorId>& tensors,
                     std::size_t tier) {
  Crossing all{.farthest = tier};
  for (const CrossingTensor& tensor : named.problem->tensors) {
    const TensorId id = named.graph->find_tensor(tensor.name).value();
    if (std::count(tensors.begin(), tensors.end(), id) == 0) {
      continue;
    }
    bool crosses = false;
    for (const LayerId reader : tensor.consumers) {
      crosses = crosses || named.plan->tier_of[reader] > tier;
      all.farthest = std::max(all.farthest, named.plan->tier_of[reader]);
    }
    double bytes = tensor.bytes.si();
    if (const auto codec = named.plan->codecs.find(tensor.name);
        codec != named.plan->codecs.end()) {
      bytes /= codec->second == "small" ? 4 : 2;
      all.codecs.insert(codec->second);
    }
    all.bytes += crosses ? bytes : 0;
  }
  return all;
}

void check_crossing(const NamedPlan& named, const Crossing& expected, std::size_t tier,
                    const Cells& row) {
  CHECK(std::stod(row.at("crossing_bytes")) == expected.bytes);
  CHECK(row.at("crosses_to") ==
        (expected.farthest > tier ? named.problem->tiers[expected.farthest] : ""));
  CHECK(row.at("codec") == (expected.codecs.empty() ? "" : *expected.codecs.begin()));
  CHECK(row.at("algorithm") == named.algorithm);
  CHECK(row.at("model") == named.model);
}

/// Checks the rows of one plan: those of encoded inputs, then those of the layers.
void check_rows(const NamedPlan& named, const std::vector<Cells>& rows) {
  const Graph& graph = *named.graph;
  std::size_t next = 0;
  for (const TensorId input : graph.inputs()) {
    if (named.plan->codecs.contains(graph.tensor(input).name)) {
      REQUIRE(next < rows.size());
      const Cells& row = rows[next++];
      CHECK(row.at("layer") == graph.tensor(input).name);
      CHECK(row.at("operator") == "input");
      CHECK(row.at("tier") == "phone");
      for (const char* empty :
           {"position", "compute_s", "macs", "parameter_bytes", "activation_bytes"}) {
        CHECK(row.at(empty).empty());
      }
      check_crossing(named, crossing_of(named, {input}, 0), 0, row);
    }
  }
  REQUIRE(rows.size() == next + graph.layer_count());
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Cells& row = rows[next + id];
    const Layer& layer = graph.layer(id);
    const std::size_t tier = named.plan->tier_of[id];
    CHECK(row.at("position") == std::to_string(id));
    CHECK(row.at("layer") == layer.name);
    CHECK(row.at("operator") == layer.op_name);
    CHECK(row.at("tier") == named.problem->tiers[tier]);
    CHECK(std::stod(row.at("compute_s")) == named.problem->seconds[tier][id].si());
    CHECK(std::stod(row.at("macs")) == layer.work.macs);
    CHECK(std::stod(row.at("parameter_bytes")) == layer.work.parameter_bytes);
    CHECK(std::stod(row.at("activation_bytes")) == layer.work.activation_bytes);
    check_crossing(named, crossing_of(named, layer.outputs, tier), tier, row);
  }
}

/// Checks what is read again of one plan.
void check_reading(const NamedPlan& named, const std::string& path) {
  const Graph& graph = *named.graph;
  const Placement placement = read_plan_file(graph, path, named.algorithm, named.model);
  REQUIRE(placement.tier_of.size() == graph.layer_count());
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    CHECK(placement.tiers[placement.tier_of[id]] == named.problem->tiers[named.plan->tier_of[id]]);
  }
  for (const CutTensor& cut : crossings(graph, placement)) {
    for (const std::size_t to : cut.to) {
      CHECK((!graph.tensor(cut.tensor).producer || to > cut.from));
    }
  }
  const auto codecs = read_plan_codecs(graph, path, named.algorithm, named.model);
  for (const auto& [name, codec] : named.plan->codecs) {
    CHECK(codecs.at(graph.find_tensor(name).value()) == codec);
  }
  for (const auto& [tensor, codec] : codecs) {
    const TensorNode& node = graph.tensor(tensor);
    const bool is_chosen = named.plan->codecs.contains(node.name);
    // A row is of a layer, so its codec is that of all of the layer's outputs.
    CHECK((is_chosen || graph.layer(node.producer.value()).outputs.size() > 1));
  }
}

}  // namespace

TEST_CASE("plan file: every cell of random plans, which are read again") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "plan.csv";
  std::size_t coded = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(871, "plan", i);
    const Graph ours = random_sizes(random);
    const Graph theirs = random_sizes(random);
    const Problem our_problem = random_times(random, ours);
    const Problem their_problem = random_times(random, theirs);
    std::vector<Plan> plans;
    for (const char* algorithm : {"first", "second"}) {
      plans.push_back(random_plan(random, our_problem, algorithm));
      plans.push_back(random_plan(random, their_problem, algorithm));
    }
    std::vector<NamedPlan> named;
    for (std::size_t k = 0; k < plans.size(); ++k) {
      named.push_back({plans[k].algorithm, k % 2 == 0 ? "ours" : "theirs",
                       k % 2 == 0 ? &ours : &theirs, k % 2 == 0 ? &our_problem : &their_problem,
                       &plans[k]});
      coded += plans[k].codecs.size();
    }
    write_plan_file(named, path);
    const std::vector<Cells> rows = rows_of(read_file(path));
    for (const NamedPlan& one : named) {
      std::vector<Cells> own;
      std::copy_if(rows.begin(), rows.end(), std::back_inserter(own), [&](const Cells& row) {
        return row.at("algorithm") == one.algorithm && row.at("model") == one.model;
      });
      check_rows(one, own);
      check_reading(one, path);
    }
  }
  CHECK(coded > 100);
}

}  // namespace offcut::partition::plan_round_trip_test
