#pragma once

#include <memory>

#include "tests/training/given_job.h"

namespace offcut::training {

/// Gives the job the strategy `vertical`: its samples are common to `parties` devices, each of
/// which has some of the six features in turn, and the network joins them. At most six parties.
class GivenVertical {
 public:
  GivenVertical(GivenJob& given, std::size_t parties);

  LocalTrainer& trainer() { return *trainer_; }

 private:
  ClientData data_;
  std::unique_ptr<Graph> network_;
  std::unique_ptr<LocalTrainer> trainer_;
};

}  // namespace offcut::training
