#include <cfenv>

#include "models/exec/finite.h"

namespace offcut::exec {

int take_worker_flags(int threads) {
  int flags = 0;
  if (threads > 1) {
    const int watched = watched_flags();
#pragma omp parallel num_threads(threads) reduction(| : flags)
    {
      flags |= std::fetestexcept(watched);
      std::feclearexcept(watched);
    }
  }
  return flags;
}

}  // namespace offcut::exec
