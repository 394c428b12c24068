#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// A plan whose value is linear in s, from 0 to 1.
struct PlanLine {
  Assignment tier_of;
  double at0;
  double at1;

  double at(double s) const { return (1 - s) * at0 + s * at1; }
};

/// Where one plan is best.
struct EnvelopePiece {
  double from;  // s
  double to;
  PlanLine line;
};

/// The lower envelope of all plans' lines over [0, 1], in order, from the lines that `best` gives:
/// one that is least at s, or none where it can't tell; the envelope is then empty.
///
/// Where the lines of an interval's two ends cross, either nothing lies below and the plan changes
/// there, or what does belongs to the envelope and divides the interval (Eisner and Severance,
/// "Mathematical techniques for efficient record segmentation in large shared databases",
/// J. ACM 23(4), 1976). So there is no step to miss a plan between; k pieces take 2k - 1 calls
/// where no plans tie. What is within 1e-11 of the envelope counts as on it.
std::vector<EnvelopePiece> lower_envelope(
    const std::function<std::optional<PlanLine>(double)>& best);

}  // namespace offcut::partition
