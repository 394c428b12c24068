#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <numeric>
#include <queue>
#include <vector>

#include "sim/training/strategy.h"

namespace offcut::training {

/// A small system for tests of strategies, without requests: it is the engine's Tasks and a
/// forecast's System at once. A machine computes one task per core at a time, in their order. A
/// link is shared by the messages on it in equal parts; a device sends one message at a time. Hop 0
/// has a link for each device, or one for all of them; later hops have one for all.
struct FakeHop {
  Seconds latency;
  BytesPerSecond up, down;
  bool shared = false;
};
struct FakeFailure {
  Seconds at;
  bool of_machine = true;  // Else of a link.
  std::size_t level = 0;   // Or hop.
  std::size_t number = 0;  // The site or device of a machine, or the device of a hop-0 link.
  bool is_up = false;
};
struct FakeLayout {
  std::size_t devices = 1;
  std::vector<FakeHop> hops;            // Levels are one more.
  std::vector<std::size_t> sites = {};  // By later level; each has devices in equal parts.
  std::size_t cores = 1;                // Of later machines.
  std::vector<FakeFailure> failures = {};
};

class FakeTasks final : public engine::Tasks, public System {
 public:
  explicit FakeTasks(FakeLayout layout);

  /// Runs a director until it ends, nothing is left to do, or the time is over. Returns the time.
  Seconds run(engine::Director& director, Seconds limit = Seconds(1e12));

  // The questions of a director.
  Seconds now() const override { return now_; }
  void compute(const engine::Computation& computation, std::size_t token) override;
  void send(const engine::Message& message, std::size_t token) override;
  void at(Seconds time, std::size_t token) override;
  bool is_up(std::size_t device, std::size_t level) const override;
  bool is_way_up(std::size_t device, std::size_t hop) const override;
  void when_up(std::size_t device, std::size_t level, std::size_t token) override;
  void when_way_up(std::size_t device, std::size_t hop, std::size_t token) override;
  Seconds idle_time(const engine::Message& message) const override;
  std::size_t devices() const override { return layout_.devices; }
  std::size_t levels(std::size_t) const override { return layout_.hops.size() + 1; }
  std::size_t site_of(std::size_t device, std::size_t level) const override;
  std::size_t group_of(std::size_t) const override { return 0; }
  Joules energy_of(std::size_t device) const override { return energy_[device]; }
  Joules energy() const override {
    return std::accumulate(energy_.begin(), energy_.end(), Joules(0));
  }
  void end() override { is_over_ = true; }

  // The further questions of a forecast.
  Seconds idle_time(const engine::Message& message, std::size_t together) const override;

  std::size_t handed_out() const { return handed_out_; }
  std::size_t reported() const { return reported_; }
  /// Returns the bytes that left their senders over all hops.
  const Carried& carried() const { return carried_; }

 private:
  struct Task {
    std::size_t token = 0;
    std::size_t device = 0;
    Seconds handed_out, begin;
    double left = 0;  // Seconds, or bytes.
    Bytes bytes;
    std::uint64_t id = 0;
    bool in_line = false;  // A message from the device, which the next one waits for.
    std::size_t hop = 0;
  };
  struct Machine {
    bool is_up = true;
    std::size_t cores = 1;
    std::vector<Task> running;
    std::deque<Task> queue;
    std::vector<std::function<void()>> waiting;
  };
  struct Direction {
    double rate = 0;
    std::vector<Task> flows;
    Seconds since;
    std::uint64_t version = 0;
  };
  struct Link {
    bool is_up = true;
    Direction ways[2];
    std::vector<std::function<void()>> waiting;
  };
  struct Event {
    Seconds at;
    std::uint64_t order;
    std::function<void()> act;
    bool operator<(const Event& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  void schedule(Seconds time, std::function<void()> act);
  void report(const Task& task, bool is_done);
  Machine& machine(std::size_t device, std::size_t level);
  const Machine& machine(std::size_t device, std::size_t level) const;
  Link& link(std::size_t device, std::size_t hop);
  const Link& link(std::size_t device, std::size_t hop) const;
  void begin_computations(Machine& machine);
  void begin_message(Task task);
  void leave_line(const Task& task);
  void advance(Direction& way);
  void plan(Link& link, std::size_t way);
  void fail(const FakeFailure& failure);

  FakeLayout layout_;
  engine::Director* director_ = nullptr;
  Seconds now_;
  bool is_over_ = false;
  std::priority_queue<Event> events_;
  std::uint64_t order_ = 0;
  std::uint64_t ids_ = 0;
  std::vector<std::vector<Machine>> machines_;  // By level and site.
  std::vector<std::vector<Link>> links_;        // By hop and link.
  std::vector<std::deque<Task>> lines_;         // By device; the first one is on its link.
  std::vector<Joules> energy_;
  std::size_t handed_out_ = 0, reported_ = 0;
  Carried carried_;
};

}  // namespace offcut::training
