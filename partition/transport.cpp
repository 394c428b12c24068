#include "partition/transport.h"

namespace offcut::partition {

std::vector<Stall> slow_start_stalls(const Tcp& tcp, BytesPerSecond rate, Seconds round_trip) {
  std::vector<Stall> stalls;
  Bytes sent;
  for (Bytes window = tcp.first_window(); window < rate * round_trip; window += window) {
    sent += window;
    stalls.push_back({sent, round_trip - window / rate});
  }
  return stalls;
}

Seconds stall_time(const std::vector<Stall>& stalls, Bytes message) {
  Seconds sum;
  for (const Stall& stall : stalls) {
    sum += message > stall.after ? stall.time : Seconds(0);
  }
  return sum;
}

}  // namespace offcut::partition
