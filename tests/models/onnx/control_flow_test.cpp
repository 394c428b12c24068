#include "models/onnx/control_flow.h"

#include <doctest/doctest.h>

#include "models/exec/segment.h"
#include "tests/models/onnx/model.h"

namespace offcut::onnx::control_flow_test {
namespace {

using ::onnx::AttributeProto;
using ::onnx::TensorProto;

::onnx::GraphProto& subgraph(::onnx::NodeProto& node, const std::string& name) {
  return *OnnxModel::attribute(node, name, AttributeProto::GRAPH).mutable_g();
}

::onnx::NodeProto& add(::onnx::GraphProto& body, const std::string& op,
                       const OnnxModel::Names& inputs, const std::string& output) {
  ::onnx::NodeProto& node = *body.add_node();
  node.set_op_type(op);
  node.mutable_input()->Add(inputs.begin(), inputs.end());
  node.add_output(output);
  return node;
}

void add_inputs(::onnx::GraphProto& body, const OnnxModel::Names& names) {
  for (const std::string& name : names) {
    body.add_input()->set_name(name);
  }
}

void add_outputs(::onnx::GraphProto& body, const OnnxModel::Names& names) {
  for (const std::string& name : names) {
    body.add_output()->set_name(name);
  }
}

void add_truth(OnnxModel& model, const std::string& name, bool value) {
  TensorProto& tensor = *model.graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(TensorProto::BOOL);
  tensor.add_int32_data(value ? 1 : 0);
}

void add_count(OnnxModel& model, const std::string& name, std::int64_t value) {
  TensorProto& tensor = *model.graph().add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(TensorProto::INT64);
  tensor.add_int64_data(value);
}

std::vector<float> answer(const Graph& graph, const std::vector<float>& x, std::size_t which = 0) {
  const Tensor input(graph.tensor(graph.inputs().front()).type.shape, std::span(x));
  const exec::TensorMap made =
      exec::run(graph, exec::whole(graph), {{graph.inputs().front(), input}});
  const auto values = made.at(graph.outputs().at(which)).values<float>();
  return {values.begin(), values.end()};
}

/// Returns y = x + w if the condition is true, else y = max(x, 0). As in exporters' models, both
/// branches read tensors from outside.
OnnxModel choice(const OnnxModel::Dims& dims = {2}) {
  OnnxModel model;
  model.input("x", dims).output("y", dims);
  model.floats("w", {}, {10});
  auto& node = model.node("If", {"c"}, {"y"}, "choose");
  ::onnx::GraphProto& then_branch = subgraph(node, "then_branch");
  add(then_branch, "Add", {"x", "w"}, "sum");
  add_outputs(then_branch, {"sum"});
  ::onnx::GraphProto& else_branch = subgraph(node, "else_branch");
  add(else_branch, "Relu", {"x"}, "sum");
  add_outputs(else_branch, {"sum"});
  return model;
}

/// Returns a loop that doubles `v` in each pass and collects its earlier values.
OnnxModel doubling(const std::string& count, const std::string& condition) {
  OnnxModel model;
  model.input("x", {2}).output("last", {2}).output("all", {{}, 2});
  auto& node = model.node("Loop", {count, condition, "x"}, {"last", "all"}, "repeat");
  ::onnx::GraphProto& body = subgraph(node, "body");
  add_inputs(body, {"i", "go_on", "v"});
  add(body, "Identity", {"go_on"}, "still");
  add(body, "Add", {"v", "v"}, "twice");
  add(body, "Identity", {"v"}, "was");
  add_outputs(body, {"still", "twice", "was"});
  return model;
}

}  // namespace

TEST_CASE("control flow: If with a constant condition becomes the layers of its branch") {
  OnnxModel yes = choice();
  add_truth(yes, "c", true);
  CHECK(answer(yes.import(), {-1, 2}) == std::vector<float>{9, 12});
  CHECK(yes.import().layer(0).name == "choose/add_1");
  OnnxModel no = choice();
  add_truth(no, "c", false);
  CHECK(answer(no.import(), {-1, 2}) == std::vector<float>{0, 2});
}

TEST_CASE("control flow: an If on the value of an input, which is fixed") {
  OnnxModel model;
  model.input("x", {2}).input("sr", {}, TensorProto::INT64).output("y", {2});
  add_count(model, "low", 8000);
  model.node("Equal", {"sr", "low"}, {"c"}, "compare");
  auto& node = model.node("If", {"c"}, {"y"}, "choose");
  ::onnx::GraphProto& then_branch = subgraph(node, "then_branch");
  add(then_branch, "Neg", {"x"}, "then_y");
  add_outputs(then_branch, {"then_y"});
  ::onnx::GraphProto& else_branch = subgraph(node, "else_branch");
  add(else_branch, "Relu", {"x"}, "else_y");
  add_outputs(else_branch, {"else_y"});
  CHECK(answer(model.import({.fix = {{"sr", 8000}}}), {-1, 2}) == std::vector<float>{1, -2});
  const Graph high = model.import({.fix = {{"sr", 16000}}});
  CHECK(answer(high, {-1, 2}) == std::vector<float>{0, 2});
  CHECK(high.inputs().size() == 1);
  CHECK(model.refusal().ends_with("fix that, as in --fix sr=16000"));
  CHECK(model.refusal({.fix = {{"sr", 0.5}}}) ==
        "input 'sr' to fix: can't be 0.5, since it is int64");
  CHECK(model.refusal({.fix = {{"rs", 1}}}) == "there is no input 'rs' to fix; did you mean 'sr'?");
}

TEST_CASE("control flow: Scan runs its body for each place of a sequence") {
  // The state is the running sum of the rows; the scanned output has it after each row.
  OnnxModel model;
  model.input("x", {3, 2}).output("last", {2}).output("sums", {3, 2});
  model.floats("start", {2}, {100, 200});
  auto& node = model.node("Scan", {"start", "x"}, {"last", "sums"}, "run");
  OnnxModel::attribute(node, "num_scan_inputs", AttributeProto::INT).set_i(1);
  ::onnx::GraphProto& body = subgraph(node, "body");
  add_inputs(body, {"sum", "row"});
  add(body, "Add", {"sum", "row"}, "more");
  add(body, "Identity", {"more"}, "copy");
  add_outputs(body, {"more", "copy"});
  const std::vector<float> x = {1, 2, 3, 4, 5, 6};
  CHECK(answer(model.import(), x) == std::vector<float>{109, 212});
  CHECK(answer(model.import(), x, 1) == std::vector<float>{101, 202, 104, 206, 109, 212});

  // Along the other axis, from its end, and stacked along the last axis.
  OnnxModel columns;
  columns.input("x", {2, 3}).output("last", {2}).output("sums", {2, 3});
  columns.floats("start", {2}, {0, 0});
  auto& other = columns.node("Scan", {"start", "x"}, {"last", "sums"}, "run");
  *other.mutable_attribute() = node.attribute();
  for (const char* name : {"scan_input_axes", "scan_input_directions", "scan_output_axes"}) {
    OnnxModel::attribute(other, name, AttributeProto::INTS).add_ints(1);
  }
  CHECK(answer(columns.import(), x, 1) == std::vector<float>{3, 5, 6, 6, 11, 15});
}

TEST_CASE("control flow: a condition that follows from a shape") {
  OnnxModel model = choice({3, 2});
  model.integers("two", {3, 2});
  model.node("Shape", {"x"}, {"shape"});
  model.node("Equal", {"shape", "two"}, {"same"});
  auto& reduced = model.node("Cast", {"same"}, {"number"});
  OnnxModel::attribute(reduced, "to", AttributeProto::INT).set_i(TensorProto::INT32);
  auto& least = model.node("ReduceMin", {"number"}, {"least"});
  OnnxModel::attribute(least, "keepdims", AttributeProto::INT).set_i(0);
  auto& truth = model.node("Cast", {"least"}, {"c"});
  OnnxModel::attribute(truth, "to", AttributeProto::INT).set_i(TensorProto::BOOL);
  auto& nodes = *model.graph().mutable_node();
  for (int i = 0; i + 1 < nodes.size(); ++i) {
    nodes.SwapElements(i, i + 1);  // The If comes last.
  }
  CHECK(answer(model.import(), {1, 2, 3, 4, 5, 6}).front() == 11);
}

TEST_CASE("control flow: branches that return a constant or a tensor from outside") {
  const auto answer_with = [](const std::string& returned) {
    OnnxModel model;
    model.input("x", {2}).output("y", {2});
    add_truth(model, "c", true);
    auto& node = model.node("If", {"c"}, {"chosen"}, "choose");
    ::onnx::GraphProto& branch = subgraph(node, "then_branch");
    TensorProto& tensor = *branch.add_initializer();
    tensor.set_name("k");
    tensor.set_data_type(TensorProto::FLOAT);
    tensor.add_float_data(5);
    add_outputs(branch, {returned});
    add_outputs(subgraph(node, "else_branch"), {"x"});
    model.node("Add", {"x", "chosen"}, {"y"}, "sum");
    return answer(model.import(), {1, 2});
  };
  CHECK(answer_with("x") == std::vector<float>{2, 4});
  CHECK(answer_with("k") == std::vector<float>{6, 7});
}

TEST_CASE("control flow: an If within an If, with an output from outside the inner branch") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  add_truth(model, "c", true);
  auto& node = model.node("If", {"c"}, {"y"}, "outer");
  ::onnx::GraphProto& branch = subgraph(node, "then_branch");
  add(branch, "Neg", {"x"}, "minus");
  auto& inner = add(branch, "If", {"c"}, "z");
  add_outputs(subgraph(inner, "then_branch"), {"minus"});
  add_outputs(subgraph(inner, "else_branch"), {"x"});
  add_outputs(branch, {"z"});
  add_outputs(subgraph(node, "else_branch"), {"x"});
  CHECK(answer(model.import(), {1, 2}) == std::vector<float>{-1, -2});
}

TEST_CASE("control flow: Loop with a constant number of passes is unrolled") {
  for (const int opset : {12, 13}) {
    OnnxModel model = doubling("n", "");
    model.proto.mutable_opset_import(0)->set_version(opset);
    add_count(model, "n", 3);
    const Graph graph = model.import();
    CHECK(answer(graph, {1, -1}) == std::vector<float>{8, -8});
    CHECK(answer(graph, {1, -1}, 1) == std::vector<float>{1, -1, 2, -2, 4, -4});
  }
  OnnxModel model = doubling("n", "c");
  add_count(model, "n", 2);
  add_truth(model, "c", true);
  CHECK(answer(model.import(), {1, -1}) == std::vector<float>{4, -4});
}

TEST_CASE("control flow: Loop that stops by a condition on the pass number") {
  OnnxModel model;
  model.input("x", {1}).output("y", {1});
  add_count(model, "four", 4);
  add_truth(model, "c", true);
  auto& node = model.node("Loop", {"", "c", "x"}, {"y"}, "repeat");
  ::onnx::GraphProto& body = subgraph(node, "body");
  add_inputs(body, {"i", "go_on", "v"});
  add(body, "Add", {"v", "v"}, "twice");
  add(body, "Less", {"i", "four"}, "more");
  add_outputs(body, {"more", "twice"});
  CHECK(answer(model.import(), {1}) == std::vector<float>{32});
}

namespace {

/// y = x + 10 where the sum of x is positive, else -x; with an axis more in the condition.
OnnxModel choice_by_data(bool with_axis) {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.floats("zero", {}, {0});
  auto& sum = model.node("ReduceSum", {"x"}, {"sum"}, "sum");
  OnnxModel::attribute(sum, "keepdims", AttributeProto::INT).set_i(with_axis ? 1 : 0);
  model.node("Greater", {"sum", "zero"}, {"c"}, "compare");
  auto& node = model.node("If", {"c"}, {"y"}, "choose");
  for (const char* name : {"then_branch", "else_branch"}) {
    ::onnx::GraphProto& body = subgraph(node, name);
    TensorProto& number = *body.add_initializer();  // Of one name in both branches.
    number.set_name("number");
    number.set_data_type(TensorProto::FLOAT);
    number.add_float_data(name == std::string("then_branch") ? 10 : -1);
    add(body, name == std::string("then_branch") ? "Add" : "Mul", {"x", "number"}, "made");
    add_outputs(body, {"made"});
  }
  return model;
}

}  // namespace

TEST_CASE("control flow: an If on data computes both branches and chooses") {
  for (const bool with_axis : {false, true}) {
    CAPTURE(with_axis);
    const Graph graph = choice_by_data(with_axis).import();
    CHECK(graph.tensor(graph.outputs()[0]).type == TensorType{DataType::float32, {2}});
    CHECK(answer(graph, {-1, 2}) == std::vector<float>{9, 12});
    CHECK(answer(graph, {-1, 0.5F}) == std::vector<float>{1, -0.5F});
  }
  OnnxModel unequal = choice_by_data(false);
  auto& then_branch = *unequal.graph().mutable_node(2)->mutable_attribute(0)->mutable_g();
  then_branch.mutable_node(0)->set_op_type("Greater");
  CHECK(unequal.refusal() ==
        "layer 'choose' (If): its condition depends on data, and its branches make bool 2 and "
        "float32 2; both are computed, so that their results must have the same type");
}

TEST_CASE("control flow: an If on the inputs, and loops that are endless or malformed") {
  OnnxModel open = choice();
  open.input("c", {}, TensorProto::BOOL);
  CHECK(open.refusal() ==
        "layer 'choose' (If): the condition, 'c', depends on the inputs; only control flow that "
        "follows from constants is supported. If it follows from the value of an input, fix that, "
        "as in --fix sr=16000");
  OnnxModel endless = doubling("", "");
  CHECK(endless.refusal() ==
        "layer 'repeat' (Loop): the unrolled loops of the model have more than 10000 layers");
  OnnxModel none = doubling("n", "");
  add_count(none, "n", 0);
  CHECK(none.refusal() ==
        "layer 'repeat' (Loop): makes no passes, so the extents of its output 'all' are unknown");
  OnnxModel unfit = doubling("n", "");
  add_count(unfit, "n", 1);
  unfit.graph().mutable_node(0)->add_output("more");
  CHECK(
      unfit.refusal() ==
      "layer 'repeat' (Loop): its body has 3 inputs and 3 outputs, which does not match its own 3 "
      "inputs and 3 outputs");
}

TEST_CASE("control flow: errors in a subgraph") {
  OnnxModel unknown = choice();
  add_truth(unknown, "c", true);
  auto& body = *unknown.graph().mutable_node(0)->mutable_attribute(0)->mutable_g();
  body.mutable_node(0)->set_op_type("Addd");
  CHECK(unknown.refusal() ==
        "layer 'choose' (If): operator 'Addd' is not supported (1 layer, named 'addd_1')");
  body.mutable_node(0)->set_op_type("Add");
  body.mutable_node(0)->set_input(0, "nowhere");
  CHECK(unknown.refusal() ==
        "layer 'choose' (If): layer 'add_1' (Add) reads 'nowhere', which does not exist");
  OnnxModel scan;
  scan.input("x", {2}).output("y", {2});
  scan.node("Scan", {"x"}, {"y"}, "s");
  CHECK(scan.refusal() == "layer 's' (Scan): has no subgraph 'body'");
}

}  // namespace offcut::onnx::control_flow_test
