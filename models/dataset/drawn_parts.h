#pragma once

#include <boost/random/normal_distribution.hpp>
#include <functional>

#include "models/base/random.h"
#include "models/dataset/set.h"

namespace offcut::dataset {

/// The parameters `samples`, `tests` and `seed` of drawn sets.
std::vector<ParameterSpec> drawn_parameters(double samples);

/// Draws both parts of a set. `draw` gets the stream of a part and its number of samples.
Dataset drawn_parts(const Parameters& parameters, const std::string& name,
                    const std::function<Samples(RandomStream&, std::int64_t count)>& draw);

/// Returns the stream of what the samples are drawn around: centres, a teacher's weights.
RandomStream truth_stream(const Parameters& parameters, const std::string& name);

/// Returns a number of mean 0.
inline double drawn_normal(RandomStream& stream, double deviation) {
  return boost::random::normal_distribution<double>(0, 1)(stream) * deviation;
}

}  // namespace offcut::dataset
