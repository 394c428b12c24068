#include <doctest/doctest.h>

#include "models/base/error.h"
#include "partition/plan_file.h"
#include "tests/models/graph/random_graph.h"
#include "tests/temporary_folder.h"

namespace offcut::partition::file_test {
namespace {

/// The chain a -> b -> c on three tiers.
struct Chain {
  Graph graph{"chain"};
  Problem problem;

  Chain() {
    TensorId last = graph.add_input("in", {DataType::float32, {4}}, DataType::float32);
    problem = {};
    problem.tiers = {"device", "edge", "cloud"};
    problem.seconds.assign(3, std::vector<Seconds>(3, Seconds(1)));
    problem.hops.assign(2, {BytesPerSecond(1), BytesPerSecond(1), Seconds(0)});
    problem.tensors.push_back({.name = "in", .consumers = {0}, .bytes = Bytes(16)});
    for (const char* name : {"a", "b", "c"}) {
      const LayerId id = add_plain_layer(graph, name, {last});
      last = graph.layer(id).outputs[0];
      problem.layers.emplace_back(name);
      problem.tensors.push_back(
          {.name = graph.tensor(last).name, .producer = id, .bytes = Bytes(16)});
      if (id < 2) {
        problem.tensors.back().consumers = {id + 1};
      }
    }
    problem.tensors.back().is_output = true;
    graph.add_output(last);
    problem.extras.graph = &graph;
    problem.extras.model = "ours";
  }

  Outcome solve(const std::string& text, const std::string& of = "") const {
    Registry<Algorithm> algorithms;
    register_algorithms(algorithms);
    const TemporaryFolder folder;
    const Algorithm& algorithm = *algorithms.find("file");
    Parameters parameters = defaults(algorithm.parameters);
    parameters.set("file", folder.write("plan.csv", text));
    parameters.set("of", of);
    return partition::solve(algorithm, problem, parameters);
  }

  Assignment tiers(const std::string& text, const std::string& of = "") const {
    return std::get<Plan>(solve(text, of)).tier_of;
  }

  /// Returns the errors as lines of "line:column: message".
  std::string errors(const std::string& text) const {
    std::string messages;
    try {
      solve(text);
    } catch (const InputError& error) {
      for (const Diagnostic& diagnostic : error.diagnostics()) {
        messages += fmt::format("{}:{}: {}\n", diagnostic.place.line, diagnostic.place.column,
                                diagnostic.message);
      }
    }
    return messages;
  }
};

const std::string kHeader = "algorithm,layer,tier\n";

}  // namespace

TEST_CASE("file: the plan of a file, also one that skips a tier") {
  const Chain chain;
  CHECK(chain.tiers(kHeader + "x,a,device\nx,b,edge\nx,c,cloud\n") == Assignment{0, 1, 2});
  CHECK(chain.tiers(kHeader + "x,c,cloud\nx,b,device\nx,a,device\n") == Assignment{0, 0, 2});
  const std::string two =
      kHeader + "x,a,device\nx,b,edge\nx,c,cloud\ny,a,edge\ny,b,edge\ny,c,edge\n";
  CHECK(chain.tiers(two) == Assignment{0, 1, 2});
  CHECK(chain.tiers(two, "y") == Assignment{1, 1, 1});
}

TEST_CASE("file: the only model of a plan, whatever its name, or else that of the problem") {
  const Chain chain;
  const std::string header = "algorithm,layer,tier,model\n";
  const std::string other = "x,a,edge,theirs\nx,b,edge,theirs\nx,c,edge,theirs\n";
  CHECK(chain.tiers(header + other) == Assignment{1, 1, 1});
  CHECK(chain.tiers(header + other + "x,a,device,ours\nx,b,device,ours\nx,c,cloud,ours\n") ==
        Assignment{0, 0, 2});
  CHECK(chain.errors(header + other + "x,a,edge,third\nx,b,edge,third\nx,c,edge,third\n") ==
        "0:0: holds no plan of model 'ours'; valid: theirs, third\n");
}

TEST_CASE("file: codecs are those of the file, which the scenario must have") {
  Chain chain;
  const std::string text = "algorithm,layer,tier,codec\nx,a,device,\nx,b,device,half\nx,c,cloud,\n";
  CHECK(refusal_text(chain.solve(text)) == "declines: the file gives tensor '" +
                                               chain.problem.tensors[2].name +
                                               "' the codec 'half', but 'codec' does not have it");
  const std::vector<Seconds> none(3, Seconds(0));
  chain.problem.tensors[2].candidates = {{Bytes(8), none, none, "half"}};
  const Plan plan = std::get<Plan>(chain.solve(text));
  CHECK(plan.codecs == CodecOf{{chain.problem.tensors[2].name, "half"}});
  CHECK(plan.cost.latency().si() == doctest::Approx(3 + 8 + 8 + 16 + 16));
}

TEST_CASE("file: all errors of a file at once") {
  Chain chain;
  CHECK(chain.errors(kHeader + "x,a,cloud\nx,b,edge\nx,c,clout\n") ==
        "3:5: layer 'b' is on 'edge', but reads layer 'a' of the later tier 'cloud'\n"
        "4:5: unknown tier 'clout'; did you mean 'cloud'?\n");
  CHECK(chain.errors(kHeader + "x,a,device\nx,bb,edge\n") ==
        "3:3: the model has no layer 'bb'; did you mean 'b'?\n"
        "0:0: the plan of 'x' places 1 of the model's 3 layers; missing: b, c\n");
  chain.problem.goal.limits.pinned = {0};
  CHECK(chain.errors(kHeader + "x,a,edge\nx,b,edge\nx,c,edge\n") ==
        "2:5: layer 'a' is pinned to 'device'\n");
}

TEST_CASE("file: without a file it declines") {
  const Chain chain;
  Registry<Algorithm> algorithms;
  register_algorithms(algorithms);
  const Algorithm& algorithm = *algorithms.find("file");
  CHECK(refusal_text(partition::solve(algorithm, chain.problem, defaults(algorithm.parameters))) ==
        "declines: it needs 'file': a plan.csv with the tier of each layer");
}

}  // namespace offcut::partition::file_test
