#pragma once

#include <vector>

#include "models/base/units.h"

namespace offcut::cost {

using JoulesPerByte = Quantity<0, -1, 0, 1>;

/// A state in which a radio stays for a fixed time.
struct RadioPhase {
  Seconds time;
  Watts power;

  Joules energy() const { return power * time; }
};

/// The power draw of a device's radio on one kind of link, in addition to the idle device: it is
/// linear in the throughput, alpha_u t_u + alpha_d t_d + beta (Huang et al., "A close examination
/// of performance and power characteristics of 4G LTE networks", MobiSys 2012, equation 1). An idle
/// radio is promoted before it sends, which delays the message. After the last byte, it passes
/// through the tails and is idle again; a message in that time needs no promotion. Until the answer
/// to a message is back, the radio stays in the first tail.
struct Radio {
  JoulesPerByte up;    // The slope alpha_u: 1 mW per Mbit/s is 8e-9 J per byte.
  JoulesPerByte down;  // The slope alpha_d.
  Watts base;          // The constant beta.
  RadioPhase promotion;
  std::vector<RadioPhase> tails;  // One after the other: on 3G, DCH and then FACH.
};

/// Return the power draw while the radio sends or receives at `rate`.
inline Watts upload_power(const Radio& radio, BytesPerSecond rate) {
  return radio.up * rate + radio.base;
}
inline Watts download_power(const Radio& radio, BytesPerSecond rate) {
  return radio.down * rate + radio.base;
}

/// Return the energy to send or receive bytes at `rate`, without promotion and tail.
/// REQUIRES: rate > 0.
inline Joules upload_energy(const Radio& radio, Bytes bytes, BytesPerSecond rate) {
  return upload_power(radio, rate) * (bytes / rate);
}
inline Joules download_energy(const Radio& radio, Bytes bytes, BytesPerSecond rate) {
  return download_power(radio, rate) * (bytes / rate);
}

/// Returns the energy from the last byte until the radio is idle.
inline Joules tail_energy(const Radio& radio) {
  Joules sum;
  for (const RadioPhase& tail : radio.tails) {
    sum += tail.energy();
  }
  return sum;
}
/// Returns how long the radio stays awake after the last byte.
inline Seconds tail_time(const Radio& radio) {
  Seconds sum;
  for (const RadioPhase& tail : radio.tails) {
    sum += tail.time;
  }
  return sum;
}
/// Returns the power draw while the radio waits for an answer.
inline Watts waiting_power(const Radio& radio) {
  return radio.tails.empty() ? Watts(0) : radio.tails.front().power;
}

/// Returns the additional energy if the radio is idle before and after a transfer.
inline Joules wake_energy(const Radio& radio) {
  return radio.promotion.energy() + tail_energy(radio);
}

}  // namespace offcut::cost
