#include "sim/engine/tiers/load_meter.h"

namespace offcut::engine {

void LoadMeter::integrate(double now) {
  busy_time_ += static_cast<double>(busy_) * (now - since_);
  request_time_ += static_cast<double>(requests_) * (now - since_);
  since_ = now;
}

void LoadMeter::cores_busy(double now, std::ptrdiff_t change) {
  integrate(now);
  busy_ += change;
}

void LoadMeter::requests_present(double now, std::ptrdiff_t change) {
  integrate(now);
  requests_ += change;
}

LoadMeter::Reading LoadMeter::read(double now) {
  integrate(now);
  const double time = now - read_at_;
  const Reading reading = time > 0
                              ? Reading{busy_time_ / time, request_time_ / time}
                              : Reading{static_cast<double>(busy_), static_cast<double>(requests_)};
  read_at_ = now;
  busy_time_ = request_time_ = 0;
  return reading;
}

}  // namespace offcut::engine
