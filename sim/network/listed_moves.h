#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/network/movement.h"

namespace offcut::network {

/// A movement whose moves are all known. Move by move, they are added in the order of time.
class ListedMoves final : public Movement {
 public:
  void add(std::size_t device, Move move) { moves_[device].push_back(move); }

  std::unique_ptr<Walk> walk(std::size_t device, std::uint64_t /*seed*/) const override {
    const auto found = moves_.find(device);
    return found == moves_.end() ? nullptr : std::make_unique<Listed>(found->second);
  }

 private:
  class Listed final : public Walk {
   public:
    explicit Listed(const std::vector<Move>& moves) : moves_(moves) {}
    std::optional<Move> next() override {
      return next_ < moves_.size() ? std::optional(moves_[next_++]) : std::nullopt;
    }

   private:
    const std::vector<Move>& moves_;
    std::size_t next_ = 0;
  };

  std::map<std::size_t, std::vector<Move>> moves_;  // By device.
};

/// Return what is wrong with the device or the site of a row of moves; empty: nothing.
std::string reason_no_device(const std::vector<MovingGroup>& groups, std::size_t device);
std::string reason_no_place(const std::vector<MovingGroup>& groups, std::size_t device,
                            std::size_t place);

}  // namespace offcut::network
