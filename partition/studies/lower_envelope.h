#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "partition/problem.h"

namespace offcut::partition {

/// A plan whose objective is linear in s, from 0 to 1.
struct PlanLine {
  Assignment tier_of;
  double at0;
  double at1;

  double at(double s) const { return (1 - s) * at0 + s * at1; }
};

/// A range of s in which one plan is the best.
struct EnvelopePiece {
  double from;
  double to;
  PlanLine line;
};

/// Returns the lower envelope of all plans' lines over [0, 1], in order. `best` returns a line that
/// is least at s, or none if it can't find one; the envelope is then empty.
///
/// At the crossing of the lines of an interval's two ends, either no line lies below and the plan
/// changes there, or a lower line belongs to the envelope and divides the interval (Eisner and
/// Severance, "Mathematical techniques for efficient record segmentation in large shared
/// databases", J. ACM 23(4), 1976). So no plan is missed between samples; k pieces take 2k - 1
/// calls if no plans tie. Lines within 1e-11 of the envelope count as part of it.
std::vector<EnvelopePiece> lower_envelope(
    const std::function<std::optional<PlanLine>(double)>& best);

}  // namespace offcut::partition
