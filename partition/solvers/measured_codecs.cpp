#include "partition/solvers/measured_codecs.h"

#include <algorithm>

namespace offcut::partition {
namespace {

bool is_cut_in_two(const Assignment& tier_of) {
  const std::size_t farthest =
      tier_of.empty() ? 0 : *std::max_element(tier_of.begin(), tier_of.end());
  return std::all_of(tier_of.begin(), tier_of.end(),
                     [&](std::size_t tier) { return tier == 0 || tier == farthest; });
}

/// Returns the codecs that are candidates of their tensors, as those that make them smaller are.
CodecOf offered(const Problem& problem, const std::vector<std::size_t>& tensors,
                const CodecOf& codecs) {
  CodecOf some;
  for (const std::size_t id : tensors) {
    const CrossingTensor& tensor = problem.tensors[id];
    const std::string& codec = codecs.at(tensor.name);
    if (std::any_of(tensor.candidates.begin(), tensor.candidates.end(),
                    [&](const Coding& coding) { return coding.codec == codec; })) {
      some[tensor.name] = codec;
    }
  }
  return some;
}

}  // namespace

std::vector<AccuracyTable::Entry> measured_codecs(const Problem& problem,
                                                  const Assignment& tier_of) {
  const AccuracyTable& accuracy = problem.extras.accuracy;
  const std::vector<std::size_t> tensors = crossing(problem, tier_of);
  std::set<std::string> names;
  for (const std::size_t id : tensors) {
    names.insert(problem.tensors[id].name);
  }
  std::vector<AccuracyTable::Entry> ways;
  if (const auto loss = accuracy.uncoded(names)) {
    ways.push_back({{}, *loss});
  }
  if (!is_cut_in_two(tier_of)) {
    return ways;
  }
  for (const AccuracyTable::Entry& entry : accuracy.at(names)) {
    ways.push_back({offered(problem, tensors, entry.codecs), entry.loss});
  }
  return ways;
}

}  // namespace offcut::partition
