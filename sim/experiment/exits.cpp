// Exits at run time. With the math on, an input leaves at the first exit whose answer is confident
// enough, which is computed before the simulation; otherwise each request draws its exit. The same
// rule, counted on all inputs, gives planners the shares and accuracies that the plan leaves out.

#include "sim/experiment/exits.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "partition/solvers/exit_ways.h"
#include "sim/experiment/math_inputs.h"

namespace offcut::experiment {
namespace {

using scenario::ExitRule;
/// By the exit's output.
using Rules = std::map<std::string, ExitRule>;

bool leaves(const ExitRule& rule, const runtime::OutputReading& reading) {
  return rule.measure == ExitRule::Measure::probability ? reading.probability >= rule.threshold
                                                        : reading.entropy <= rule.threshold;
}

Rules rules_of(const scenario::PlanChoice& plan) {
  Rules rules;
  for (const scenario::ExitChoice& exit : plan.exits) {
    if (exit.rule) {
      rules[exit.statistics.output] = *exit.rule;
    }
  }
  return rules;
}

/// The exits of a network in order, the end last: their names and their positions among its
/// outputs.
struct OrderedExits {
  std::vector<std::string> outputs;
  std::vector<std::size_t> positions;
};

OrderedExits ordered_exits(const Graph& graph, const partition::Problem& problem) {
  OrderedExits exits;
  for (const std::size_t tensor : partition::exits_in_order(problem)) {
    exits.outputs.push_back(problem.tensors[tensor].name);
    const auto found = std::find_if(
        graph.outputs().begin(), graph.outputs().end(),
        [&](TensorId id) { return graph.tensor(id).name == problem.tensors[tensor].name; });
    exits.positions.push_back(static_cast<std::size_t>(found - graph.outputs().begin()));
  }
  return exits;
}

/// Returns the position of the first exit that lets the input leave; of the last one if none does.
std::size_t way_of(const std::vector<runtime::OutputReading>& readings, const OrderedExits& exits,
                   const Rules& rules) {
  for (std::size_t i = 0; i + 1 < exits.outputs.size(); ++i) {
    const auto rule = rules.find(exits.outputs[i]);
    if (rule != rules.end() && leaves(rule->second, readings[exits.positions[i]])) {
      return i;
    }
  }
  return exits.outputs.size() - 1;
}

/// Adds an error for each exit with a threshold whose output has no probabilities.
void check_probabilities(const Graph& graph, const scenario::ModelChoice& model,
                         std::vector<Diagnostic>& diagnostics) {
  for (const scenario::ExitChoice& exit : model.plan.exits) {
    for (const TensorId id : graph.outputs()) {
      const TensorNode& tensor = graph.tensor(id);
      const bool is_softmax = tensor.producer && graph.layer(*tensor.producer).op_name == "Softmax";
      if (exit.rule && tensor.name == exit.statistics.output && !is_softmax) {
        diagnostics.push_back(
            {exit.place, fmt::format("{}.{}: an exit by its confidence must end in a Softmax",
                                     model.plan.path_of("exits"), tensor.name)});
      }
    }
  }
}

/// The inputs that leave at an exit.
struct Counts {
  double reached = 0, left = 0, labelled = 0, right = 0;
};

std::vector<Counts> count_exits(runtime::Inference& inference, std::int64_t stride,
                                const OrderedExits& exits, const Rules& rules) {
  std::vector<Counts> counts(exits.outputs.size());
  for (std::int64_t input = 0; input < inference.input_count(); input += stride) {
    const std::size_t way = way_of(inference.readings_of(input), exits, rules);
    for (std::size_t i = 0; i <= way; ++i) {
      ++counts[i].reached;
    }
    ++counts[way].left;
    const auto prediction = inference.prediction_of(input, exits.positions[way]);
    if (prediction && prediction->label) {
      ++counts[way].labelled;
      counts[way].right += prediction->predicted == *prediction->label ? 1 : 0;
    }
  }
  return counts;
}

}  // namespace

void set_exits(const Graph& graph, const scenario::PlanChoice& plan, partition::Problem& problem) {
  std::vector<std::string> outputs;
  for (const TensorId output : graph.outputs()) {
    outputs.push_back(graph.tensor(output).name);
  }
  std::vector<Diagnostic> diagnostics;
  for (const scenario::ExitChoice& exit : plan.exits) {
    const std::string& name = exit.statistics.output;
    if (std::find(outputs.begin(), outputs.end(), name) == outputs.end()) {
      diagnostics.push_back(
          {exit.place, fmt::format("{}: the network has no output {}{}", plan.path_of("exits"),
                                   in_quotes(name), suggestion(name, outputs))});
    }
    problem.extras.exits.push_back(exit.statistics);
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

void measure_exits(const Graph& graph, const scenario::ModelChoice& model,
                   const runtime::Dataset& data, partition::Problem& problem) {
  const Rules rules = rules_of(model.plan);
  if (rules.empty()) {
    return;
  }
  std::vector<Diagnostic> diagnostics;
  check_probabilities(graph, model, diagnostics);
  const bool has_math = model.math != scenario::ModelChoice::Math::off;
  for (const scenario::ExitChoice& exit : model.plan.exits) {
    if (exit.rule && !exit.statistics.leaves && !has_math) {
      diagnostics.push_back(
          {exit.place,
           fmt::format("{}.{}: without 'math', requests leave with a probability: expected "
                       "'leaves'",
                       model.plan.path_of("exits"), exit.statistics.output)});
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  if (!has_math) {
    return;
  }
  const auto inputs = static_cast<std::int64_t>(data.images.size());
  const std::int64_t stride = stride_of(model, inputs);
  runtime::Inference inference(graph, partition::Assignment(graph.layer_count(), 0), data,
                               model.divide, stride, model.engine, {}, true);
  const OrderedExits exits = ordered_exits(graph, problem);
  const std::vector<Counts> counts = count_exits(inference, stride, exits, rules);
  for (std::size_t i = 0; i < exits.outputs.size(); ++i) {
    auto& known = problem.extras.exits;
    auto exit = std::find_if(known.begin(), known.end(), [&](const auto& statistics) {
      return statistics.output == exits.outputs[i];
    });
    if (exit == known.end()) {
      exit = known.insert(known.end(), {.output = exits.outputs[i]});
    }
    const bool is_end = i + 1 == exits.outputs.size();
    if (!exit->leaves && !is_end) {
      exit->leaves = counts[i].reached > 0 ? counts[i].left / counts[i].reached : 0;
    }
    if (!exit->accuracy && !data.labels.empty()) {
      exit->accuracy = counts[i].labelled > 0 ? counts[i].right / counts[i].labelled : 0;
    }
  }
}

std::string math_refusal(const PreparedModel& model, const scenario::ModelChoice& choice) {
  const Rules rules = rules_of(choice.plan);
  const OrderedExits exits = ordered_exits(model.graph, model.problem);
  for (std::size_t i = 0; i + 1 < exits.outputs.size(); ++i) {
    if (!rules.contains(exits.outputs[i])) {
      return fmt::format(
          "with 'math', requests leave by the confidence of their own answer: "
          "'{}' needs 'confidence' or 'entropy', or turn 'math' off",
          exits.outputs[i]);
    }
  }
  return "";
}

void add_exit_family(const Experiment& experiment, std::size_t request_class,
                     std::size_t prepared_model, runtime::Inference* inference, Paths& paths,
                     engine::Simulation& simulation) {
  const bool leave = paths.deployment &&
                     paths.deployment->order == partition::Deployment::Order::at_random &&
                     paths.planned.size() > 1;
  if (!leave) {
    return;
  }
  const PreparedModel& model = experiment.models[prepared_model];
  const scenario::ClassChoice& requests = experiment.scenario.classes[request_class];
  const OrderedExits exits = ordered_exits(model.graph, model.problem);
  Rules rules = rules_of(experiment.choice_of(model).plan);
  std::map<std::string, double> shares;
  for (const partition::ExitStatistics& exit : model.problem.extras.exits) {
    shares[exit.output] = exit.leaves.value_or(0);
  }
  for (const scenario::ClassExitChoice& own : requests.exits) {
    if (own.rule) {
      rules[own.output] = *own.rule;
    }
    if (own.leaves) {
      shares[own.output] = *own.leaves;
    }
  }
  engine::ExitFamily family{.itineraries = paths.planned,
                            .odds = std::vector<double>(exits.outputs.size()),
                            .names = {},
                            .outputs = exits.positions,
                            .request_class = request_class,
                            .model = prepared_model};
  for (const partition::Variant& variant : paths.deployment->variants) {
    family.names.push_back(variant.name);
  }
  if (inference != nullptr) {
    for (std::int64_t input = 0; input < inference->input_count(); ++input) {
      const std::size_t way = way_of(inference->readings_of(input), exits, rules);
      paths.way_of_input.push_back(static_cast<std::uint16_t>(way));
      family.odds[way] += 1;
    }
    for (double& odds : family.odds) {
      odds /= static_cast<double>(inference->input_count());
    }
  } else {
    double reach = 1;
    for (std::size_t i = 0; i < exits.outputs.size(); ++i) {
      const double share = i + 1 < exits.outputs.size() ? shares[exits.outputs[i]] : 1;
      family.odds[i] = reach * share;
      reach *= 1 - share;
    }
  }
  paths.deployment->odds = family.odds;
  const auto number = static_cast<std::uint16_t>(simulation.exit_families.size());
  for (std::size_t way = 0; way < paths.planned.size(); ++way) {
    simulation.itineraries[paths.planned[way]].exit = {number, static_cast<std::uint16_t>(way)};
  }
  simulation.exit_families.push_back(std::move(family));
}

}  // namespace offcut::experiment
