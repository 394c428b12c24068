#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/experiment/experiment.h"
#include "sim/experiment/model_cache.h"
#include "sim/study/sweep/sweep.h"

namespace offcut::study {

/// The scenario at a point, and its plans for an idle system.
struct PreparedPoint {
  experiment::Experiment experiment;
  std::vector<partition::Plan> own_plans;
};

/// Prepares the points of a sweep for prediction. Models are loaded once. Points whose values
/// differ only in the load, which neither the times of layers nor the plans for an idle system
/// depend on, share what is prepared: the numbers of servers, the rates of requests, and the end of
/// the run.
class PreparedPoints {
 public:
  /// The arguments must outlive it. Throws nothing for what is wrong with the scenario.
  PreparedPoints(const Sweep& sweep, const scenario::Registries& registries);

  /// Returns the point, which stays valid until the next call. Throws InputError if the scenario is
  /// invalid there, or if a plan can't be made.
  const PreparedPoint& at(std::size_t point);

  /// Loads the models and traces of all points, as far as these differ in settings of these. Errors
  /// are left to at().
  void load_models();
  /// Returns all points in an order in which those that share what is prepared are neighbours.
  std::vector<std::size_t> order() const;

 private:
  std::string key_of(std::size_t point) const;

  const Sweep& sweep_;
  const scenario::Registries& registries_;
  experiment::ModelCache models_;
  std::vector<bool> is_of_load_;  // By parameter of the sweep.
  std::map<std::string, PreparedPoint> prepared_;
};

}  // namespace offcut::study
