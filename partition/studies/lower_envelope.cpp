// Computes a lower envelope by dividing intervals at the crossing of the lines of their two ends.

#include "partition/studies/lower_envelope.h"

namespace offcut::partition {
namespace {

constexpr double kEnvelopeTolerance = 1e-11;

class Envelope {
 public:
  explicit Envelope(const std::function<std::optional<PlanLine>(double)>& best) : best_(best) {}

  std::vector<EnvelopePiece> find() {
    const auto left = best_(0);
    const auto right = best_(1);
    if (!left || !right || !search(0, *left, 1, *right)) {
      return {};
    }
    return std::move(pieces_);
  }

 private:
  /// Adds the pieces between `from`, where `left` is least, and `to`, where `right` is least. The
  /// envelope is concave: a line that is least at both ends is least between them.
  bool search(double from, const PlanLine& left, double to, const PlanLine& right) {
    if (left.tier_of == right.tier_of || left.at(to) <= right.at(to) * (1 + kEnvelopeTolerance)) {
      add(from, to, left);
      return true;
    }
    if (right.at(from) <= left.at(from) * (1 + kEnvelopeTolerance)) {
      add(from, to, right);
      return true;
    }
    const double gap0 = right.at0 - left.at0;  // Positive, because `left` is lower there.
    const double gap1 = left.at1 - right.at1;
    const double crossing = gap0 / (gap0 + gap1);
    const auto middle = best_(crossing);
    if (!middle) {
      return false;
    }
    if (!(crossing > from && crossing < to) ||
        middle->at(crossing) >= left.at(crossing) * (1 - kEnvelopeTolerance)) {
      add(from, crossing, left);
      add(crossing, to, right);
      return true;
    }
    return search(from, left, crossing, *middle) && search(crossing, *middle, to, right);
  }

  void add(double from, double to, const PlanLine& line) {
    if (!pieces_.empty() && pieces_.back().line.tier_of == line.tier_of) {
      pieces_.back().to = to;
    } else if (to > from) {
      pieces_.push_back({from, to, line});
    }
  }

  const std::function<std::optional<PlanLine>(double)>& best_;
  std::vector<EnvelopePiece> pieces_;
};

}  // namespace

std::vector<EnvelopePiece> lower_envelope(
    const std::function<std::optional<PlanLine>(double)>& best) {
  return Envelope(best).find();
}

}  // namespace offcut::partition
