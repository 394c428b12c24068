#pragma once

#include "models/base/units.h"

namespace offcut::cost {

using JoulesPerByte = Quantity<0, -1, 0, 1>;

/// A state that a radio stays in for a fixed time.
struct RadioPhase {
  Seconds time;
  Watts power;

  Joules energy() const { return power * time; }
};

/// What a device's radio takes for one network, beside the idle device: the power is linear in the
/// throughput, alpha_u t_u + alpha_d t_d + beta (Huang et al., "A close examination of performance
/// and power characteristics of 4G LTE networks", MobiSys 2012, equation 1). An idle radio is
/// promoted before it sends, and stays up for a tail after the last byte.
struct Radio {
  JoulesPerByte up;    // alpha_u: 1 mW per Mbit/s is 8e-9 J per byte
  JoulesPerByte down;  // alpha_d
  Watts base;          // beta
  RadioPhase promotion;
  RadioPhase tail;
};

/// Power while it sends at `rate`; likewise while it receives.
inline Watts upload_power(const Radio& radio, BytesPerSecond rate) {
  return radio.up * rate + radio.base;
}
inline Watts download_power(const Radio& radio, BytesPerSecond rate) {
  return radio.down * rate + radio.base;
}

/// Energy of sending or receiving so many bytes at `rate`, without promotion and tail.
/// REQUIRES: rate > 0.
inline Joules upload_energy(const Radio& radio, Bytes bytes, BytesPerSecond rate) {
  return upload_power(radio, rate) * (bytes / rate);
}
inline Joules download_energy(const Radio& radio, Bytes bytes, BytesPerSecond rate) {
  return download_power(radio, rate) * (bytes / rate);
}

/// What it takes besides when the radio was idle before and is again afterwards.
inline Joules wake_energy(const Radio& radio) {
  return radio.promotion.energy() + radio.tail.energy();
}

}  // namespace offcut::cost
