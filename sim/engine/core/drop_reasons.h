#pragma once

#include <string>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The reasons for which a simulation may drop requests, numbered as in drop_reasons().
class DropReasons {
 public:
  explicit DropReasons(const Simulation& simulation);

  DropReason rejected(std::size_t tier) const { return rejected_[tier]; }
  DropReason machine_failed(std::size_t tier) const { return machine_[tier]; }
  DropReason link_failed(std::size_t hop) const { return link_[hop]; }
  DropReason failed_too_often() const { return too_often_; }
  DropReason timed_out() const { return timed_out_; }
  DropReason battery_empty() const { return battery_empty_; }
  DropReason handover() const { return handover_; }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  DropReason add(bool possible, const std::string& text);

  std::vector<std::string> texts_;
  std::vector<DropReason> rejected_, machine_, link_;
  DropReason too_often_;
  DropReason timed_out_;
  DropReason battery_empty_;
  DropReason handover_;
};

}  // namespace offcut::engine
