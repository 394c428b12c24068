#include "random_codecs.h"

#include <cmath>

#include "naive.h"
#include "random_problem.h"

namespace offcut::partition {
namespace {

/// Returns all ways to give each of these tensors one of two codecs.
std::vector<CodecOf> all_ways(const Problem& problem, const std::vector<std::size_t>& tensors) {
  std::vector<CodecOf> ways = {{}};
  for (const std::size_t id : tensors) {
    std::vector<CodecOf> longer;
    for (const CodecOf& way : ways) {
      for (const char* codec : {"coarse", "fine"}) {
        longer.push_back(way);
        longer.back()[problem.tensors[id].name] = codec;
      }
    }
    ways = std::move(longer);
  }
  return ways;
}

/// Gives the tensor its candidate of that name, if there is one.
void encode(CrossingTensor& tensor, const std::string& codec) {
  for (const Coding& candidate : tensor.candidates) {
    if (candidate.codec == codec) {
      tensor.coding = candidate;
    }
  }
}

double loss_of(const Problem& problem, const CodecOf& way) {
  std::set<std::string> names;
  for (const auto& [tensor, codec] : way) {
    names.insert(tensor);
  }
  for (const AccuracyTable::Entry& entry : problem.extras.accuracy.at(names)) {
    if (entry.codecs == way) {
      return entry.loss;
    }
  }
  return INFINITY;  // It was not measured.
}

}  // namespace

void add_random_codecs(Problem& problem, std::uint64_t i) {
  RandomStream random = random_stream(601, "codecs", i);
  const auto times = [&] {
    std::vector<Seconds> all;
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      all.emplace_back(static_cast<double>(random() % 8) / 8);
    }
    return all;
  };
  for (CrossingTensor& tensor : problem.tensors) {
    for (const char* codec : {"coarse", "fine"}) {
      if (random() % 5 > 0) {
        const auto bytes = static_cast<double>(random() % 4);
        tensor.candidates.push_back({Bytes(bytes), times(), times(), codec});
      }
    }
  }
  each_cut_in_two(problem, [&](const Assignment& tier_of) {
    for (CodecOf& way : all_ways(problem, crossing(problem, tier_of))) {
      if (!way.empty() && random() % 3 > 0) {
        problem.extras.accuracy.add(std::move(way), static_cast<double>(random() % 10) / 100);
      }
    }
  });
  problem.check();
}

Problem random_codec_problem(std::uint64_t i) {
  Problem problem = random_problem(601, i, {.most_layers = 6, .least_tiers = 2, .most_tiers = 3});
  for (Seconds& on_device : problem.seconds.front()) {
    on_device += Seconds(9);
  }
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.bytes += Bytes(5);
  }
  add_random_codecs(problem, i);
  return problem;
}

void each_coded_cut(const Problem& problem,
                    const std::function<void(const Problem&, const Assignment&, double)>& visit) {
  each_cut_in_two(problem, [&](const Assignment& tier_of) {
    visit(problem, tier_of, 0);
    for (const CodecOf& way : all_ways(problem, crossing(problem, tier_of))) {
      const double loss = loss_of(problem, way);
      Problem coded = problem;
      for (CrossingTensor& tensor : coded.tensors) {
        if (way.contains(tensor.name)) {
          encode(tensor, way.at(tensor.name));
        }
      }
      if (loss < INFINITY) {
        visit(coded, tier_of, loss);
      }
    }
  });
}

}  // namespace offcut::partition
