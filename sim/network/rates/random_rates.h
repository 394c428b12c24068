#pragma once

#include <memory>
#include <utility>

#include "sim/network/rates/generated.h"
#include "sim/network/rates/rate_kind.h"

namespace offcut::network {

/// Rates that are a link's bandwidth times the factors of a random process.
class RandomRates final : public RateModel {
 public:
  explicit RandomRates(std::shared_ptr<const RateProcess> process) : process_(std::move(process)) {}

  Rate rate(const LinkFigures& link) const override {
    return Rate(std::make_shared<Generated>(process_, link.bandwidth * link.payload, link.key));
  }

 private:
  std::shared_ptr<const RateProcess> process_;
};

}  // namespace offcut::network
