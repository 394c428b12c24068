#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace offcut::partition {

/// The codec of each tensor that crosses encoded, by the tensor's name. Codecs are named as users
/// write them.
using CodecOf = std::map<std::string, std::string>;

/// A share of correct answers that is lost, at most 1; negative if there are more. It is measured
/// when it is first asked for, as that may take long.
class Loss {
 public:
  Loss(double value) : state_(std::make_shared<State>(State{{}, value})) {}
  explicit Loss(std::function<double()> measure)
      : state_(std::make_shared<State>(State{std::move(measure), {}})) {}

  double value() const;
  operator double() const { return value(); }

 private:
  struct State {
    std::function<double()> measure;
    std::optional<double> value;
  };
  std::shared_ptr<State> state_;
};

/// The accuracy that codecs and the precisions of tiers cost a network, measured at cuts in two
/// parts. A loss belongs to all tensors that cross together; it is not a sum over them.
class AccuracyTable {
 public:
  struct Entry {
    CodecOf codecs;  // One for each tensor that crosses.
    Loss loss = 0;
  };

  /// Adds a loss, or replaces the one of the same codecs. REQUIRES: a codec for at least one
  /// tensor.
  void add(CodecOf codecs, Loss loss);

  /// Adds the loss at a cut that these tensors cross unencoded. Once there is one, uncoded() knows
  /// no others; before, unencoded tensors lose nothing.
  void add_uncoded(std::set<std::string> tensors, Loss loss);

  /// Notes that unencoded tensors lose nothing, so that the table is not empty.
  void know_lossless() { is_lossless_ = true; }

  /// Returns the loss where these tensors cross unencoded; none if it is unknown.
  std::optional<Loss> uncoded(const std::set<std::string>& tensors) const;

  /// The entries for cuts that exactly these tensors cross, in alphabetical order of the codecs.
  std::vector<Entry> at(const std::set<std::string>& tensors) const;

  bool empty() const { return by_tensors_.empty() && uncoded_.empty() && !is_lossless_; }

 private:
  std::map<std::set<std::string>, std::map<CodecOf, Loss>> by_tensors_;
  std::map<std::set<std::string>, Loss> uncoded_;
  bool is_lossless_ = false;
};

}  // namespace offcut::partition
