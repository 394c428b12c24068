#pragma once

#include <Eigen/SparseLU>
#include <stdexcept>
#include <vector>

namespace offcut::theory_tests {

/// A Markov chain in continuous time, of some thousands of states.
class MarkovChain {
 public:
  explicit MarkovChain(std::size_t states) : states_(static_cast<int>(states)) {}

  void add(std::size_t from, std::size_t to, double rate) {
    flow(static_cast<int>(to), static_cast<int>(from), rate);
    flow(static_cast<int>(from), static_cast<int>(from), -rate);
  }

  /// The share of time that it is in each state: as much comes in as goes out. REQUIRES: it comes
  /// from each state to each other one.
  Eigen::VectorXd stationary() const {
    // Of state 0 the balance follows from the others', and 1 stands for its share until the end.
    Eigen::SparseMatrix<double> balance(states_ - 1, states_ - 1);
    balance.setFromTriplets(flows_.begin(), flows_.end());
    Eigen::VectorXd from_first = Eigen::VectorXd::Zero(states_ - 1);
    for (const auto& [to, rate] : from_first_) {
      from_first(to) -= rate;
    }
    Eigen::SparseLU<Eigen::SparseMatrix<double>> solver(balance);
    if (solver.info() != Eigen::Success) {
      throw std::logic_error("the chain has no stationary distribution");
    }
    Eigen::VectorXd shares(states_);
    shares << 1, solver.solve(from_first);
    return shares / shares.sum();
  }

 private:
  void flow(int to, int from, double rate) {
    if (to > 0 && from > 0) {
      flows_.emplace_back(to - 1, from - 1, rate);
    } else if (to > 0) {
      from_first_.emplace_back(to - 1, rate);
    }
  }

  int states_;
  std::vector<Eigen::Triplet<double>> flows_;
  std::vector<std::pair<int, double>> from_first_;
};

}  // namespace offcut::theory_tests
