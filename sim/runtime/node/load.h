#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/runtime/node/node.h"
#include "sim/workload/arrivals.h"

namespace offcut::runtime {

/// The requests that a device asks of its node.
struct LoadSettings {
  const workload::Arrivals* arrivals = nullptr;
  bool closed_loop = false;
  std::optional<std::int64_t> requests;  // None: as many as the arrivals have.
  std::optional<Seconds> duration;       // No request arrives after it.
  std::uint64_t seed = 1;
};

/// A request of a load that has ended.
struct LoadedCall {
  std::int64_t number = 0;
  std::int64_t input = 0;
  CallEnd end;
};

/// Asks a node for the answers to inputs, at the times of an arrival process or one after another.
/// The arrival of a request is the scheduled time, however late the machine is. On the loop's
/// thread only.
class Load {
 public:
  using Inputs = std::vector<std::map<std::string, Tensor>>;

  /// `choose_cut` is called for each request; empty: all follow cut 0. `ended` is called for each
  /// request, and `over` once, after the last one. The node, the inputs and the arrivals must
  /// outlive it. REQUIRES: there are inputs.
  Load(Node& node, const LoadSettings& settings, const Inputs& inputs,
       std::function<std::size_t()> choose_cut, std::function<void(LoadedCall)> ended,
       std::function<void()> over);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  /// Begins now: this is time 0. REQUIRES: the node is ready.
  void begin();
  /// Asks for nothing more. Calls that are under way still end.
  void stop_asking();

  Seconds start() const { return start_; }
  std::int64_t asked() const { return asked_; }

 private:
  void schedule(Seconds after);
  void ask(Seconds arrival);
  void end_if_over();

  Node& node_;
  Loop& loop_;
  LoadSettings settings_;
  const Inputs& inputs_;
  std::function<std::size_t()> choose_cut_;
  std::function<void(LoadedCall)> ended_;
  std::function<void()> over_;
  workload::ArrivalSource source_;
  Seconds start_;
  std::int64_t asked_ = 0, under_way_ = 0;
  bool asks_ = true;
  bool is_over_ = false;
  Loop::Timer next_ = 0;
};

}  // namespace offcut::runtime
