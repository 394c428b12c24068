#include "partition/plan_file.h"

#include <doctest/doctest.h>

#include "models/base/error.h"
#include "tests/models/graph/random_graph.h"
#include "tests/temporary_folder.h"

namespace offcut::partition::plan_file_test {
namespace {

/// The graph in -> a -> (b, c) -> d.
Graph diamond() {
  Graph graph("diamond");
  const TensorId in = graph.add_input("in", {DataType::float32, {4}}, DataType::uint8);
  const auto out = [&](LayerId layer) { return graph.layer(layer).outputs[0]; };
  const LayerId a = add_plain_layer(graph, "a", {in});
  const LayerId b = add_plain_layer(graph, "b", {out(a)});
  const LayerId c = add_plain_layer(graph, "c", {out(a), in});
  const LayerId d = add_plain_layer(graph, "d", {out(b), out(c)});
  graph.add_output(out(d));
  return graph;
}

/// Returns the rows of a plan with these tiers for a to d.
std::string plan(const std::string& algorithm, const std::vector<std::string>& tiers) {
  std::string rows;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    rows += fmt::format("{},{},{},Relu,{},0.5\n", algorithm, i, std::string(1, char('a' + i)),
                        tiers[i]);
  }
  return rows;
}
const std::string kHeader = "algorithm,position,layer,operator,tier,compute_s\n";

Placement read(const std::string& rows, const std::string& algorithm = "") {
  const TemporaryFolder folder;
  return read_plan_file(diamond(), folder.write("plan.csv", kHeader + rows), algorithm);
}

/// Returns the errors as lines of "line: message".
std::string refusal(const std::string& text, const std::string& algorithm = "",
                    const std::string& model = "") {
  const TemporaryFolder folder;
  std::string messages;
  try {
    read_plan_file(diamond(), folder.write("plan.csv", text), algorithm, model);
  } catch (const InputError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      messages += fmt::format("{}: {}\n", diagnostic.place.line, diagnostic.message);
    }
  }
  return messages;
}

using Tiers = std::vector<std::string>;

}  // namespace

TEST_CASE("plan file: an error has the line and the column of its field") {
  const TemporaryFolder folder;
  const std::string rows = "x,0,a,Relu,dev,1\nx,1,b,Relu,,1\nx,2,zz,Relu,dev,1\nx,3,d,Relu,dev,1\n";
  std::vector<std::pair<int, int>> places;
  try {
    read_plan_file(diamond(), folder.write("plan.csv", kHeader + rows), "x");
  } catch (const InputError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      places.emplace_back(diagnostic.place.line, diagnostic.place.column);
    }
  }
  // The empty tier of b, the unknown layer zz, and, for the whole file, the missing layer c.
  CHECK(places == std::vector<std::pair<int, int>>{{3, 12}, {4, 5}, {0, 0}});
}

TEST_CASE("plan file: the codecs of the chosen plan's tensors, if there is such a column") {
  const TemporaryFolder folder;
  const Graph graph = diamond();
  const auto made_by = [&](LayerId layer) { return graph.layer(layer).outputs[0]; };
  const std::string text =
      "algorithm,layer,tier,codec\n"
      "one,a,x,int8\none,b,y,\none,c,y,fp16\none,d,y,\n"
      "two,a,x,int4\ntwo,b,x,\ntwo,c,x,\ntwo,d,x,\n";
  const std::string path = folder.write("plan.csv", text);
  using Codecs = std::map<TensorId, std::string>;
  CHECK(read_plan_codecs(graph, path, "") == Codecs{{made_by(0), "int8"}, {made_by(2), "fp16"}});
  CHECK(read_plan_codecs(graph, path, "two") == Codecs{{made_by(0), "int4"}});
  const std::string without =
      folder.write("without.csv", kHeader + plan("best", {"x", "x", "x", "x"}));
  CHECK(read_plan_codecs(graph, without, "").empty());
}

TEST_CASE("plan file: an input that crosses encoded has a row, and is not a layer") {
  const TemporaryFolder folder;
  const Graph graph = diamond();
  const std::string header = "algorithm,layer,operator,tier,codec\n";
  const std::string layers = "best,a,Relu,y,\nbest,b,Relu,y,\nbest,c,Relu,y,\nbest,d,Relu,y,\n";
  const std::string path = folder.write("plan.csv", header + "best,in,input,x,int8\n" + layers);
  CHECK(read_plan_codecs(graph, path, "") ==
        std::map<TensorId, std::string>{{graph.inputs()[0], "int8"}});
  CHECK(read_plan_file(graph, path, "").tiers == std::vector<std::string>{"y"});
  CHECK(refusal(header + "best,out,input,x,int8\n" + layers) ==
        "2: the model has no input 'out'\n");
}

TEST_CASE("plan file: one of several models that were planned together") {
  const TemporaryFolder folder;
  const Graph graph = diamond();
  const std::string text =
      "algorithm,layer,tier,codec,model\n"
      "one,a,x,,ours\none,b,x,,ours\none,c,y,,ours\none,d,y,,ours\n"
      "one,z,x,,other\n"
      "one,a,x,int8,theirs\none,b,y,,theirs\none,c,y,,theirs\none,d,y,,theirs\n"
      "two,a,y,,theirs\ntwo,b,y,,theirs\ntwo,c,y,,theirs\ntwo,d,y,,theirs\n";
  const std::string path = folder.write("plan.csv", text);
  CHECK(read_plan_file(graph, path, "", "ours").tier_of == Assignment{0, 0, 1, 1});
  CHECK(read_plan_file(graph, path, "", "theirs").tier_of == Assignment{0, 1, 1, 1});
  CHECK(read_plan_codecs(graph, path, "", "ours").empty());
  CHECK(read_plan_codecs(graph, path, "", "theirs").size() == 1);
  CHECK(read_plan_file(graph, path, "two").tiers == Tiers{"y"});
  CHECK(refusal(text) ==
        "0: holds plans of several models; expected the name of one: ours, other, theirs\n");
  CHECK(refusal(text, "one", "their") ==
        "0: holds no plan of model 'their'; did you mean 'theirs'?\n");
}

TEST_CASE("plan file: the first plan of a model that another algorithm declined") {
  const TemporaryFolder folder;
  const Graph graph = diamond();
  const std::string path =
      folder.write("plan.csv",
                   "algorithm,layer,tier,codec,model\n"
                   "one,a,x,,early\none,b,x,,early\none,c,x,,early\none,d,x,,early\n"
                   "two,a,y,,late\ntwo,b,y,,late\ntwo,c,y,,late\ntwo,d,y,,late\n");
  CHECK(read_plan_file(graph, path, "", "late").tiers == Tiers{"y"});
  CHECK(refusal("algorithm,layer,tier\none,a,x\n", "", "late") ==
        "1: column 'model' is missing; it names the model of each plan\n");
}

TEST_CASE("plan file: tiers are in the order of the data, whatever the order of the rows") {
  const Placement placement = read(plan("best", {"phone", "phone", "edge", "cloud"}));
  CHECK(placement.tiers == Tiers{"phone", "edge", "cloud"});
  CHECK(placement.tier_of == Assignment{0, 0, 1, 2});
  // The rows are in reverse order.
  CHECK(read("x,3,d,R,cloud,0\nx,2,c,R,edge,0\nx,1,b,R,phone,0\nx,0,a,R,phone,0\n").tiers ==
        Tiers{"phone", "edge", "cloud"});
  CHECK(read(plan("one", {"cloud", "cloud", "cloud", "cloud"})).tiers == Tiers{"cloud"});
}

TEST_CASE("plan file: one of several plans") {
  const std::string rows = plan("best", {"phone", "phone", "cloud", "cloud"}) +
                           plan("local", {"phone", "phone", "phone", "phone"});
  CHECK(read(rows).tiers == Tiers{"phone", "cloud"});
  CHECK(read(rows, "local").tiers == Tiers{"phone"});
  CHECK(refusal(kHeader + rows, "lokal") ==
        "0: holds no plan of algorithm 'lokal'; did you mean 'local'?\n");
}

TEST_CASE("plan file: data that comes back to a tier") {
  CHECK(refusal(kHeader + plan("x", {"phone", "cloud", "phone", "phone"})) ==
        "0: can't be split, because its tiers have no order: 'phone' waits for 'cloud' (layer 'd' "
        "reads layer 'b'), 'cloud' waits for 'phone' (layer 'b' reads layer 'a')\n");
}

TEST_CASE("plan file: all rows that do not fit the model, with their lines") {
  CHECK(refusal(kHeader + "x,0,aa,R,phone,0\nx,1,b,R,,0\nx,2,b,R,phone,0\n") ==
        "2: the model has no layer 'aa'; did you mean 'a'?\n3: layer 'b' has no tier\n4: layer 'b' "
        "appears twice\n0: the plan of 'x' places 1 of the model's 4 layers; missing: a, c, d\n");
}

TEST_CASE("plan file: files that are not plans") {
  CHECK(refusal("") == "0: is empty, expected a plan as offcut run writes it (CSV)\n");
  CHECK(refusal("layer,inputs\nx,y\n") ==
        "1: column 'algorithm' is missing; expected a plan as offcut run writes it\n"
        "1: column 'tier' is missing; expected a plan as offcut run writes it\n");
  CHECK(refusal(kHeader) == "0: holds no plan; expected a plan as offcut run writes it\n");
  CHECK(refusal(kHeader + "x,0,a\n").starts_with("2: 3 fields, expected 6\n"));
}

TEST_CASE("placement: the tensors that cross, once per receiver") {
  const Graph graph = diamond();
  const Placement placement{.tiers = {"phone", "edge", "cloud"}, .tier_of = {0, 1, 2, 2}};
  const std::vector<CutTensor> all = crossings(graph, placement);
  REQUIRE(all.size() == 3);
  CHECK(graph.tensor(all[0].tensor).name == "in");  // It is on the first tier, and c reads it.
  CHECK(all[0].to == std::vector<std::size_t>{2});
  CHECK(graph.tensor(all[1].tensor).name == "a:0");
  CHECK(all[1].from == 0);
  CHECK(all[1].to == std::vector<std::size_t>{1, 2});
  CHECK(graph.tensor(all[2].tensor).name == "b:0");
  CHECK(all[2].from == 1);
  CHECK(crossings(graph, uncut(graph)).empty());
  CHECK(placement.layers() == std::vector<std::vector<LayerId>>{{0}, {1}, {2, 3}});
}

}  // namespace offcut::partition::plan_file_test
