// Low rank: a dense layer or 1x1 convolution with weights W (outputs x inputs) becomes two, first
// by S V' of r rows and then by U, where U S V' is the singular value decomposition cut after the r
// greatest singular values: of all matrices of rank r, the nearest one to W (Eckart, Young, "The
// approximation of one matrix by another of lower rank", Psychometrika 1, 1936). A layer stays
// where that saves nothing. O(m n min(m, n)) for each layer.

#include <fmt/format.h>

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "models/base/error.h"
#include "models/compress/pass.h"
#include "models/compress/rewriter.h"
#include "models/compress/targets.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A layer that can be two.
struct Candidate {
  LayerId layer;
  std::string weights;
  std::int64_t outputs, inputs;
  bool transposed;  // Stored as inputs x outputs.

  double macs_of_rank(double rank) const { return rank * static_cast<double>(outputs + inputs); }
  double macs() const { return static_cast<double>(outputs) * static_cast<double>(inputs); }
  /// The greatest rank that saves work; 0 if none does.
  std::int64_t greatest() const { return (outputs * inputs - 1) / (outputs + inputs); }
};

bool all_are(const std::vector<std::int64_t>& values, std::int64_t value) {
  return std::all_of(values.begin(), values.end(), [&](auto v) { return v == value; });
}

std::optional<Candidate> candidate_at(const Graph& graph, LayerId id) {
  const Layer& layer = graph.layer(id);
  const bool conv = layer.op_name == "Conv";
  if ((!conv && layer.op_name != "Gemm" && layer.op_name != "MatMul") ||
      !graph.tensor(layer.inputs[1]).is_parameter() ||
      graph.tensor(layer.inputs[0]).is_parameter()) {
    return std::nullopt;
  }
  const TensorNode& weights = graph.tensor(layer.inputs[1]);
  const Shape& w = weights.type.shape;
  const Attributes& a = layer.attributes;
  const bool fits = conv
                        ? a.integer("group", 1) == 1 && all_are({w.begin() + 2, w.end()}, 1)
                        : w.size() == 2 && a.integer("transA", 0) == 0 && a.number("alpha", 1) == 1;
  if (!fits || weights.type.type != DataType::float32 || weights.consumers.size() != 1) {
    return std::nullopt;
  }
  const bool transposed = !conv && a.integer("transB", 0) == 0;
  return Candidate{.layer = id,
                   .weights = weights.name,
                   .outputs = w[transposed ? 1 : 0],
                   .inputs = w[transposed ? 0 : 1],
                   .transposed = transposed};
}

std::vector<Candidate> candidates(const Network& network, const std::string& patterns) {
  const std::vector<Target> targets = targets_of(network.graph, patterns);
  std::vector<Candidate> all;
  for (LayerId id = 0; id < network.graph.layer_count(); ++id) {
    const auto candidate = candidate_at(network.graph, id);
    if (candidate && candidate->greatest() > 0 &&
        std::any_of(targets.begin(), targets.end(),
                    [&](const Target& target) { return target.name == candidate->weights; })) {
      all.push_back(*candidate);
    }
  }
  return all;
}

Eigen::BDCSVD<Eigen::MatrixXd> decomposed(const Graph& graph, const Candidate& candidate) {
  const Tensor weights = read_parameter(graph.tensor(graph.layer(candidate.layer).inputs[1]));
  const auto rows = candidate.transposed ? candidate.inputs : candidate.outputs;
  const auto columns = candidate.transposed ? candidate.outputs : candidate.inputs;
  const Eigen::Map<const RowMajor> stored(weights.values<float>().data(), rows, columns);
  Eigen::MatrixXd matrix = stored.cast<double>();
  if (candidate.transposed) {
    matrix.transposeInPlace();
  }
  return {matrix, Eigen::ComputeThinU | Eigen::ComputeThinV};
}

/// Returns the least rank that keeps this share of the sum of squared singular values.
std::int64_t rank_of_energy(const Eigen::VectorXd& singular, double share) {
  const double all = singular.squaredNorm();
  double sum = 0;
  std::int64_t rank = 0;
  while (rank < singular.size() && sum < share * all) {
    sum += singular[rank] * singular[rank];
    ++rank;
  }
  return std::max<std::int64_t>(rank, 1);
}

/// Returns the greatest rank that leaves this share of the layer's work, at least 1.
std::int64_t rank_of_share(const Candidate& candidate, double share) {
  constexpr double kSlack = 1e-9;
  const double rank = share * candidate.macs() / candidate.macs_of_rank(1) + kSlack;
  return std::max<std::int64_t>(static_cast<std::int64_t>(rank), 1);
}

/// Returns the share of each candidate's work that leaves this share of the network's.
double share_for_macs(const Network& network, const std::vector<Candidate>& all, double macs) {
  const double whole = network.graph.total_work().macs;
  const auto left = [&](double share) {
    double sum = whole;
    for (const Candidate& candidate : all) {
      const std::int64_t rank = rank_of_share(candidate, share);
      if (rank <= candidate.greatest()) {
        sum -= network.graph.layer(candidate.layer).work.macs *
               (1 - candidate.macs_of_rank(static_cast<double>(rank)) / candidate.macs());
      }
    }
    return sum;
  };
  if (left(0) > macs * whole) {
    throw std::invalid_argument(
        fmt::format("{:.3g} of the multiply-accumulates are left with ranks of 1, more than {:.3g}",
                    left(0) / whole, macs));
  }
  double low = 0;
  double high = 1;
  constexpr int kHalvings = 40;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (left(middle) > macs * whole ? high : low) = middle;
  }
  return low;
}

Tensor stored(const Eigen::MatrixXd& matrix, bool transposed, const Shape& shape) {
  RowMajor rows = matrix.cast<float>();
  if (transposed) {
    rows.transposeInPlace();
  }
  return Tensor(shape, std::span<const float>(rows.data(), static_cast<std::size_t>(rows.size())));
}

/// Writes the two layers. The first one has the old one's stride and padding, the second its bias
/// and its name.
void add_pair(Rewriter& to, const Candidate& candidate, std::int64_t rank,
              const Eigen::BDCSVD<Eigen::MatrixXd>& svd) {
  const Graph& graph = to.from();
  const Layer& old = graph.layer(candidate.layer);
  const Eigen::MatrixXd first =
      svd.singularValues().head(rank).asDiagonal() * svd.matrixV().leftCols(rank).transpose();
  const Eigen::MatrixXd second = svd.matrixU().leftCols(rank);
  const auto shape_of = [&](const Eigen::MatrixXd& matrix) {
    Shape shape = {matrix.rows(), matrix.cols()};
    if (candidate.transposed) {
      std::swap(shape[0], shape[1]);
    }
    shape.resize(graph.tensor(old.inputs[1]).type.shape.size(), 1);
    return shape;
  };
  Layer narrow = old;
  narrow.name = to.unused(old.name + ".narrow");
  narrow.inputs = {to.at(old.inputs[0]),
                   to.constant(candidate.weights + ".narrow",
                               stored(first, candidate.transposed, shape_of(first)))};
  narrow.outputs.clear();
  const std::string output = narrow.name;
  const TensorId middle = to.add(std::move(narrow), output);
  Layer wide = old;
  wide.outputs.clear();
  if (old.op_name == "Conv") {
    const std::size_t axes = graph.tensor(old.inputs[1]).type.shape.size() - 2;
    wide.attributes = {};
    wide.attributes.set("kernel_shape", std::vector<std::int64_t>(axes, 1));
  }
  wide.inputs = {middle, to.replaced(candidate.weights,
                                     stored(second, candidate.transposed, shape_of(second)))};
  for (std::size_t i = 2; i < old.inputs.size(); ++i) {
    wide.inputs.push_back(to.at(old.inputs[i]));
  }
  const std::string name = graph.tensor(old.outputs.front()).name;
  to.put(old.outputs.front(), to.add(std::move(wide), name));
}

Network factorise(const Network& network, const Parameters& parameters, const Material& material) {
  const std::vector<Candidate> all = candidates(network, parameters.text("layers"));
  const double energy = parameters.at("energy");
  const double share = parameters.at("macs") > 0
                           ? share_for_macs(network, all, parameters.at("macs"))
                           : 1 - parameters.at("rate");
  Rewriter to(network.graph, material.libraries.operators);
  for (LayerId id = 0; id < network.graph.layer_count(); ++id) {
    const auto candidate =
        std::find_if(all.begin(), all.end(), [&](const Candidate& c) { return c.layer == id; });
    if (candidate == all.end() ||
        (energy == 0 && rank_of_share(*candidate, share) > candidate->greatest())) {
      to.copy(id);
      continue;
    }
    if (network.rules.count(candidate->weights) + network.grids.count(candidate->weights) != 0) {
      throw std::invalid_argument(fmt::format(
          "layer {}: {} would be replaced by two matrices, but an earlier pass or the file masks "
          "or rounds it: lower ranks first, or read the file's weights as floats (offcut compress "
          "--floats)",
          in_quotes(network.graph.layer(id).name), in_quotes(candidate->weights)));
    }
    const auto svd = decomposed(network.graph, *candidate);
    const std::int64_t rank = energy > 0 ? rank_of_energy(svd.singularValues(), energy)
                                         : rank_of_share(*candidate, share);
    if (rank > candidate->greatest()) {
      to.copy(id);
    } else {
      add_pair(to, *candidate, rank, svd);
    }
  }
  return {.graph = to.finish(), .rules = network.rules, .grids = network.grids};
}

}  // namespace

void register_low_rank(Registry<Pass>& registry) {
  registry.add({.name = "low-rank",
                .doc = "dense layers and 1x1 convolutions become two of a lower rank, where that "
                       "saves work",
                .citation = "Eckart, Young, 1936; Denton, Zaremba, Bruna, LeCun, Fergus, NIPS 2014",
                .parameters = {{.name = "rate",
                                .least = 0,
                                .most = 1,
                                .doc = "the share of each layer's multiply-accumulates to save"},
                               {.name = "energy",
                                .most = 1,
                                .doc = "the share of the sum of squared singular values to keep",
                                .instead_of = "rate"},
                               {.name = "macs",
                                .most = 1,
                                .doc = "the most share of the network's multiply-accumulates to "
                                       "leave",
                                .instead_of = "rate"},
                               targets_parameter()},
                .apply = factorise});
}

}  // namespace offcut::compress
