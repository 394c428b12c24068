#pragma once

#include <boost/random/uniform_int_distribution.hpp>

#include "models/base/random.h"

namespace offcut::partition {

/// Draws whole numbers, both bounds inclusive.
struct Between {
  RandomStream& random;

  int operator()(int least, int most) const {
    return boost::random::uniform_int_distribution<int>(least, most)(random);
  }
};

}  // namespace offcut::partition
