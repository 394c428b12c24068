#pragma once

#include <functional>
#include <vector>

#include "sim/engine/core/event_queue.h"
#include "sim/engine/links/fair_share.h"

namespace offcut::engine {

/// Wi-Fi cells, in each of which stations send one frame after another in turn: the distributed
/// coordination function gives all of them the same chance, whatever their rates. A frame of
/// station i occupies the medium for a time T_i, overhead included, so that each active station
/// sends 1 / sum(T_i) frames per second, and a slow station slows all others down (Heusse,
/// Rousseau, Berger-Sabbatel and Duda, "Performance Anomaly of 802.11b", INFOCOM 2003).
///
/// Frames are equally large, and so small that their order does not matter: a job of station i that
/// alone takes c_i per byte progresses at 1 / sum(c_i). Each message is a station while it is sent.
class CellShares final : EventQueue::Handler {
 public:
  CellShares(EventQueue& events, FairShares::Listener& listener, std::size_t cells)
      : events_(events), listener_(listener), cells_(cells) {}

  /// Begins to serve a job of so many bytes, of which one takes `cost` seconds on the idle medium.
  /// REQUIRES: size >= 0 and cost > 0.
  void start(std::size_t which, double size, double cost, void* job);
  /// Removes an unfinished job.
  void remove(std::size_t which, const void* job);
  /// Calls `visit` with each unfinished job and the part of its size that is left now.
  void visit(std::size_t which, const std::function<void(void* job, double left)>& visit);
  std::size_t count() const { return cells_.size(); }

 private:
  struct Job {
    double finish;  // The value of Cell::progress at which this job is done.
    double cost;
    void* job;
  };
  struct Cell {
    std::vector<Job> jobs;      // In the order in which they started.
    double progress = 0;        // Made by a job since the cell was last idle.
    double since = 0;           // The time of `progress`.
    std::uint32_t version = 0;  // Events of other versions are out of date.
  };

  void handle(std::uint32_t version, std::uint32_t which, void* subject) override;
  void advance(Cell& cell) const;
  void schedule(std::size_t which);

  EventQueue& events_;
  FairShares::Listener& listener_;
  std::vector<Cell> cells_;
};

}  // namespace offcut::engine
