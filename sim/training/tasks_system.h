#pragma once

#include "sim/training/strategy.h"

namespace offcut::training {

/// A running engine as the system that forecasts ask: what a strategy chooses when it begins. Tasks
/// know the times of single messages, so that those that share a link count as if they did not:
/// whoever plans a run with shared links states the choice in Job::level_of.
class TasksAsSystem final : public System {
 public:
  explicit TasksAsSystem(const engine::Tasks& tasks) : tasks_(tasks) {}

  std::size_t devices() const override { return tasks_.devices(); }
  std::size_t levels(std::size_t device) const override { return tasks_.levels(device); }
  std::size_t group_of(std::size_t device) const override { return tasks_.group_of(device); }
  std::size_t site_of(std::size_t device, std::size_t level) const override {
    return tasks_.site_of(device, level);
  }
  Seconds idle_time(const engine::Message& message, std::size_t /*together*/) const override {
    return tasks_.idle_time(message);
  }

 private:
  const engine::Tasks& tasks_;
};

}  // namespace offcut::training
