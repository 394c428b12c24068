#include <doctest/doctest.h>

#include "partition/graph_problem.h"
#include "partition/plan_file.h"
#include "tests/models/graph/random_graph.h"
#include "tests/temporary_folder.h"

namespace offcut::partition::plan_file_table_test {
namespace {

/// The graph in -> first -> (left, right), where right also reads the input; four elements each.
Graph fork_graph() {
  Graph graph("fork");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::uint8);
  const LayerId first = add_plain_layer(graph, "first", {in});
  const TensorId between = graph.layer(first).outputs[0];
  const LayerId left = add_plain_layer(graph, "left", {between});
  const LayerId right = add_plain_layer(graph, "right", {between, in});
  graph.add_output(graph.layer(left).outputs[0]);
  graph.add_output(graph.layer(right).outputs[0]);
  return graph;
}

}  // namespace

TEST_CASE("plan file: a row per layer, which the reader reads again") {
  const TemporaryFolder folder;
  const Graph graph = fork_graph();
  const Problem problem = problem_of(graph,
                                     {{"phone", {Seconds(1), Seconds(2), Seconds(3)}},
                                      {"cloud", {Seconds(0.5), Seconds(0.25), Seconds(0)}}},
                                     {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}});
  const Plan plan{.algorithm = "by hand", .tier_of = {0, 0, 1}};
  const std::string path = folder.path() / "plan.csv";
  write_plan_file({{"a, b", "one", &graph, &problem, &plan}}, path);
  // The 16 B of `first` cross once. `in` crosses unencoded, with four bytes, so it has no row.
  const std::string text = read_file(path);
  CHECK(
      text.starts_with("algorithm,position,layer,operator,tier,compute_s,macs,parameter_bytes,"
                       "activation_bytes,crossing_bytes,crosses_to,codec,model\n"
                       "\"a, b\",0,first,"));
  CHECK(text.find(",16,cloud,,one\n\"a, b\",1,left,") != std::string::npos);
  CHECK(text.find(",phone,2,") != std::string::npos);
  CHECK(text.find(",0,,,one\n\"a, b\",2,right,") != std::string::npos);
  const Placement placement = read_plan_file(graph, path, "a, b", "one");
  CHECK(placement.tiers == std::vector<std::string>{"phone", "cloud"});
  CHECK(placement.tier_of == plan.tier_of);
}

TEST_CASE("plan file: the descriptions of its columns") {
  CHECK(plan_file_table_text().file == "plan.csv");
  CHECK(plan_file_table_text().columns.size() == 14);
}

}  // namespace offcut::partition::plan_file_table_test
