// Replays slow start and a token bucket for messages that have a link for themselves. The engine
// has the same rules for links that several messages share.

#include "sim/study/calibration/link_replay.h"

namespace offcut::study {

double LinkReplay::transmit(double now, double bytes) {
  const double tokens =
      std::min(link_.burst, tokens_ + link_.rate * std::max(0.0, now - idle_since_));
  const double passing = std::min(tokens, bytes);
  const double end = now + (bytes - passing) / link_.rate;
  tokens_ = end > now ? 0 : tokens - passing;
  idle_since_ = end;
  return end;
}

double LinkReplay::duration(double start, double bytes) {
  if (!link_.tcp) {
    return transmit(start, bytes) - start;
  }
  const partition::Tcp& tcp = *link_.tcp;
  const double round_trip = 2 * link_.latency;
  const double timeout = partition::retransmission_timeout(Seconds(round_trip)).si();
  if (window_ == 0 || tcp.handshake || (tcp.idle_restart && start - last_ > timeout)) {
    round_ = start;
    window_ = tcp.first_window().si();
    sent_ = 0;
  }
  const double filling = link_.rate * round_trip;
  double now = start;
  for (double left = bytes; left > 0;) {
    if (now >= round_ + round_trip) {
      window_ += window_ < filling ? sent_ : 0;
      round_ = now;
      sent_ = 0;
    }
    const double piece = window_ < filling ? std::min(left, window_ - sent_) : left;
    if (piece <= 0) {
      now = round_ + round_trip;
      continue;
    }
    sent_ += piece;
    left -= piece;
    now = transmit(now, piece);
    last_ = now;
  }
  return now - start;
}

}  // namespace offcut::study
