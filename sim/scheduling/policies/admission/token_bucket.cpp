// `token-bucket` takes a request if there is a token for it. Tokens arrive at `rate` in a bucket
// that holds `burst` of them and is full at first. This is virtual scheduling (ITU-T I.371, annex
// A): instead of the tokens, it keeps the time at which the bucket will be full again, which each
// request postpones by 1 / rate.

#include <algorithm>

#include "sim/scheduling/admission.h"

namespace offcut::scheduling {
namespace {

// Unit: tokens. Requests that arrive at exactly the rate must pass, however their times are
// rounded.
constexpr double kTolerance = 1e-6;

class TokenBucket : public Admission {
 public:
  TokenBucket(double rate, double burst)
      : gap_(1 / rate), earliness_((burst - 1 + kTolerance) / rate) {}

  bool admits(const ServerState&, const Job&, Seconds now) override {
    if (full_ - now > earliness_) {
      return false;
    }
    full_ = std::max(full_, now) + gap_;
    return true;
  }

 private:
  Seconds gap_;        // From token to token.
  Seconds earliness_;  // The bucket has a token from this long before it is full.
  Seconds full_;
};

}  // namespace

void register_token_bucket(Registry<AdmissionKind>& registry) {
  registry.add({.name = "token-bucket",
                .doc = "takes requests up to a mean rate, and short bursts beyond it",
                .parameters = {{.name = "rate",
                                .dimension = Dimension::rate,
                                .least = 1e-9,
                                .most = 1e9,
                                .doc = "largest mean rate of each queue in the long run"},
                               {.name = "burst",
                                .fallback = 1,
                                .least = 1,
                                .most = 1e9,
                                .doc = "largest number of requests at once"}},
                .make = [](const Parameters& p) -> std::unique_ptr<Admission> {
                  return std::make_unique<TokenBucket>(p.at("rate"), p.at("burst"));
                }});
}

}  // namespace offcut::scheduling
