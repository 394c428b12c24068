#pragma once

#include <memory>
#include <vector>

#include "sim/training/aggregator.h"

namespace offcut::training {

/// A server that treats the mean change of a round, weighted by samples, as a gradient (Reddi et
/// al., ICLR 2021, algorithm 2): m = beta1 m + (1 - beta1) change, v by the rule of the kind, and
/// w += server-rate * m / (sqrt(v) + tau). v starts at tau^2, and neither is corrected for its
/// start. Running statistics take the plain mean.
///
/// `second` gives the next v of the old one and the square of the change.
using SecondMoment = double (*)(double v, double square, double beta2);
std::unique_ptr<Aggregator> adaptive_server(const Parameters& parameters,
                                            const AggregatorSetting& setting, SecondMoment second);

/// The parameters of such kinds.
std::vector<ParameterSpec> adaptive_parameters();

}  // namespace offcut::training
