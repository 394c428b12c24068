#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/base/units.h"

namespace offcut::runtime {

/// The answer of one output of the network to one input.
struct OutputReading {
  std::int64_t predicted = 0;  // The position of its largest element.
  double probability = 0;      // The largest element.
  double entropy = 0;          // -sum p ln p over its elements, in nats.
};

/// The results of the math of one input.
struct InputMath {
  std::vector<OutputReading> readings;  // By output.
  std::vector<Bytes> up_bytes;          // By hop; empty if no tensor crosses encoded.
};

/// The math of inputs that were computed before, for runs that share models, inputs and plans. The
/// additions of a child process come to its parent as text.
class KnownMath {
 public:
  /// Returns null if it is not known. `key` stands for all that the math depends on but the input.
  const InputMath* find(const std::string& key, std::size_t input) const;
  void add(const std::string& key, std::size_t input, InputMath math);

  /// Returns what was added since the last call, as JSON; empty if nothing was.
  std::string take_added();
  /// Adds what take_added() returned in another process.
  void merge(const std::string& added);

 private:
  std::map<std::string, std::map<std::size_t, InputMath>> known_;
  std::vector<std::pair<std::string, std::size_t>> added_;
};

}  // namespace offcut::runtime
