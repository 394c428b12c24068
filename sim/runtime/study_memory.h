#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "models/base/content_hash.h"

namespace offcut::runtime {

/// The common part of studies of codecs on one network, with the same data, engine and samples. It
/// is computed when the first study needs it, and kept for the others.
class StudyMemory {
 public:
  using Answers = std::vector<std::int64_t>;

  /// Returns the hash of network and data.
  const ContentHash& content(const std::function<ContentHash()>& compute) {
    return known(content_, compute);
  }

  /// Returns the network's own answers, without cut, codec and precision, sample by sample.
  const Answers& answers(const std::function<Answers()>& compute) {
    return known(answers_, compute);
  }

 private:
  template <class T>
  static const T& known(std::optional<T>& value, const std::function<T()>& compute) {
    if (!value) {
      value = compute();
    }
    return *value;
  }

  std::optional<ContentHash> content_;
  std::optional<Answers> answers_;
};

}  // namespace offcut::runtime
