#pragma once

#include <Eigen/SparseLU>
#include <stdexcept>
#include <vector>

namespace offcut::theory_tests {

/// A Markov chain in continuous time, with up to some thousands of states.
class MarkovChain {
 public:
  explicit MarkovChain(std::size_t states) : states_(static_cast<int>(states)) {}

  void add(std::size_t from, std::size_t to, double rate) {
    flow(static_cast<int>(to), static_cast<int>(from), rate);
    flow(static_cast<int>(from), static_cast<int>(from), -rate);
  }

  /// Returns the fraction of time in each state, from the balance of the flows in and out.
  /// REQUIRES: each state can be reached from each other one.
  Eigen::VectorXd stationary() const {
    // The balance of state 0 follows from the others, so its fraction is 1 until the end.
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
