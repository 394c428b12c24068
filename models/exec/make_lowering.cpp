// The lowering without oneDNN: the reference operators, with what was folded and fused, and our own
// kernels.

#include "models/exec/finite.h"
#include "models/exec/lowering.h"

namespace offcut::exec {

std::vector<Layouts> layouts_to_try(const Program&, const PrepareOptions&) {
  return {Layouts::best_for_each};
}

std::unique_ptr<Lowering> make_lowering(const Program& program, Schedule& schedule,
                                        const PrepareOptions& options, Layouts, Trials&) {
  return std::make_unique<Lowering>(program, schedule, options.fast_kernels);
}

int take_worker_flags(int) { return 0; }  // There are no threads.

}  // namespace offcut::exec
