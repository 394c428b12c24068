// `file` takes the plan of a plan.csv, such as `offcut run` writes and other tools may: the columns
// algorithm, layer and tier, and a model and a group of devices if the file has several. It is
// checked like every plan. O(layers + tensors).

#include <fmt/format.h>

#include <algorithm>

#include "partition/algorithm.h"
#include "partition/plan_file.h"

namespace offcut::partition {
namespace {

constexpr const char* kFile = "file";
constexpr const char* kOf = "of";

bool can_have(const CrossingTensor& tensor, const std::string& codec) {
  return (tensor.coding && tensor.coding->codec == codec) ||
         std::any_of(tensor.candidates.begin(), tensor.candidates.end(),
                     [&](const Coding& coding) { return coding.codec == codec; });
}

Answer solve_file(const Problem& problem, const Parameters& parameters) {
  const std::string& path = parameters.text(kFile);
  if (path.empty() || problem.extras.graph == nullptr) {
    return Declined{"it needs 'file': a plan.csv with the tier of each layer"};
  }
  const GivenPlan plan = read_plan_for(problem, path, parameters.text(kOf));
  Answer answer = plan.tier_of;
  CodecOf codecs;
  for (const std::size_t id : crossing(problem, plan.tier_of)) {
    const CrossingTensor& tensor = problem.tensors[id];
    const auto codec = plan.codecs.find(*problem.extras.graph->find_tensor(tensor.name));
    if (codec == plan.codecs.end()) {
      continue;
    }
    if (!can_have(tensor, codec->second)) {
      return Declined{
          fmt::format("the file gives tensor '{}' the codec '{}', but 'codec' does not have it",
                      tensor.name, codec->second),
          kFile};
    }
    codecs[tensor.name] = codec->second;
  }
  if (!codecs.empty()) {
    answer.codecs = std::move(codecs);
  }
  return answer;
}

}  // namespace

void register_file(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "file",
       .doc = "the plan in a plan.csv, of offcut or of another tool",
       .citation = "the user's own",
       .growth = {"layers + tensors"},
       .takes = {.graph = true},
       .parameters = {{.name = kFile,
                       .is_text = true,
                       .is_file = true,
                       .doc = "a CSV file with the columns `algorithm`, `layer` and `tier`, and "
                              "maybe `codec`, `model` and `group`, such as the plan.csv of a run",
                       .example = "results/plan.csv"},
                      {.name = kOf,
                       .is_text = true,
                       .doc = "the algorithm whose plan counts, if the file has several",
                       .example = "exact",
                       .absent = "the first of the file"}},
       .solve = solve_file,
       .chosen_by = kFile});
}

}  // namespace offcut::partition
