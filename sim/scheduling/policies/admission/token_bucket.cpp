// token-bucket: a request needs a token; they drop in at `rate` into a bucket that holds `burst` of
// them and is full at first. As virtual scheduling (ITU-T I.371, annex A): instead of the tokens,
// it keeps the time at which the bucket will be full again, which each request puts off by 1 /
// rate.

#include <algorithm>

#include "sim/scheduling/admission.h"

namespace offcut::scheduling {
namespace {

// Requests that come at exactly the rate must pass, however their times are rounded.
constexpr double kTolerance = 1e-6;  // tokens

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
  Seconds gap_;        // from token to token
  Seconds earliness_;  // how long before the bucket is full there is a token in it
  Seconds full_;
};

}  // namespace

void register_token_bucket(Registry<AdmissionKind>& registry) {
  registry.add(
      {.name = "token-bucket",
       .doc = "takes requests up to a mean rate, and bursts",
       .parameters =
           {{.name = "rate",
             .dimension = Dimension::rate,
             .least = 1e-9,
             .most = 1e9,
             .doc = "requests per second of each queue, at most in the long run"},
            {.name = "burst", .fallback = 1, .least = 1, .most = 1e9, .doc = "requests at once"}},
       .make = [](const Parameters& p) -> std::unique_ptr<Admission> {
         return std::make_unique<TokenBucket>(p.at("rate"), p.at("burst"));
       }});
}

}  // namespace offcut::scheduling
