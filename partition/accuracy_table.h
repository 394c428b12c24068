#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace offcut::partition {

/// The codec of each tensor that crosses encoded, by the tensors' names, as users write codecs.
using CodecOf = std::map<std::string, std::string>;

/// What codecs cost a network in accuracy, as it was measured where it is cut in two: a loss
/// belongs to all the tensors that cross together, and is no sum over them.
class AccuracyTable {
 public:
  struct Entry {
    CodecOf codecs;   // of every tensor that crosses
    double loss = 0;  // share of right answers lost, 0 to 1; below 0 where the codec helps
  };

  /// REQUIRES: a codec for at least one tensor. Another loss of the same codecs takes its place.
  void add(CodecOf codecs, double loss);

  /// What was measured where exactly these tensors cross; in alphabetical order of the codecs.
  std::vector<Entry> at(const std::set<std::string>& tensors) const;

  bool empty() const { return by_tensors_.empty(); }

 private:
  std::map<std::set<std::string>, std::map<CodecOf, double>> by_tensors_;
};

}  // namespace offcut::partition
